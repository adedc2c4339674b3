// The page: a form that starts generations, and a list of cards that show them.

import { StableAudio, ready } from 'stable-audio-client';

import { announce } from './announcer.js';
import { backend, describe } from './backend.js';
import { Card } from './card.js';
import { focusForm, openForm } from './form.js';
import { Job } from './job.js';
import { openStore } from './store.js';

const tracks = document.querySelector('#tracks');
const empty = document.querySelector('#empty');

// The local server adds the key to what it forwards, so this page has none.
const client = new StableAudio({ baseUrl: '/' });

// Loads the module while the page is read. Should it fail, the first call says why.
ready().catch(() => {});

const service = await backend();
const store = openStore(service.mode);
const form = openForm({ submit: (request) => add(Job.begin(request)).start() });
describe(service, document.querySelector('#backend'));

const resumed = store.load().map((record) => add(new Job(record)));
resumed.forEach((job) => job.resumeIfUnfinished());

/** Puts a job on the page, newest first. */
function add(job) {
  const card = new Card(job, { client, service, edit, remove: () => remove(job, card) });
  let heard = job.phase;
  job.connect(client, service, () => {
    store.save(job.record);
    card.render();
    if (job.phase !== heard) announce(job);
    heard = job.phase;
  });
  tracks.prepend(card.element);
  empty.hidden = true;
  return job;
}

function edit(request) {
  form.fill(request);
  focusForm();
}

function remove(job, card) {
  store.remove(job.record);
  card.element.remove();
  empty.hidden = tracks.childElementCount > 0;
  focusForm();
}
