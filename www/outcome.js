// How a job is told: in a word, and, once it has ended without a track, what happened, what that
// cost, and what can be done about it. The package speaks to programmers, of options and calls; here
// the same is said of what the page shows.

import { sentence } from './words.js';

const words = {
  sending: 'Sending',
  stopping: 'Stopping',
  queued: 'Queued',
  generating: 'Generating',
  completed: 'Completed',
  stopped: 'Stopped',
  error: 'Failed',
  failed: 'Failed',
  unknown: 'Unknown: perhaps billed',
};

/** How a job stands, in a word or two. What goes on at the service has not failed. */
export function word({ phase, canResume }) {
  return phase === 'failed' && canResume ? 'Interrupted' : words[phase];
}

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
  submit_unknown({ because, httpStatus }) {
    if (because) return `${because} before the service had answered`;
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
  aborted({ retryable }, generation) {
    if (generation) return 'the wait was stopped';
    return retryable ? 'it was stopped before it was sent' : 'it was stopped while the request was under way';
  },
  // What it says besides is of a submit that may have been under way: that is told as unknown.
  unsupported: ({ message }) => message.split(';')[0].replaceAll('`', ''),
};

/** Errors whose message quotes the service, between backticks, before it says what that costs. */
const quoting = new Set(['unauthorized', 'out_of_credits', 'forbidden', 'rejected', 'rate_limited', 'unknown_status']);

/** What to do first; `service` tells where it is done. */
const remedies = {
  credentials_failed: () => 'give a key',
  unauthorized: ({ mode }) => (mode === 'service' ? 'restart the local server with a key that works' : 'check the key'),
  out_of_credits: () => 'top up the account',
  offline: () => 'connect to the internet',
};

/** What became of a job that has failed, was stopped, or is unknown; `service` is what the page talks to. */
export function explain(job, service) {
  const { error, generation } = job.record;
  const reason = reasons[error.code]?.(error, generation);
  // Of what is not known here, the package's message says what it cost, too.
  if (!reason) return sentence(error.message);
  const quote = quoteFrom(error, generation);
  // A quotation brings a full stop of its own, or needs none.
  const what = quote ? `${sentence(reason).slice(0, -1)}: “${quote}”` : sentence(reason);
  return [what, cost(job), advice(job, service)].filter(Boolean).join(' ');
}

function quoteFrom({ code, message }, generation) {
  if (code === 'generation_failed') return generation?.error;
  return quoting.has(code) ? /: `(.+)`(?:;|$)/s.exec(message)?.[1] : undefined;
}

function cost({ money, record: { error } }) {
  if (money === 'spent') return 'The track is paid for, and may go on at the service.';
  if (money === 'perhaps') return 'It may have been billed.';
  return error.code === 'generation_failed'
    ? 'A track that failed is not billed, the service says.'
    : 'Nothing was spent.';
}

function advice(job, service) {
  const remedy = remedies[job.record.error.code]?.(service);
  const first = remedy ? `${remedy}, then ` : '';
  if (job.canResume) return sentence(`${first}resume: asking again costs nothing`);
  if (job.canRetry) return sentence(`${first}try again`);
  if (job.money !== 'perhaps') return '';
  return (
    'That is why there is no button to send it again: that could bill it twice. See whether your ' +
    'account’s usage shows it before you generate the same anew.'
  );
}
