// The state table: how a key enters each state, and the responses to a look-up and to another submit with that key.
// It is data, so that it can be run with each store in each runtime.
//   enter       brings the key into its state; returns a function that waits for the first submit's response
//   user, body  of the look-up and the second submit, where they differ
//   options     of every handler in the row
//   meanwhile   what happens while the second submit waits
//   expected    the responses to the first submit, the look-up and the second submit, and the numbers of `sent`
//               submits and `charged` generations

import { uuid } from './asking.mjs';
import { waitUntil } from '../../support/wait-until.mjs';
import { held, lost, refusal, silent } from './service.mjs';

const submitUnknown = { status: 502, kind: 'submit_unknown' };
const repeated = { status: 201, same: true, replayed: true };

export const stateTable = [
  {
    state: 'none',
    when: 'since nobody used the key',
    enter: async () => {},
    expected: {
      lookup: { key: uuid, state: 'none', reply: undefined },
      submit: { status: 201, id: 'generation-1', replayed: false },
      sent: 1,
      charged: 1,
    },
  },
  ...sending(),
  ...accepted(),
  ...refused(),
  ...unknown(),
  ...ofOthers(),
];

function sending() {
  const state = 'sending';
  const enter = underWay;
  return [
    {
      state,
      when: 'while the service has not answered',
      enter,
      expected: {
        lookup: { state, reply: undefined },
        submit: { status: 409, retryAfter: '2', afterMs: [8000, 10_000] },
        first: { status: 201 },
        sent: 1,
      },
    },
    {
      state,
      when: 'while the service takes 3 s',
      enter,
      meanwhile: async ({ clock, answer }) => {
        await clock.advance(3000);
        answer();
      },
      expected: { submit: repeated, first: { status: 201 }, sent: 1, charged: 1 },
    },
    {
      state,
      when: 'and asked for with another request',
      enter,
      body: { prompt: 'snow' },
      expected: { submit: { status: 422 }, sent: 1 },
    },
    {
      state: 'unknown',
      when: 'since its claim is a minute old and its process has died',
      enter: async (world) => {
        await underWay(world);
        await world.clock.advance(60_000);
      },
      expected: { lookup: { state: 'unknown' }, submit: submitUnknown, sent: 1 },
    },
  ];
}

function accepted() {
  const state = 'accepted';
  const inHeader = { 'x-inference-id': 'from-header' };
  return [
    {
      state,
      when: 'by a 201 with an id',
      enter: answered(),
      expected: {
        lookup: { state, reply: { id: 'generation-1', status: 'queued' } },
        submit: { ...repeated, inferenceId: 'generation-1' },
        first: { status: 201, id: 'generation-1' },
        sent: 1,
        charged: 1,
      },
    },
    {
      state,
      when: 'by a 201 with an id in its header and half a body',
      enter: answered(() => new Response('{"id": "gen', { status: 201, headers: inHeader })),
      expected: {
        lookup: { state, reply: { id: 'from-header' } },
        submit: { same: true, replayed: true },
        first: { id: 'from-header' },
        sent: 1,
      },
    },
    {
      state,
      when: 'by a reply with an id in its header and a body that never ends',
      enter: answered(() => new Response(endless(), { headers: inHeader })),
      expected: {
        lookup: { state, id: 'from-header' },
        submit: { same: true, replayed: true },
        first: { id: 'from-header', afterMs: [30_000, 33_000] },
        sent: 1,
      },
    },
    {
      state,
      when: 'by a 204 with an id in its header',
      enter: answered(() => new Response(null, { status: 204, headers: inHeader })),
      expected: {
        lookup: { state, id: 'from-header' },
        submit: { same: true, replayed: true },
        first: { id: 'from-header' },
        sent: 1,
      },
    },
    {
      state,
      when: 'by the old name of the id, as a number',
      enter: answered(() => Response.json({ generation_id: 7 })),
      expected: { lookup: { state, id: '7' }, submit: { same: true, replayed: true }, sent: 1 },
    },
    {
      state,
      when: 'nearly 24 h ago',
      enter: async (world) => {
        const first = await answered()(world);
        await world.clock.advance(86_000_000);
        return first;
      },
      expected: { lookup: { state }, submit: repeated, sent: 1 },
    },
    {
      state,
      when: 'and asked for with another request',
      enter: answered(),
      body: { prompt: 'snow' },
      expected: { lookup: { state }, submit: { status: 422 }, sent: 1 },
    },
    {
      state,
      when: 'by a row of the logs that a look-up found',
      enter: async (world) => {
        const first = await answered(lost, { recovery: 'logs' })(world);
        await world.look({}, { recovery: 'logs' });
        return first;
      },
      expected: {
        lookup: { state, id: 'generation-1' },
        submit: { status: 200, id: 'generation-1', inferenceId: 'generation-1', replayed: true },
        first: submitUnknown,
        sent: 1,
        charged: 1,
      },
    },
  ];
}

