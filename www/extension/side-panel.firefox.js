// Opens the panel beside the page: Firefox's sidebar. Firefox wants this called in the press's own task.

export function openSidePanel() {
  return chrome.sidebarAction.open();
}
