// Runs a row of the state table: a handler between a mock service and a store, in simulated time, in any runtime.

import assert from 'node:assert/strict';

import { createHandler } from 'stable-audio-client/server';

import { authorize, lookup, read, submit, uuid } from './asking.mjs';
import { stopClocks } from './clock.mjs';
import { openService } from './service.mjs';

/** Runs one row with an empty store; throws if a response differs from the row. */
export async function runRow(row, emptyStore) {
  const service = openService();
  const { store, busy, arriving } = observed(emptyStore);
  const clock = stopClocks(busy);
  const { key = uuid, user, body, options, meanwhile, expected } = row;
  const world = {
    service,
    clock,
    handler: (own = options, asked = store) =>
      createHandler({ apiKey: 'the-key-of-the-service', authorize, store: asked, fetch: service.fetch, ...own }),
    /** Starts a submit; returns a function that waits for the response. No time passes before it has its claim. */
    send(given, own) {
      const begun = Date.now();
      const { claiming, arrived } = arriving();
      const handle = world.handler(own, claiming);
      const answer = handle(submit({ key, ...given })).finally(arrived);
      return async () => {
        const { value } = await clock.settle(answer);
        return { ...(await read(value)), ms: Date.now() - begun };
      };
    },
    async look(given, own) {
      const { value } = await clock.settle(world.handler(own)(lookup({ key, ...given })));
      return (await read(value)).body;
    },
  };
  try {
    const first = await row.enter(world);
    if (expected.lookup) check(await world.look({ user }), expected.lookup, lookupFacts, 'the look-up');
    let second;
    if (expected.submit) {
      const answer = world.send({ user, ...(body && { body }) });
      await meanwhile?.(world);
      second = await answer();
    }
    world.answer?.();
    const one = await first?.();
    if (one) check(one, { replayed: false, ...expected.first }, submitFacts, 'the first submit');
    if (second) check({ ...second, one }, expected.submit, submitFacts, 'the second submit');
    if (expected.sent !== undefined) assert.equal(service.submits.length, expected.sent, 'submits that were sent');
    if (expected.charged !== undefined) assert.equal(service.charged, expected.charged, 'generations paid for');
  } finally {
    clock.restore();
  }
}

/**
 * The same store, and whether one of its calls has no answer yet. `arriving` is for a request that is read now:
 * it is under way until its claim, or until `arrived` is called.
 */
function observed(store) {
  let pending = 0;
  const method =
    (name) =>
    async (...args) => {
      pending++;
      try {
        return await store[name](...args);
      } finally {
        pending--;
      }
    };
  const names = ['claim', 'get', 'set', 'delete', 'reach'].filter((name) => store[name]);
  const all = Object.fromEntries(names.map((name) => [name, method(name)]));
  const arriving = () => {
    pending++;
    let isArriving = true;
    const arrived = () => {
      if (isArriving) pending--;
      isArriving = false;
    };
    const claim = (...args) => {
      const claimed = all.claim(...args);
      arrived();
      return claimed;
    };
    return { claiming: { ...all, claim }, arrived };
  };
  return { store: all, busy: () => pending > 0, arriving };
}

const lookupFacts = {
  key: ({ idempotencyKey }) => idempotencyKey,
  state: ({ state }) => state,
  reply: ({ reply }) => reply,
  id: ({ reply }) => reply?.id,
};

const submitFacts = {
  status: ({ status }) => status,
  id: ({ body }) => body?.id,
  kind: ({ body }) => body?.error?.data?.kind,
  message: ({ body }) => body?.message,
  same: ({ status, text, one }) => status === one?.status && text === one.text,
  replayed: ({ headers }) => headers.get('idempotency-replayed') === 'true',
  inferenceId: ({ headers }) => headers.get('x-inference-id'),
  retryAfter: ({ headers }) => headers.get('retry-after'),
};

/** `afterMs` is a range; everything else is compared for equality. */
function check(answer, { afterMs, ...expected }, facts, what) {
  const found = Object.keys(expected).map((name) => [name, facts[name](answer)]);
  assert.deepEqual(Object.fromEntries(found), expected, what);
  if (!afterMs) return;
  const [least, most] = afterMs;
  assert.ok(answer.ms >= least && answer.ms < most, `${what}: after ${answer.ms} ms`);
}

/** The title of a row. */
export function titleOf({ state, when, expected: { lookup, submit, sent } }) {
  const parts = [];
  if (lookup) parts.push(`a look-up says ${lookup.state}`);
  if (submit) parts.push(`another submit is answered ${describeSubmit(submit)}`);
  if (sent !== undefined) parts.push(`${['none is', 'one is', 'two are'][sent]} sent`);
  return `${state}, ${when}: ${parts.join('; ')}`;
}

function describeSubmit({ status, kind, same, replayed, retryAfter, afterMs }) {
  const all = [
    status,
    kind,
    same && 'the very same',
    replayed && 'Idempotency-Replayed: true',
    retryAfter && `Retry-After: ${retryAfter}`,
    afterMs && `after ${afterMs[0] / 1000} s`,
  ];
  return all.filter(Boolean).join(', ');
}
