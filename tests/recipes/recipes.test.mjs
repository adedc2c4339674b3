// The recipes of `www/examples/jobs/` in browsers, as the apps that their frameworks make of them, with
// the emulator behind the server half at `/api`. The extension's background is run in `tests/extension`.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { toNodeHandler } from 'srvx/node';
import { createHandler } from 'stable-audio-client/server';

import { demoKey } from '../../tools/emulator.mjs';
import { engine, openHarness } from '../browser/harness.mjs';
import { unpackPackage } from '../support/packed-package.mjs';
import { addPackages, buildApp, hastened, recipes } from './apps/build.mjs';

// One framework and the plain page show whether an engine is unlike the others.
const names = engine === 'chromium' ? [...Object.keys(recipes), 'page'] : ['react', 'page'];
const waitMs = 15_000;

describe(`the recipes in ${engine}`, { timeout: 240_000 }, () => {
  let harness;
  let packed;
  let project;
  before(async () => {
    [harness, packed] = await Promise.all([openHarness({ speed: 1 }), unpackPackage()]);
    const { emulator, site } = harness;
    const handler = createHandler({ apiKey: demoKey, authorize: () => 'ada', baseUrl: emulator.url });
    site.add('/api/v2/generate/audio', toNodeHandler(handler));
    project = await mkdtemp(join(tmpdir(), 'stable-audio-recipes-'));
    await addPackages(project, packed.folder);
  });
  after(async () => {
    await harness?.close();
    await packed?.remove();
    if (project) await rm(project, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await harness.emulator.reset();
    // A page that knows of no job: nothing of another test is taken up, or stored again.
    await harness.page.open();
    await harness.driver.executeScript('localStorage.clear()');
  });

  for (const name of names) {
    it(`${name}: shows one track over a reload and a remount until it can be heard, with one submit`, async () => {
      const { driver, emulator } = harness;
      await open(name);
      await click();
      const begun = await until('an id is stored', ({ jobs, text }) => jobs[0]?.generation && isUnderWay(text));

      await driver.navigate().refresh();
      await until('the track is shown again', ({ text }) => isUnderWay(text));
      if (recipes[name]) await remount(recipes[name]);
      await emulator.plan({ poll: [{ finish: true }] });
      const { seen } = await until('it can be heard', ({ audio }) => audio?.endsWith('.wav'));

      assert.deepEqual(seen?.complaints ?? [], []);
      assert.deepEqual(await submits(), { posts: 1, jobs: ['completed'], keys: [begun.jobs[0].key] });
    });
  }

  it('page: makes one track of a submit during which it is loaded again', async () => {
    const { driver, emulator } = harness;
    await emulator.plan({ submit: [{ delay_ms: 1500 }], poll: [{ finish: true }] });
    await open('page');
    await click();
    while ((await emulator.ledger()).requests.length === 0) await sleep(20);
    await driver.navigate().refresh();
    const { jobs } = await until('it can be heard', ({ audio }) => audio?.endsWith('.wav'));
    assert.deepEqual(await submits(), { posts: 1, jobs: ['completed'], keys: [jobs[0].key] });
  });

  /** Serves a recipe and loads its page. */
  async function open(name) {
    const { driver, site } = harness;
    if (recipes[name]) {
      const { head, body, script } = await buildApp(name, project);
      const module = `<script type="module" src="/${name}.js"></script>`;
      site.add(`/${name}.js`, script);
      site.add(`/${name}`, `<!doctype html><meta charset="utf-8">${head}<div id="app">${body}</div>${module}`);
    } else {
      site.add(`/${name}`, (await hastened(`${name}.html`)).replaceAll(/https:\/\/cdn\.[^']*client/g, '/package'));
    }
    await driver.get(`${site.url}/${name}`);
  }

  const click = () => harness.driver.executeScript("document.querySelector('button').click()");

  /** Leaves the view and comes back to it. */
  async function remount({ subscriptions }) {
    const { driver } = harness;
    assert.equal((await look()).seen.subscribed, subscriptions);
    await driver.executeScript('window.unmount()');
    const { seen, text } = await look();
    assert.deepEqual({ listening: seen.listening, text }, { listening: 0, text: '' });
    // In a task of the page: WebDriver's own has no end of its own in WebKit.
    await driver.executeScript('setTimeout(window.mount)');
    await until('the track is shown once more', (state) => isUnderWay(state.text));
  }

  /** What the page shows, stores and complains about. */
  const look = () =>
    harness.driver.executeScript(() => ({
      text: document.body.innerText.trim(),
      audio: document.querySelector('audio')?.src,
      jobs: Object.values(localStorage).map((item) => JSON.parse(item)),
      seen: window.seen,
    }));

  async function until(what, holds) {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const state = await look();
      if (holds(state)) return state;
      if (Date.now() > deadline) assert.fail(`waited in vain: ${what}; ${JSON.stringify(state)}`);
      await sleep(50);
    }
  }

  /** What the service has seen. */
  async function submits() {
    const { requests, generations } = await harness.emulator.ledger();
    const posts = requests.filter(({ method }) => method === 'POST');
    const { jobs: stored } = await look();
    return { posts: posts.length, jobs: generations.map(({ status }) => status), keys: stored.map(({ key }) => key) };
  }
});

function isUnderWay(text) {
  return /queued|generating/.test(text);
}
