// What a screen reader is told: that a job was accepted, and how it ended. Nothing in between.

import { stateOf } from './job-state.js';
import { explain, shortLabelOf } from './outcome.js';

const region = document.querySelector('#announcer');

/** Says a job's new state, if it is one to interrupt for. */
export function announceJob(job, backend) {
  const { prompt } = job.request;
  const state = stateOf(job);
  if (state === 'queued') announce(`Accepted: ${prompt}`);
  if (state === 'completed') announce(`${shortLabelOf(job)}: ${prompt}`);
  if (hasEndedWithout(state)) announce(`${shortLabelOf(job)}: ${prompt}. ${explain(job, backend)}`);
}

function hasEndedWithout(state) {
  return ['failed', 'unknown', 'stopped'].includes(state);
}

/** Says something that has happened. */
export function announce(text) {
  region.textContent = text;
}
