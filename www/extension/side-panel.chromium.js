// Opens the panel beside the page: Chromium's side panel.

export async function openSidePanel() {
  const { id: windowId } = await chrome.windows.getCurrent();
  await chrome.sidePanel.open({ windowId });
}
