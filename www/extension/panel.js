// The popup and the side panel: the demo's form and cards, for jobs that the background follows.

import { openBeside } from 'beside';
import { StableAudio } from 'stable-audio-client';

import { announce } from '../announcer.js';
import { Card } from '../card.js';
import { openClearing } from '../clearing.js';
import { focusForm, focusGenerate, openForm } from '../form.js';
import { guardGestures } from '../gesture.js';
import { Job } from '../job.js';
import { BackgroundJob, order } from './background-job.js';
import { browser } from './browser.js';
import { records } from './records.js';
import { service, settings } from './settings.js';

const here = { mode: 'extension' };
const tracks = document.querySelector('#tracks');
const shown = new Map();

// Downloads alone: a track is fetched without a key.
const client = new StableAudio({ baseUrl: service });
const countFinished = openClearing({
  finished: () => [...shown.values()].map(({ job }) => job).filter((job) => !job.isUnfinished),
  remove: (jobs) => order('remove', { keys: jobs.map(({ record }) => record.key) }),
});
const form = openForm({ submit: (request) => order('begin', { record: Job.record(request) }) });

records.watch((key, record) => {
  if (record) show(record);
  else take(key);
  count();
});
guardGestures();
start();

async function start() {
  offerPanel();
  document.querySelector('#options').addEventListener('click', () => browser.runtime.openOptionsPage());
  (await records.all()).forEach(show);
  count();
  await describe();
  browser.storage.onChanged.addListener(describe);
  await order('seen');
  setInterval(wake, 1000);
}

/** Says what requests are sent to. */
async function describe() {
  const { address, key } = await settings();
  const missing = !key && address === service;
  const said = document.querySelector('#backend');
  said.dataset.mode = missing ? 'none' : 'extension';
  said.textContent = missing
    ? 'There is no key yet: give one, or the address of a proxy, in the options.'
    : `Talks to ${new URL(address).host}: each generation may spend real credits.`;
}

function show(record) {
  const known = shown.get(record.key);
  if (known) return known.adopt(record);
  const job = new BackgroundJob(record);
  const card = new Card(job, {
    client,
    service: here,
    edit: (request) => give(request, focusForm),
    again: (request) => give(request, focusGenerate),
    remove: () => order('remove', { keys: [record.key] }).then(focusForm),
    checkKey: () => browser.runtime.openOptionsPage(),
  });
  const adopt = (next) => {
    const before = job.phase;
    job.record = next;
    card.render();
    if (job.phase === before) return;
    announce(job, here);
    order('seen');
  };
  shown.set(record.key, { job, card, adopt });
  tracks.prepend(card.element);
  return undefined;
}

function give(request, focus) {
  form.fill(request);
  focus();
}

function take(key) {
  shown.get(key)?.card.close();
  shown.delete(key);
}

function count() {
  document.querySelector('#empty').hidden = shown.size > 0;
  countFinished();
}

// While somebody looks, the background need not wait for its alarm.
function wake() {
  const jobs = [...shown.values()].map(({ job }) => job).filter((job) => job.isUnfinished);
  if (jobs.some(({ record }) => record.generation?.nextCheckAt <= Date.now())) order('goOn');
}

/** In the popup, leads to the panel that stays open beside the page. */
function offerPanel() {
  if (location.search !== '?popup') return;
  document.documentElement.dataset.popup = '';
  const button = document.querySelector('#beside');
  button.hidden = false;
  button.addEventListener('click', () => openBeside().then(() => window.close()));
}
