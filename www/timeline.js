// A folded panel with what has happened to a job: when it was accepted, each check and what it met, its id
// and all that is known of it.

import { createCopyButton, createElement } from './element.js';
import { counted, timeOfDay } from './format.js';
import { isUnfinished, stateOf } from './job-state.js';
import { labelOf } from './outcome.js';

/** Fills a `<details>` when it is opened. Call `update` with the job at each change. */
export function openTimeline(details, first) {
  const events = eventsBefore(first);
  let job = first;

  const list = createElement('ol', { className: 'events' });
  const raw = createElement('pre', { tabIndex: 0 });
  const id = createElement('code', { className: 'id' });
  const copy = createCopyButton('Copy id', () => id.textContent);
  const identity = createElement('p', { className: 'actions' }, id, copy.button, copy.status);
  details.append(identity, list, raw);

  const render = () => {
    if (!details.open) return;
    identity.hidden = !job.generation;
    id.textContent = job.generation?.id ?? '';
    list.append(...events.slice(list.childElementCount).map(createEvent));
    raw.textContent = JSON.stringify(job, undefined, 2);
  };

  details.addEventListener('toggle', render);
  return {
    update(next) {
      events.push(...eventsBetween(job, next));
      job = next;
      render();
    },
  };
}

/** What is known of a job that this page has not seen until now. */
function eventsBefore(job) {
  const { startedAt, endedAt, generation } = job;
  const events = [{ at: startedAt, text: 'Stored, before anything is sent' }];
  if (generation) {
    events.push({ at: generation.submittedAt, text: 'Accepted' });
    const { checks } = generation.polling;
    if (checks > 0) events.push({ text: `${counted(checks, 'check')} before this page was loaded` });
  }
  if (endedAt !== undefined) events.push({ at: endedAt, text: labelOf(job) });
  return events;
}

function eventsBetween(before, job) {
  const at = Date.now();
  const events = [];
  if (job.generation && !before.generation) events.push({ at, text: 'Accepted' });
  const checks = job.generation?.polling.checks ?? 0;
  if (checks > (before.generation?.polling.checks ?? 0)) events.push({ at, text: describeCheck(checks, job) });
  const hasMoved = stateOf(job) !== stateOf(before);
  if (hasMoved && !(isUnfinished(job) && job.generation)) events.push({ at, text: labelOf(job) });
  return events;
}

function describeCheck(number, { generation }) {
  const { lastError } = generation.polling;
  const status = lastError ? [lastError.code, lastError.httpStatus].filter(Boolean).join(' ') : generation.status;
  return `Check ${number}: ${status}`;
}

function createEvent({ at, text }) {
  const time = at === undefined ? '' : createElement('time', { textContent: timeOfDay(at) });
  return createElement('li', {}, time, ` ${text}`);
}