function refused() {
  const passedOn = [400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 429, 451];
  const neverAnswered = [301, 302, 304, 307, 308, 407, 421, 425];
  const free = { lookup: { state: 'none', reply: undefined }, submit: { status: 201, replayed: false } };
  return [
    ...passedOn.map((status) => ({
      state: 'refused',
      when: `by ${status}`,
      enter: answered(refusal(status, { 'retry-after': '3' })),
      expected: { ...free, first: { status, message: `no: ${status}`, retryAfter: '3' }, sent: 2, charged: 1 },
    })),
    ...neverAnswered.map((status) => ({
      state: 'refused',
      when: `by ${status}, answered as 400`,
      enter: answered(() => {
        const location = status < 400 && status !== 304 ? { location: 'https://elsewhere.test/' } : {};
        return new Response(null, { status, headers: location });
      }),
      expected: { ...free, first: { status: 400 }, sent: 2, charged: 1 },
    })),
    {
      state: 'refused',
      when: 'by spend',
      enter: answered(undefined, { spend: () => false }),
      expected: { ...free, first: { status: 403 }, sent: 1, charged: 1 },
    },
    {
      state: 'sending',
      when: 'while the service refuses the first by 429',
      enter: underWay,
      meanwhile: refuseNow,
      expected: { submit: { status: 429, same: true }, first: { status: 429 }, sent: 1 },
    },
    {
      state: 'refused',
      when: 'by a 429 that one which waited for it was given too',
      enter: async (world) => {
        const first = await underWay(world);
        const duplicate = world.send();
        await refuseNow(world);
        await duplicate();
        return first;
      },
      expected: { ...free, first: { status: 429 }, sent: 2 },
    },
  ];
}

function unknown() {
  const causes = {
    'a network failure': lost,
    'a 500': refusedLate(500),
    'a 503': refusedLate(503),
    'a 408': refusedLate(408),
    'a 409': refusedLate(409),
    'a 303': ({ accept }) => (accept(), new Response(null, { status: 303, headers: { location: '/' } })),
    'a 2xx without an id': ({ accept }) => (accept(), Response.json({ status: 'queued' })),
    'a 2xx that is no JSON': ({ accept }) => (accept(), new Response('<p>fine</p>')),
    'an empty 2xx': ({ accept }) => (accept(), new Response(null, { status: 204 })),
    'a reply whose body breaks off': ({ accept }) => (accept(), broken('{"id": "gener')),
    'no reply for 120 s': silent,
  };
  const inLogs = {
    state: 'unknown',
    when: 'by a network failure, with a row of it in the logs',
    enter: answered(lost),
    options: { recovery: 'logs' },
  };
  return [
    ...Object.entries(causes).map(([cause, reply]) => ({
      state: 'unknown',
      when: `by ${cause}`,
      enter: answered(reply),
      expected: {
        lookup: { state: 'unknown', reply: undefined },
        submit: submitUnknown,
        first: submitUnknown,
        sent: 1,
        charged: 1,
      },
    })),
    { ...inLogs, expected: { lookup: { state: 'accepted', id: 'generation-1' }, sent: 1, charged: 1 } },
    {
      ...inLogs,
      expected: { submit: { status: 200, id: 'generation-1', replayed: true }, sent: 1, charged: 1 },
    },
  ];
}

function ofOthers() {
  const key = `${uuid}.2`;
  const nothing = { lookup: { state: 'unknown', reply: undefined }, submit: submitUnknown, sent: 1 };
  return [
    {
      state: 'sending',
      when: 'under a UUID, and asked for by another user',
      key,
      user: 'bob',
      enter: underWay,
      expected: nothing,
    },
    {
      state: 'accepted',
      when: 'under a UUID, and asked for by another user',
      key,
      user: 'bob',
      enter: answered(),
      expected: nothing,
    },
    {
      state: 'accepted',
      when: "under a UUID, after another user's submit with it",
      key,
      enter: async (world) => {
        const first = await answered()(world);
        await world.send({ user: 'bob' })();
        return first;
      },
      expected: { lookup: { state: 'accepted' }, submit: repeated, sent: 1 },
    },
    {
      state: 'accepted',
      when: 'under a key that is no UUID, and asked for by another user, whose own it is none of',
      key: 'one',
      user: 'bob',
      enter: answered(),
      expected: {
        lookup: { state: 'none', reply: undefined },
        submit: { status: 201, id: 'generation-2', replayed: false },
        sent: 2,
        charged: 2,
      },
    },
  ];
}

/** The service has accepted the first submit, and does not respond before `world.answer`. */
async function underWay(world) {
  const { reply, answer } = held();
  world.service.replies.push(reply);
  world.answer = answer;
  const first = world.send();
  await waitUntil(() => world.service.submits.length);
  return first;
}

/** The first submit, to a handler with `options`, has its response, after the service's `reply`. */
function answered(reply, options) {
  return async (world) => {
    if (reply) world.service.replies.push(reply);
    const answer = await world.send({}, options)();
    return async () => answer;
  };
}

async function refuseNow({ clock, answer }) {
  await clock.advance(500);
  answer(await refusal(429)());
}

function refusedLate(status) {
  return ({ accept }) => (accept(), refusal(status)());
}

function endless() {
  return new ReadableStream({ pull: () => new Promise(() => {}) });
}

function broken(text) {
  let sent = false;
  const body = new ReadableStream({
    pull(controller) {
      if (sent) return controller.error(new Error('reset'));
      sent = true;
      return controller.enqueue(new TextEncoder().encode(text));
    },
  });
  return new Response(body, { status: 201 });
}
