// Several panels at once, each in a tab of its own.

/** What tests do with the panels, from the page that is open; `inPage` runs a function there. */
export function panelHelpers(inPage, waitFor) {
  /** Calls `work` with the windows of all panels, in one task. */
  const inPanels = (work, ...values) => inPage(`(...values) => (${work})((${views})(), ...values)`, ...values);
  return {
    inPanels,

    /** Resolves to what closes it again. */
    async openSecondPanel({ active = false } = {}) {
      const { id } = await inPage(
        (isShown) => chrome.tabs.create({ url: chrome.runtime.getURL('panel.html'), active: isShown }),
        active,
      );
      await waitFor('the second panel is there', () =>
        inPanels((panels) => panels.length === 2 && panels.every(({ document }) => document.readyState === 'complete')),
      );
      return () => inPage((tab) => chrome.tabs.remove(tab), id);
    },

    /** Presses a button of the newest card in all panels, in one task. */
    pressInPanels: (action) =>
      inPanels((panels, name) => {
        for (const { document } of panels) document.querySelector(`.card [data-action=${name}]`).click();
      }, action),
  };
}

function views() {
  return chrome.extension.getViews({ type: 'tab' }).filter(({ location }) => location.pathname === '/panel.html');
}
