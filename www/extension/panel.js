// The popup and the side panel: the demo's form and cards. They store what is to be done, and wake the
// background, which does it.

import { openSidePanel } from 'side-panel';
import { StableAudio } from 'stable-audio-client';

import { announceJob } from '../announcer.js';
import { openClearHistory } from '../clear-history.js';
import { focusForm, focusGenerate, openForm } from '../form.js';
import { guardGestures, isRepeated } from '../gestures.js';
import { isUnfinished } from '../job-state.js';
import { showTracks } from '../tracks.js';
import { playOneAtATime } from './one-player.js';
import { isKeyMissing, loadSettings, serviceUrl } from './settings.js';
import { describeStorageError, openStoredJobs } from './stored-jobs.js';

const backend = { mode: 'extension' };

const jobs = openStoredJobs({ saved: runDue, onStorageError: showStorageError });
const form = openForm({ submit });
const showFinishedCount = openClearHistory({
  finished: () => jobs.getSnapshot().filter((job) => !isUnfinished(job)),
  remove: (finished) => finished.forEach(({ key }) => jobs.remove(key)),
});

guardGestures();
playOneAtATime();
offerSidePanel();
document.querySelector('#options').addEventListener('click', openOptions);
chrome.storage.onChanged.addListener(showBackend);
// Cards link to the account that requests go to.
await showBackend();
showTracks({
  jobs,
  // Downloads alone: a track is fetched without a key.
  client: new StableAudio({ baseUrl: serviceUrl }),
  backend,
  actions: {
    edit: (request) => fillForm(request, focusForm),
    again: (request) => fillForm(request, focusGenerate),
    key: openOptions,
  },
  changed(job) {
    announceJob(job, backend);
    markSeen();
  },
  shown: showCounts,
});
document.addEventListener('visibilitychange', markSeen);
markSeen();
// While somebody looks, the background need not wait for its alarm.
setInterval(() => {
  if (jobs.getSnapshot().some(isDue)) runDue();
}, 1000);

function submit(request) {
  if (!isRepeated(request)) jobs.add(request);
}

function fillForm(request, focus) {
  form.fill(request);
  focus();
}

function openOptions() {
  return chrome.runtime.openOptionsPage();
}

function runDue() {
  return chrome.runtime.sendMessage({ type: 'runDue' });
}

function markSeen() {
  if (!document.hidden) chrome.runtime.sendMessage({ type: 'markSeen' });
}

function showCounts(all) {
  document.querySelector('#empty').hidden = all.length > 0;
  showFinishedCount();
}

function isDue(job) {
  return isUnfinished(job) && job.generation?.nextCheckAt <= Date.now();
}

/** Says what requests are sent to. */
async function showBackend() {
  const current = await loadSettings();
  const isMissing = isKeyMissing(current);
  backend.host = new URL(current.address).host;
  const description = document.querySelector('#backend');
  description.dataset.mode = isMissing ? 'none' : 'extension';
  description.textContent = isMissing
    ? 'There is no key yet: give one, or the address of a proxy, in the options.'
    : `Talks to ${backend.host}: each generation may spend real credits.`;
}

function showStorageError(error) {
  const mistake = document.querySelector('#storage-mistake');
  mistake.hidden = false;
  mistake.textContent = describeStorageError(error);
}

/** In the popup, leads to the panel that stays open beside the page. */
function offerSidePanel() {
  if (location.search !== '?popup') return;
  document.documentElement.dataset.popup = '';
  const button = document.querySelector('#side-panel');
  button.hidden = false;
  button.addEventListener('click', () => openSidePanel().then(() => window.close()));
}
