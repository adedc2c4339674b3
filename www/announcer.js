// What a screen reader is told: that a job was accepted, and how it ended. Nothing in between.

import { advice, sentence } from './words.js';

const region = document.querySelector('#announcer');

/** Says a job's new phase, if it is one to interrupt for. */
export function announce({ phase, record: { request, error } }, service) {
  const said = {
    queued: `Accepted: ${request.prompt}`,
    completed: `Completed: ${request.prompt}`,
    stopped: `Stopped: ${request.prompt}. ${sentence(error?.message)}`,
    failed: `Failed: ${request.prompt}. ${sentence(error?.message)} ${advice(error, service)}`,
  }[phase];
  if (said) region.textContent = said;
}

/** Says something else that has happened. */
export function tell(text) {
  region.textContent = text;
}
