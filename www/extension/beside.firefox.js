// Opens the panel beside the page, as Firefox does it: the call must answer the press at once.

export function openBeside() {
  return browser.sidebarAction.open();
}
