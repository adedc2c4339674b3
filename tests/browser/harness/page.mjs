// Runs functions in a page and brings their results, or their errors, back.

/** What a page's function threw: name, message, code and every other field of the original. */
export class PageError extends Error {
  constructor({ message, stack, ...fields }) {
    super(message);
    Object.assign(this, fields, { pageStack: stack });
  }
}

/** A page of the site, open in the browser. */
export function openPage(driver, site) {
  return {
    /** Loads a page of the site afresh. */
    async open(path = '/') {
      await driver.get(site.url + path);
      await driver.wait(() => driver.executeScript('return typeof window.run === "function"'), 10_000);
    },

    /**
     * Runs an async function in the page with JSON values as its arguments, and resolves to what
     * it returns, as JSON. It sees nothing of the test's scope; `import('stable-audio-client')`
     * works in it. What it throws is thrown here as a `PageError`.
     */
    async run(work, ...values) {
      const script = `const done = arguments[arguments.length - 1];
        window.run(arguments[0], JSON.parse(arguments[1])).then(done);`;
      const json = await driver.executeAsyncScript(script, String(work), JSON.stringify(values));
      const { value, error } = JSON.parse(json);
      if (error) throw new PageError(error);
      return value;
    },
  };
}
