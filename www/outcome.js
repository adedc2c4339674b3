// How a job is described: in a word, and, once it has ended without a track, what happened, what that
// cost, and what can be done about it. The package's messages are for programmers, of options and calls;
// here the same is said of what the page shows.

import { sentence } from './format.js';
import { costOf, stateOf } from './job-state.js';

const labels = {
  submitting: 'Sending',
  stopping: 'Stopping',
  queued: 'Waiting',
  generating: 'Making',
  completed: 'Done',
  stopped: 'Stopped',
  unknown: 'Unknown: perhaps billed',
};

/** Errors of a request that the service has seen, and has refused. */
const refused = new Set(['unauthorized', 'out_of_credits', 'forbidden', 'rejected', 'rate_limited']);

/** How a job stands, in a word or two, and what that means for money where it has failed. */
export function labelOf(job) {
  const { canResume, error } = job;
  const state = stateOf(job);
  if (state !== 'failed') return labels[state];
  // What goes on at the service has not failed.
  if (canResume) return 'Interrupted: paid for';
  if (error.code === 'generation_failed') return 'Failed: not billed';
  return refused.has(error.code) ? 'Refused: nothing spent' : 'Not sent: nothing spent';
}

/** The same in one word, where an explanation follows. */
export function shortLabelOf(job) {
  return labelOf(job).split(':')[0];
}

/** What the extension's background says of a submit that the one before it had under way. */
export const stoppedByBrowser = 'the browser stopped the extension before the service had answered';

/** What happened, by the error's code; with a generation, it was asked for, and is paid for. */
const reasons = {
  invalid_argument: ({ message }) => message.replace(/; nothing was sent$/, ''),
  credentials_failed: () => 'no usable key was given',
  unauthorized: () => 'the service refuses the key',
  out_of_credits: () => 'the account is out of credits',
  forbidden: () => 'the key may not do this, or something on the way blocked it',
  rejected({ httpStatus }, generation) {
    // A browser does not tell a redirect's status.
    if (!httpStatus || httpStatus < 400) return 'the address leads on to another one, where no key is sent';
    if (httpStatus === 404 && !generation) return 'nothing at this address makes audio';
    return generation ? 'the service refuses to say how it stands' : 'the service refuses the request';
  },
  rate_limited: () => 'the service was too busy to take the request',
  offline: () => 'the browser is offline',
  submit_unknown({ httpStatus, message }) {
    if (message.endsWith(stoppedByBrowser)) return stoppedByBrowser;
    if (httpStatus >= 200 && httpStatus < 300) return 'the service’s answer could not be read';
    if (httpStatus) return `the service, or something on the way, failed while it had the request (${httpStatus})`;
    return 'no answer came; a request that an ad blocker or a firewall stops looks the same';
  },
  not_found: () => 'the service does not know this track, it says again and again',
  generation_failed: () => 'the service could not make this track',
  unknown_status: () => 'the service keeps giving a status that its documentation does not know',
  bad_reply: (_error, generation) =>
    generation
      ? 'the service says that the track is done, but not where it is'
      : 'the service took the request, but did not say how to ask for the track',
  deadline: (_error, generation) => (generation ? 'it took too long' : 'the request could not be sent in time'),
  callback_failed: () => 'it could not be noted here that the service accepted it',
  aborted: (_error, generation) =>
    generation ? 'the wait was stopped' : 'it was stopped before the service had taken it',
  unsupported: ({ message }) => message.split(';')[0].replaceAll('`', ''),
};

/** Errors whose message quotes the service, between backticks, before it says what that costs. */
const quoting = new Set(['unauthorized', 'out_of_credits', 'forbidden', 'rejected', 'rate_limited', 'unknown_status']);

/** What to do first; `backend` tells where it is done. */
const remedies = {
  credentials_failed: () => 'give a key',
  unauthorized: ({ mode }) => (mode === 'service' ? 'restart the local server with a key that works' : 'check the key'),
  out_of_credits: () => 'top up the account',
  offline: () => 'connect to the internet',
};

/** A job that was stopped has no error of its own. */
const stopped = { code: 'aborted', message: 'the wait was stopped' };

/** What became of a job that has failed, was stopped, or is unknown; `backend` is what the page talks to. */
export function explain(job, backend) {
  const { error = stopped, generation } = job;
  const reason = reasons[error.code]?.(error, generation);
  // Of what is not known here, the package's message says what it cost, too.
  if (!reason) return sentence(error.message);
  const quote = quoteFrom(error, generation);
  // A quotation brings a full stop of its own, or needs none.
  const what = quote ? `${sentence(reason).slice(0, -1)}: “${quote}”` : sentence(reason);
  return [what, describeCost(job), advice(job, backend)].filter(Boolean).join(' ');
}

/** Whether sending the very same request again may succeed. The package alone says whether it is safe. */
export function isWorthRetrying({ canRetry, error }) {
  return canRetry && !['rejected', 'forbidden', 'unsupported'].includes(error?.code);
}

function quoteFrom({ code, message }, generation) {
  if (code === 'generation_failed') return generation?.error;
  return quoting.has(code) ? /: `(.+)`(?:;|$)/s.exec(message)?.[1] : undefined;
}

function describeCost(job) {
  const cost = costOf(job);
  if (cost === 'spent') return 'The track is paid for, and may go on at the service.';
  if (cost === 'perhaps') return 'It may have been billed.';
  return job.generation ? 'A track that failed is not billed, the service says.' : 'Nothing was spent.';
}

function advice(job, backend) {
  const remedy = remedies[job.error?.code]?.(backend);
  const first = remedy ? `${remedy}, then ` : '';
  if (costOf(job) === 'perhaps') return adviceOnUnknown(job);
  if (job.canResume) return sentence(`${first}resume: asking again costs nothing`);
  return isWorthRetrying(job) ? sentence(`${first}try again`) : '';
}

function adviceOnUnknown({ canResume }) {
  if (canResume) return 'Resume finds out what became of it, and sends nothing.';
  return (
    'That is why there is no button to send it again: that could bill it twice. See whether your ' +
    'account’s usage shows it before you generate the same anew.'
  );
}
