// Recovery of a lost submit: a page with `recovery: 'server'`, the server half in its own process, and a
// faulty proxy between them. The emulator's ledger tells what was charged.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { servers } from '../server/support/redis.mjs';
import { forkChild, killChild } from '../support/children.mjs';
import { engine } from './harness.mjs';
import { openPage } from './harness/page.mjs';
import { faults, startFaultyProxy } from './recovery/faulty-proxy.mjs';
import { openWithFixtures } from './fixtures/open.mjs';

const program = fileURLToPath(new URL('recovery/server.mjs', import.meta.url));
const minutes = 60_000;
/** These engines retry a POST when a connection that was used before is reset. */
const retries = ['chromium', 'firefox'].includes(engine);

/** By name: the fault of the first submit; with `closes`, no connection is reused. */
const failures = {
  'a reset on a used connection, before the server has it': { fault: faults.resetBefore },
  'a reset on a used connection, while the server has it': { fault: faults.resetAfter, posts: retries ? 2 : undefined },
  'a reset on a new connection, before the server has it': { fault: faults.resetBefore, closes: true },
  'a reset on a new connection, while the server has it': { fault: faults.resetAfter, closes: true, posts: 1 },
  'a lost reply on a used connection': { fault: faults.lost },
  'a lost reply on a new connection': { fault: faults.lost, closes: true, posts: 1 },
  'a reply cut after its head': { fault: faults.cutAfterHead, posts: 1 },
  'a reply cut after its head, which has no id': { fault: faults.cutAfterHeadWithoutId, posts: 1 },
  'a reply cut within its body, without an id in its head': { fault: faults.cutWithinBody, posts: 1 },
  'no reply at all, while the server has it': { fault: faults.silentAfter, posts: 1, clockSpeed: 30 },
  'a page of 502, before the server has it': { fault: faults.pageBefore, posts: 2 },
  'a page of 502, while the server has it': { fault: faults.pageAfter, posts: 1 },
};

describe(`a submit that is recovered in ${engine}`, { timeout: 400_000 }, () => {
  let harness, emulator, driver, proxy, page;
  let processes = [];
  before(async () => {
    harness = await openWithFixtures({ speed: 400 });
    ({ emulator, driver } = harness);
    proxy = await startFaultyProxy(harness.site);
    page = openPage(driver, proxy);
  });
  after(async () => {
    await proxy?.stop();
    await harness?.close();
  });
  beforeEach(async () => {
    await emulator.reset();
    proxy.reset();
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map(({ kill }) => kill()));
  });

  async function start({ store = 'memory', age = 10 * minutes } = {}) {
    const { child, message: url } = await forkChild(program, [emulator.url, store, String(age)]);
    const kill = () => killChild(child);
    processes.push({ kill });
    return { url, kill };
  }

  /** Opens the page, which has the server half of that process behind it. */
  async function open(server) {
    proxy.server = server.url;
    await page.open();
  }

  const accepted = () =>
    driver.wait(async () => (await emulator.ledger()).generations.length === 1, 10_000, 'the service has accepted it');

  /** The outcome for the page, and the requests and charges that it took. */
  async function tell(test, got) {
    const seen = {
      posts: proxy.posts,
      submits: await emulator.posts(),
      charges: await emulator.charges(),
      outcome: got.code ?? (/^http:.*\.wav$/.test(got.url) ? 'a track' : String(got.url)),
    };
    test.diagnostic([engine, test.name, ...Object.values(seen)].join(' | '));
    return { ...seen, message: got.message };
  }

  for (const [name, { fault, closes = false, posts, clockSpeed = 1 }] of Object.entries(failures)) {
    it(`a submit with ${name} is recovered, charged once`, async (test) => {
      proxy.closes = closes;
      await open(await start());
      await emulator.plan({ submit: [{ delay_ms: 400 }] });
      proxy.next = fault;
      const seen = await tell(test, await page.run(generate, { clockSpeed }));
      assertTrack(seen);
      if (posts) assert.equal(seen.posts, posts, 'POSTs that reached the proxy');
    });
  }

  /** How a page can go away while its submit is in flight. */
  const ways = {
    'is reloaded': () => page.open(),
    async 'is left and opened again'() {
      await driver.get('about:blank');
      await page.open();
    },
    'is closed and opened in another tab': () => inAnotherTab(() => driver.close()),
    // The other engines have no URL that crashes a page.
    ...(engine === 'chromium' && {
      'crashes and is opened in another tab': () =>
        inAnotherTab(() => assert.rejects(driver.get('chrome://crash'), /crash/)),
    }),
  };
  async function inAnotherTab(end) {
    const old = await driver.getWindowHandle();
    await driver.switchTo().newWindow('tab');
    const other = await driver.getWindowHandle();
    await driver.switchTo().window(old);
    await end();
    await driver.switchTo().window(other);
    await page.open();
  }

  for (const [way, go] of Object.entries(ways)) {
    for (const [how, again] of Object.entries({
      'recovered by its key': recover,
      'generated again by its key': repeat,
    })) {
      it(`the submit of a page that ${way} is ${how}, charged once`, async (test) => {
        await open(await start());
        await emulator.plan({ submit: [{ delay_ms: 3000 }] });
        await page.run(begin);
        await accepted();
        await go();
        assertTrack(await tell(test, await page.run(again)));
      });
    }
  }

  it('the submit of a page that is reloaded before it arrives recovers as undefined, and can be sent again', async (test) => {
    await open(await start());
    proxy.next = faults.silentBefore;
    await page.run(begin);
    await driver.wait(() => proxy.posts === 1, 10_000, 'it is on its way');
    await page.open();
    assert.equal((await page.run(recover)).url, 'none');
    assertTrack(await tell(test, await page.run(repeat)));
  });

  it('a submit to a server that restarts with an empty memory is unknown, and not sent again', async (test) => {
    const server = await start();
    await open(server);
    await emulator.plan({ submit: [{ delay_ms: 30_000 }] });
    const got = page.run(generate, { clockSpeed: 30 });
    await accepted();
    proxy.server = start({ age: 0 }).then(({ url }) => url);
    await server.kill();
    const seen = await tell(test, await got);
    assert.deepEqual(
      { ...seen, message: undefined },
      { posts: 1, submits: 1, charges: 1, outcome: 'submit_unknown', message: undefined },
      seen.message,
    );
  });

  for (const { name, skip, open: openRedis } of servers) {
    describe(`to a server that keeps outcomes in ${name}`, { skip }, () => {
      let redis;
      before(async () => (redis = await openRedis()));
      after(() => redis?.stop());

      for (const [how, fault] of Object.entries({
        'with an error page': {},
        'with a reset': faults.resetWithServer,
      })) {
        it(`a submit to a server that is killed before it answers, ${how}, is found in the logs, charged once`, async (test) => {
          const server = await start({ store: redis.url, age: 0 });
          await open(server);
          await emulator.plan({ submit: [{ delay_ms: 1000 }] });
          proxy.next = fault;
          const got = page.run(generate, { clockSpeed: 1 });
          await accepted();
          // By the next one's clock it is so long ago that the first one must have died.
          proxy.server = start({ store: redis.url, age: 61_000 }).then(({ url }) => url);
          await server.kill();
          // Its row comes with its end.
          await driver.wait(
            async () => (await emulator.requests('POST')).every(({ ended }) => ended),
            10_000,
            'the submit has ended',
          );
          assertTrack(await tell(test, await got));
        });
      }
    });
  }
});

