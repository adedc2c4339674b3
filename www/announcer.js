// What a screen reader is told: that a job was accepted, and how it ended. Nothing in between.

import { explain, word } from './outcome.js';

const region = document.querySelector('#announcer');

/** Says a job's new phase, if it is one to interrupt for. */
export function announce(job, service) {
  const { phase, record } = job;
  const { prompt } = record.request;
  if (phase === 'queued') tell(`Accepted: ${prompt}`);
  if (phase === 'completed') tell(`${word(job)}: ${prompt}`);
  if (record.error) tell(`${word(job)}: ${prompt}. ${explain(job, service)}`);
}

/** Says something else that has happened. */
export function tell(text) {
  region.textContent = text;
}
