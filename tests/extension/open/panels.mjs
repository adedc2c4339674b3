// Several panels at once, each in a tab of its own.

/** What tests do with the panels, from the page that is open; `inPage` runs a function there. */
export function panelHelpers(inPage, waitFor) {
  /** Calls `work` with the windows of all panels, in one task. */
  const inPanels = (work) => inPage(`() => (${work})(chrome.extension.getViews({ type: 'tab' }))`);
  return {
    inPanels,

    /** Resolves to what closes it again. */
    async openSecondPanel() {
      const { id } = await inPage(() =>
        chrome.tabs.create({ url: chrome.runtime.getURL('panel.html'), active: false }),
      );
      await waitFor('the second panel is there', () =>
        inPanels((panels) => panels.length === 2 && panels.every(({ document }) => document.readyState === 'complete')),
      );
      return () => inPage((tab) => chrome.tabs.remove(tab), id);
    },

    /** Presses a button of the newest card in all panels, in one task. */
    pressInPanels: (action) =>
      inPage((name) => {
        for (const { document } of chrome.extension.getViews({ type: 'tab' })) {
          document.querySelector(`.card [data-action=${name}]`).click();
        }
      }, action),
  };
}
