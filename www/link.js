// A link that carries a request in its fragment, which no server sees. It fills the form, and never sends.

const names = ['prompt', 'secondsStart', 'secondsTotal', 'steps'];

/** The link to this page with a request's settings. */
export function linkTo(request) {
  const settings = names.filter((name) => request[name] !== undefined).map((name) => [name, request[name]]);
  return `${location.href.split('#')[0]}#${new URLSearchParams(settings)}`;
}

/** Calls `fill` with the settings that the page's address carries, now and whenever it carries others. */
export function watchLink(fill) {
  const read = () => {
    const settings = new URLSearchParams(location.hash.slice(1));
    const given = names.filter((name) => settings.has(name)).map((name) => [name, settings.get(name)]);
    if (given.length > 0) fill(Object.fromEntries(given));
  };
  addEventListener('hashchange', read);
  read();
}
