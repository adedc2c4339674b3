// The page: a form that starts jobs, and a list of cards that show them. The package's jobs store what is
// sent, follow it, and take it up again after a reload.

import { StableAudio, ready } from 'stable-audio-client';
import { openJobs } from 'stable-audio-client/jobs';

import { announce, announceJob } from './announcer.js';
import { describeBackend, expectedAt, loadBackend, pollIntervalMs } from './backend.js';
import { openClearHistory } from './clear-history.js';
import { openConnection } from './connection.js';
import { recallDraft, rememberDraft } from './draft.js';
import { createCopyButton } from './element.js';
import { focusForm, focusGenerate, openForm } from './form.js';
import { guardGestures, isRepeated } from './gestures.js';
import { isUnfinished, progressOf } from './job-state.js';
import { linkTo, watchLink } from './link.js';
import { openSearch } from './search.js';
import { openSpending } from './spending.js';
import { openStudio } from './studio.js';
import { watchSubmits } from './submit-watch.js';
import { createTakes } from './takes.js';
import { openTakesField } from './takes-field.js';
import { notify, offerNotifications, showInTitle } from './title.js';
import { showTracks } from './tracks.js';

const empty = document.querySelector('#empty');
const storageMistake = document.querySelector('#storage-mistake');
const description = document.querySelector('#backend');
const submits = watchSubmits();
let jobs, tracks, connection, laboratory;

guardGestures();
// Loads the module while the page is read. Should it fail, the first call says why.
ready().catch(() => {});

const backend = await loadBackend();
const takes = openTakesField(document.querySelector('#form'));
const form = openForm({ submit, draft: recallDraft(), changed: rememberDraft, takes: () => takes.count });
const search = openSearch();
const spending = openSpending({ isReal: backend.mode !== 'emulator' });
const copyLink = createCopyButton('Copy a link to these settings', () => linkTo(form.read()));
document.querySelector('#link').append(copyLink.button, copyLink.status);
watchLink((settings) => {
  form.fill(settings);
  announce('The form is filled by the link. Nothing is sent until you press Generate.');
});
const showFinishedCount = openClearHistory({
  finished: () => jobs.getSnapshot().filter((job) => !isUnfinished(job)),
  remove: (finished) => finished.forEach(({ key }) => jobs.remove(key)),
});
if (backend.mode === 'direct') {
  connection = openConnection({
    opened(options, { host, isConnected }) {
      describeBackend({ ...backend, host, isConnected }, description);
      // Without a key there is nothing to follow jobs with, but they are shown.
      open({ options, name: `direct/${host}`, host, follow: isConnected });
    },
  });
} else {
  describeBackend(backend, description);
  // The server half of the package keeps the key, so this page has none.
  open({ options: { baseUrl: '/api', recovery: 'server' }, name: backend.mode, follow: true });
}
// Shown only now, when nothing above it will grow.
delete document.body.dataset.waiting;

document.addEventListener('visibilitychange', showProgress);
// Asks before a page is left, or reloaded, that would take with it the answer to a submit.
addEventListener('beforeunload', (event) => {
  if (submits.isUnanswered) event.preventDefault();
});
setInterval(showProgress, 1000);
if (backend.emulator) {
  const { openLaboratory } = await import('./laboratory.js');
  laboratory = openLaboratory({
    url: backend.emulator,
    submits,
    forEachCard: (work) => tracks.forEach(work),
    next: focusGenerate,
  });
}

/** Opens the jobs that are stored for what the page talks to, in place of those that were open. */
function open({ options, name, host, follow }) {
  tracks?.close();
  jobs?.close();
  const client = new StableAudio({ ...options, fetch: submits.fetch });
  jobs = openJobs({
    client,
    name: `stable-audio/${name}`,
    follow,
    waitOptions: { pollIntervalMs: pollIntervalMs(backend) },
    onStorageError: showStorageError,
  });
  const studio = openStudio({ client, jobs });
  tracks = showTracks({
    jobs,
    client,
    backend: { ...backend, host, isConnected: follow },
    submits,
    actions: {
      edit: (request) => fillForm(request, focusForm),
      again: (request) => fillForm(request, focusGenerate),
      ...(backend.mode === 'direct' && { key: () => connection.ask() }),
    },
    guard: (job, retry) => spending.guard(job.request, () => (spending.count(job), retry())),
    ...studio,
    changed(job) {
      announceJob(job, backend);
      notify(job);
    },
    shown: showCounts,
  });
}

function submit(request) {
  // What is added is to be seen.
  search.clear();
  if (connection && !connection.isConnected) connection.ask('Give a key first, or the address of a proxy.');
  else if (!isRepeated(request)) spending.guard(request, () => add(request), takes.count);
}

function add(request) {
  for (const meta of createTakes(takes.count)) spending.count(jobs.add(request, { meta }));
}

function showStorageError({ message }) {
  storageMistake.textContent = `This browser may not keep what is under way (${message}). Leave this page only when all is done.`;
  storageMistake.hidden = false;
}

function fillForm(request, focus) {
  form.fill(request);
  focus();
}

function showCounts(all) {
  empty.hidden = all.length > 0;
  search.update();
  showFinishedCount();
  offerNotifications(all.some(isUnfinished));
  laboratory?.touch();
  spending.update(all);
  showProgress();
}

function showProgress() {
  const unfinished = jobs.getSnapshot().filter(isUnfinished);
  if (unfinished.length > 0) laboratory?.touch();
  showInTitle(unfinished.map((job) => progressOf(job, expectedAt(job.generation, backend))));
}
