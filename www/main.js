// The page: a form that starts generations, and a list of cards that show them.

import { StableAudio, ready } from 'stable-audio-client';

import { announce } from './announcer.js';
import { backend, describe, expectedAt } from './backend.js';
import { Card } from './card.js';
import { openClearing } from './clearing.js';
import { openConnection } from './connection.js';
import { focusForm, focusGenerate, openForm } from './form.js';
import { guardGestures, isRepeated } from './gesture.js';
import { Job } from './job.js';
import { PageJob } from './page-job.js';
import { Player } from './player.js';
import { openStore } from './store.js';
import { notify, offerNotifications, showInTitle } from './title.js';

const tracks = document.querySelector('#tracks');
const empty = document.querySelector('#empty');
const said = document.querySelector('#backend');

/** All that is on the page: each job by its key, with its card. */
const shown = new Map();
let openClient, client, store;
let leaving = new AbortController();

guardGestures();
// Loads the module while the page is read. Should it fail, the first call says why.
ready().catch(() => {});

const service = await backend();
const form = openForm({ submit });
const countFinished = openClearing({
  finished: () => [...shown.values()].map(({ job }) => job).filter((job) => !job.isUnfinished),
  remove: (jobs) => jobs.forEach(forget),
});
let connection;
if (service.mode === 'direct') {
  connection = openConnection({
    opened({ host, openClient: its }) {
      describe({ ...service, host }, said);
      open(its, `direct/${host}`);
    },
    connected({ host }) {
      describe({ ...service, host, isConnected: true }, said);
      takeUp();
    },
  });
} else {
  // The server half of the package keeps the key, so this page has none.
  open((options) => new StableAudio({ baseUrl: '/api', recovery: 'server', ...options }), service.mode);
  describe(service, said);
  takeUp();
}
// Shown only now, when nothing above it will grow.
delete document.body.dataset.waiting;

document.addEventListener('visibilitychange', tick);
// Asks before a page is left, or reloaded, that would take with it the answer to a request.
addEventListener('beforeunload', (event) => {
  if ([...shown.values()].some(({ job }) => job.isSending)) event.preventDefault();
});
setInterval(tick, 1000);

/** Shows the jobs that are stored for what the page talks to. */
function open(its, mode) {
  leaving.abort();
  leaving = new AbortController();
  for (const { card } of shown.values()) card.close();
  shown.clear();
  openClient = its;
  client = openClient();
  store = openStore(mode);
  store.load().forEach((record) => add(new PageJob(record)));
  store.watch(follow, leaving.signal);
  count();
}

function takeUp() {
  for (const { job } of shown.values()) job.takeUp();
}

function submit(request) {
  if (connection && !connection.isConnected) return connection.ask('Give a key first, or the address of a proxy.');
  return isRepeated(request) ? undefined : add(new PageJob(Job.record(request))).start();
}

/** Puts a job on the page, newest first. */
function add(job) {
  const card = new Card(job, {
    client,
    service,
    edit,
    again,
    remove: () => remove(job),
    checkKey: connection && (() => connection.ask()),
    openPlayer: (...given) => new Player(...given),
  });
  let heard = job.phase;
  const changed = () => {
    card.render();
    if (job.phase === heard) return;
    heard = job.phase;
    announce(job, service);
    notify(job);
    count();
  };
  job.connect({ openClient, service, store, changed });
  shown.set(job.record.key, { job, card });
  tracks.prepend(card.element);
  count();
  return job;
}

/** Shows what another tab has stored or removed, and stands by should that tab be closed. */
function follow(key, record) {
  const known = shown.get(key);
  if (known && !record) take(known.job);
  else if (known) known.job.adopt(record);
  else if (record) add(new PageJob(record)).takeUp();
}

function edit(request) {
  form.fill(request);
  focusForm();
}

function again(request) {
  form.fill(request);
  focusGenerate();
}

function remove(job) {
  forget(job);
  focusForm();
}

/** Takes a job from the page, and from where it is stored. */
function forget(job) {
  store.remove(job.record);
  take(job);
}

/** Takes a job from the page. */
function take(job) {
  const { key } = job.record;
  job.remove();
  shown.get(key)?.card.close();
  shown.delete(key);
  count();
}

function count() {
  const jobs = [...shown.values()].map(({ job }) => job);
  empty.hidden = jobs.length > 0;
  countFinished();
  offerNotifications(jobs.some((job) => job.isUnfinished));
  tick();
}

function tick() {
  const jobs = [...shown.values()].map(({ job }) => job).filter((job) => job.isUnfinished);
  const shares = jobs.map((job) => job.progress(job.record.generation && expectedAt(job.record.generation, service)));
  showInTitle(shares);
}
