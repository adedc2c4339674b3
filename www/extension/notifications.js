// The browser's notifications.

/** Shows a notification, in place of an earlier one of the same id. */
export function showNotification(id, title, message) {
  const iconUrl = chrome.runtime.getURL('icons/128.png');
  return chrome.notifications.create(id, { type: 'basic', iconUrl, title, message });
}
