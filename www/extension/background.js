// The background: answers the menu, the alarm and the extension's pages, and may be killed at any moment.
// All listeners are added while it starts, so that the event that has started it is delivered.

import { isRepeated } from '../gestures.js';
import { client } from './client.js';
import { createMenu } from './menu.js';
import { showNotification } from './notifications.js';
import { announceOutcomes, markSeen } from './outcomes.js';
import { isKeyMissing, loadSettings } from './settings.js';
import { describeStorageError, openStoredJobs } from './stored-jobs.js';

const alarm = 'run-due';
/** Browsers deliver alarms no more often. */
const minAlarmMs = 30_000;
/** An idle background is killed after 30 s. */
const keepAliveMs = 20_000;

const jobs = openStoredJobs({
  client,
  onStorageError: (error) => showNotification('storage', 'Not stored', describeStorageError(error)),
});
let running = 0;

chrome.runtime.onInstalled.addListener(onInstalled);
chrome.contextMenus.onClicked.addListener(generateFromSelection);
chrome.alarms.onAlarm.addListener(runDue);
chrome.runtime.onStartup.addListener(runDue);
chrome.runtime.onMessage.addListener(onMessage);
chrome.notifications.onClicked.addListener(() => chrome.tabs.create({ url: chrome.runtime.getURL('panel.html') }));

announceOutcomes(jobs);
// Whatever has started this background, an earlier one may have left jobs unfinished.
runDue();

async function onInstalled({ reason }) {
  // Nothing works before there is a key, or a proxy's address.
  if (reason === 'install') chrome.runtime.openOptionsPage();
  await createMenu();
}

/** What the menu item does. */
export async function generateFromSelection({ selectionText }) {
  const prompt = selectionText.replace(/\s+/g, ' ').trim();
  if (!prompt || isRepeated({ prompt })) return;
  jobs.add({ prompt });
  if (isKeyMissing(await loadSettings())) await chrome.runtime.openOptionsPage();
  await runDue();
}

// Menus cannot be driven by a test, which calls this instead.
globalThis.generateFromSelection = generateFromSelection;

/** Takes a step of every job that is due, and sets the alarm for the next. */
async function runDue() {
  const next = await takeSteps();
  // Of several at once the last to finish knows.
  if (running > 0) return;
  if (next === undefined) await chrome.alarms.clear(alarm);
  else await setAlarm(next);
}

async function takeSteps() {
  running += 1;
  // A call of the extension API keeps the background alive for another while; a fetch does not.
  const keepAlive = setInterval(() => chrome.runtime.getPlatformInfo(), keepAliveMs);
  try {
    // Set before anything is waited for: this background may not see the end of it.
    await setAlarm(Date.now());
    return await jobs.runDue();
  } finally {
    running -= 1;
    clearInterval(keepAlive);
  }
}

function setAlarm(dueAt) {
  const when = Math.max(dueAt, Date.now() + minAlarmMs);
  return chrome.alarms.create(alarm, { when, periodInMinutes: minAlarmMs / 60_000 });
}

const handlers = { runDue, markSeen: () => markSeen(jobs) };

/** Replies to the extension's own pages, once done: no other page can send messages here. */
function onMessage({ type }, _sender, reply) {
  handlers[type]().then(
    () => reply({}),
    (error) => reply({ error: String(error) }),
  );
  return true;
}
