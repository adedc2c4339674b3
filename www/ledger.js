// What the emulator has seen of each job, by its own account, beside what the page believes.

import { counted, credits } from './format.js';
import { costOf, isUnfinished } from './job-state.js';

const refreshMs = 1000;

/** What a ledger holds of a job: requests, and what was charged. */
export function accountOf({ key }, { requests, generations }) {
  const isOurs = (request) => request.method === 'POST' && keyOf(request) === key;
  const posts = requests.filter(isOurs);
  // An emulator that is started anew gives the same ids out again, so a job's own id proves nothing.
  const ids = new Set(posts.map((request) => request.generation_id));
  const gets = requests.filter(({ method, generation_id: id }) => method === 'GET' && id && ids.has(id));
  const charged = generations.filter(({ id }) => ids.has(id)).map((generation) => generation.charged);
  return {
    posts: posts.length,
    gets: gets.length,
    charges: charged.filter((amount) => amount > 0).length,
    credits: charged.reduce((sum, amount) => sum + amount, 0),
  };
}

/** What the emulator has seen of a job, and whether that is what the page believes. */
export function describeAccount(job, account) {
  const { posts, gets, charges, credits: charged } = account;
  if (posts === 0) return 'The emulator has seen no submit of it since it was started.';
  const seen = [counted(posts, 'POST'), counted(gets, 'GET'), credits(charged)].join(' · ');
  const times = { 0: 'not charged', 1: 'charged once' }[charges] ?? `CHARGED ${charges} TIMES`;
  return `The emulator’s own account: ${seen}, ${times}. The page believes: ${beliefOf(job)}.`;
}

/** Calls `show` with the ledger now and then, as long as there is something new to see. */
export function watchLedger(emulator, show) {
  let isStale = true;
  const refresh = async () => {
    if (!isStale || document.hidden) return;
    isStale = false;
    try {
      show(await emulator.ledger());
    } catch {
      // It has ended, as the page itself will find out.
    }
  };
  setInterval(refresh, refreshMs);
  return {
    /** Something has happened, or goes on. */
    touch() {
      isStale = true;
    },
  };
}

function beliefOf(job) {
  const checks = counted(job.generation?.polling.checks ?? 0, 'check');
  if (isUnfinished(job) && !job.generation) return 'nothing yet';
  const cost = { none: 'nothing spent', perhaps: 'perhaps billed', spent: 'paid for' }[costOf(job)];
  return `${checks}, ${cost}`;
}

/** A job's key; what failed is tried again with a key of its own, the same and a number. */
function keyOf(request) {
  return /^"?([^".]+)/.exec(request.idempotency_key ?? '')?.[1];
}