function assertTrack({ submits, charges, outcome, message }) {
  assert.deepEqual({ submits, charges, outcome }, { submits: 1, charges: 1, outcome: 'a track' }, message);
}

// What follows runs in the page.

async function generate({ clockSpeed }) {
  const { StableAudio } = await import('stable-audio-client');
  (await import('/fixtures.js')).speedUpClocks(clockSpeed);
  // From here on there is a connection that was used.
  await fetch('/api/v2/generate/audio?generation_id=none');
  const client = new StableAudio({ baseUrl: '/api', recovery: 'server' });
  return client.generate('rain on a tin roof', { pollIntervalMs: 1000, timeoutMs: 300_000 }).then(
    (url) => ({ url }),
    ({ code, message }) => ({ code, message }),
  );
}

/** Submits, and stores what recovery needs. */
async function begin() {
  const { StableAudio } = await import('stable-audio-client');
  const client = new StableAudio({ baseUrl: '/api', recovery: 'server' });
  const idempotencyKey = crypto.randomUUID();
  const onSubmitting = () => Object.assign(localStorage, { idempotencyKey, submittedAt: Date.now() });
  client.generate('rain on a tin roof', { idempotencyKey, onSubmitting }).catch(() => {});
}

async function recover() {
  const { StableAudio } = await import('stable-audio-client');
  const client = new StableAudio({ baseUrl: '/api', recovery: 'server' });
  const { idempotencyKey, submittedAt } = localStorage;
  try {
    const generation = await client.recover(idempotencyKey, { submittedAt: Number(submittedAt), timeoutMs: 60_000 });
    return { url: generation ? (await client.waitFor(generation, { pollIntervalMs: 1000 })).url : 'none' };
  } catch ({ code, message }) {
    return { code, message };
  }
}

/** The same submit once more. */
async function repeat() {
  const { StableAudio } = await import('stable-audio-client');
  const client = new StableAudio({ baseUrl: '/api', recovery: 'server' });
  const { idempotencyKey } = localStorage;
  return client.generate('rain on a tin roof', { idempotencyKey, pollIntervalMs: 1000 }).then(
    (url) => ({ url }),
    ({ code, message }) => ({ code, message }),
  );
}
