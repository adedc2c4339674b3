// Opens the panel beside the page, as Chromium does it.

export async function openBeside() {
  const { id: windowId } = await chrome.windows.getCurrent();
  await chrome.sidePanel.open({ windowId });
}
