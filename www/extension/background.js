// The background: hears the menu, the alarm and the panel. All listeners are added at once when it
// starts, so that what woke it is heard.

import { Job } from '../job.js';
import { begin, cancel, goOn, resume, retry } from './follow.js';
import { browser } from './browser.js';
import { records } from './records.js';
import { settings, service } from './settings.js';

const menu = 'generate';

browser.runtime.onInstalled.addListener(async () => {
  await browser.contextMenus.removeAll();
  browser.contextMenus.create({ id: menu, title: 'Generate audio from selection', contexts: ['selection'] });
});
browser.contextMenus.onClicked.addListener(generateFromSelection);
browser.alarms.onAlarm.addListener(goOn);
browser.runtime.onStartup.addListener(goOn);
browser.runtime.onMessage.addListener(hear);
browser.notifications.onClicked.addListener(() => browser.tabs.create({ url: browser.runtime.getURL('panel.html') }));

// Whatever woke this life, an earlier one may have left something.
goOn();

/** What the menu does. */
export async function generateFromSelection({ selectionText }) {
  const prompt = selectionText.replace(/\s+/g, ' ').trim();
  if (!prompt) return;
  const { address, key } = await settings();
  if (!key && address === service) await browser.runtime.openOptionsPage();
  await begin(Job.record({ prompt }));
}

// Menus cannot be driven by a test, which calls this instead.
globalThis.generateFromSelection = generateFromSelection;

const orders = {
  begin: ({ record }) => begin(record),
  retry: ({ key }) => retry(key),
  resume: ({ key }) => resume(key),
  cancel: ({ key }) => cancel(key),
  remove: ({ keys }) => records.remove(keys),
  goOn,
  async seen() {
    await browser.storage.session.remove('unseen');
    await browser.action.setBadgeText({ text: '' });
  },
};

/** Obeys the extension's own pages: no other page can send messages here. */
function hear(message, _sender, answer) {
  orders[message.order]?.(message).then(
    () => answer({}),
    (error) => answer({ error: String(error) }),
  );
  return true;
}
