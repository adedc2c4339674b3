// The extension as a person would use it, judged by the emulator's ledger.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { demoKey } from '../../tools/emulator.mjs';
import { openExtension } from './open.mjs';

const engine = process.env.ENGINE ?? 'chromium';
/** By then everything has been sent that a gesture was going to send. */
const settled = () => sleep(1500);

describe(`the extension in ${engine}`, { timeout: 240_000 }, () => {
  let extension, emulator, browser;
  before(async () => {
    extension = await openExtension(engine, { speed: 10 });
    ({ emulator, browser } = extension);
  });
  after(() => extension?.close());
  beforeEach(async () => {
    await emulator.reset();
    await extension.start();
  });

  const posts = () => extension.posts();
  const charges = () => extension.charges();
  const asked = () => extension.waitFor('the request is on its way', async () => (await posts()) > 0);
  /** So many submits come, and within a moment no more. */
  const assertPosts = async (count) => {
    await extension.waitFor(`${count} submits`, async () => (await posts()) >= count);
    await settled();
    assert.equal(await posts(), count);
  };
  /** Makes tracks of selections, one after the other, and looks at them in the panel. */
  const makeTracks = async (...prompts) => {
    await emulator.plan({ submit: [{ finish: true, times: prompts.length }] });
    await browser.goTo('panel.html');
    for (const prompt of prompts) {
      await browser.select(prompt);
      await extension.waitFor(`${prompt} is there`, async () => (await extension.cards())[0]?.prompt === prompt);
      await extension.until('completed');
    }
  };
  const areas = () =>
    extension.inPage(async () => {
      const { local, session, sync } = chrome.storage;
      const texts = await Promise.all([local, session, sync].map(async (area) => JSON.stringify(await area.get(null))));
      return { local: texts[0], session: texts[1], sync: texts[2] };
    });

  it('turns a selection into a track that plays, with a badge and a notification', async () => {
    await emulator.plan({ submit: [{ delay_ms: 1000, finish: true }] });
    // Firefox without a screen closes a notification at once.
    await extension.inPage(() => {
      chrome.notifications.onClosed.addListener((id) => (window.closedId = id));
    });
    await browser.select('  Slow piano\n in the rain ');
    await extension.waitFor('the badge shows that it is under way', async () => (await extension.badge()) === '…');
    await extension.waitFor('the badge counts it', async () => (await extension.badge()) === '1');
    await extension.waitFor('a notification says it', async () => {
      const shown = await extension.inPage(() => chrome.notifications.getAll());
      return Object.keys(shown).length === 1 || extension.inPage(() => Boolean(window.closedId));
    });
    await browser.goTo('panel.html');
    await extension.until('completed');
    const [{ prompt, actions }] = await extension.cards();
    assert.equal(prompt, 'Slow piano in the rain');
    assert.deepEqual(actions, ['download', 'copy', 'again', 'remove']);
    await extension.waitFor('the badge is gone', async () => (await extension.badge()) === '');
    await extension.inPage(() => {
      const audio = document.querySelector('audio');
      audio.muted = true;
      return audio.play();
    });
    await extension.waitFor('it plays', () => extension.inPage(() => document.querySelector('audio').currentTime > 0));
    assert.equal(await posts(), 1);
    assert.equal(await charges(), 1);
  });

  it('asks for a key where there is none, and sends nothing', async () => {
    await extension.inPage(async () => {
      const { local, session } = chrome.storage;
      await local.clear();
      await session.clear();
    });
    await browser.goTo('panel.html');
    await browser.select('Slow piano');
    await extension.until('failed');
    const [{ note, actions }] = await extension.cards();
    assert.match(note, /Give a key, then try again/);
    assert.deepEqual(actions, ['retry', 'keys', 'key', 'remove']);
    assert.match(await extension.inPage(() => document.querySelector('#backend').textContent), /no key yet/);
    assert.equal(await posts(), 0);
  });

  it('goes on while the panel is open, and stops and resumes from it', async () => {
    await browser.goTo('panel.html');
    await extension.generate({ prompt: 'Slow piano', secondsTotal: 1, steps: 1 });
    await extension.until('queued');
    await extension.press('stop');
    await extension.until('stopped');
    assert.deepEqual((await extension.cards())[0].actions, ['resume', 'remove']);
    await extension.press('resume');
    await extension.until('completed');
    await extension.press('remove');
    await extension.waitFor('the card is gone', async () => (await extension.cards()).length === 0);
    await extension.waitFor('nothing is stored of it', async () => (await extension.stored()).length === 0);
    assert.equal(await posts(), 1);
    assert.equal(await charges(), 1);
  });

  it('says each error with the action that helps', async () => {
    await emulator.plan({
      submit: [{ status: 500, after_accept: true }, { status: 401 }, { fail: 'message', finish: true }],
      logs: [{ status: 403 }],
    });
    const expected = [
      ['unknown', ['remove']],
      ['failed', ['retry', 'key', 'edit', 'remove']],
      ['failed', ['retry', 'remove']],
    ];
    await browser.goTo('panel.html');
    for (const [index, [phase, actions]] of expected.entries()) {
      await extension.generate({ prompt: `Slow piano ${index}` });
      await extension.waitFor('the card is there', async () => (await extension.cards()).length === index + 1);
      await extension.until(phase);
      assert.deepEqual((await extension.cards())[0].actions, actions);
    }
  });

  it('shows on the badge that a track is under way, also after the background was killed and the panel closed', async () => {
    await browser.goTo('panel.html');
    await extension.generate({ prompt: 'Slow piano' });
    await extension.until('queued');
    await browser.goTo('options.html');
    await browser.kill();
    assert.equal(await extension.badge(), '…');
    await browser.goTo('panel.html');
    await extension.press('stop');
    await extension.waitFor('the badge is gone', async () => (await extension.badge()) === '');
  });

  it('makes one track of a selection that the menu is told twice within a second', async () => {
    await browser.select('Soft piano');
    await browser.select('Soft piano');
    await assertPosts(1);
    await browser.select('Soft piano');
    await extension.waitFor('later it is another track', async () => (await posts()) === 2);
  });

  it('makes one track of a double click in the panel, and one of Ctrl+Enter held', async () => {
    await browser.goTo('panel.html');
    await extension.fillForm({ prompt: 'Slow piano' });
    await browser.doubleClick('#generate');
    await assertPosts(1);
    await extension.fillForm({ prompt: 'Fast piano' });
    await browser.hold('#prompt', { times: 10 });
    await assertPosts(2);
  });

  it('submits once what is tried again twice', async () => {
    await emulator.plan({
      submit: [
        { fail: 'message', finish: true },
        { delay_ms: 500, finish: true },
      ],
    });
    await browser.goTo('panel.html');
    await browser.select('Slow piano');
    await extension.until('failed');
    await settled();
    await browser.doubleClick('.card [data-action=retry]');
    await extension.until('completed');
    assert.equal(await posts(), 2);
    assert.equal(await charges(), 1);
  });

  it('lets a request under way be answered when it is stopped, and keeps its id', async () => {
    await emulator.plan({ submit: [{ delay_ms: 2000 }] });
    await browser.goTo('panel.html');
    await browser.select('Slow piano');
    await extension.until('submitting');
    await asked();
    await extension.press('stop');
    await extension.until('stopping');
    assert.deepEqual((await extension.cards())[0].actions, []);
    await extension.until('stopped');
    assert.deepEqual((await extension.cards())[0].actions, ['resume', 'remove']);
    const { generations, requests } = await emulator.ledger();
    assert.equal((await extension.stored())[0].generation.id, generations[0].id);
    assert.deepEqual(
      requests.filter(({ method }) => method === 'POST').map(({ aborted }) => aborted),
      [false],
    );
  });

  it('sends a refused request no more once it is stopped', async () => {
    await emulator.plan({ submit: [{ status: 429, times: 50 }] });
    await browser.goTo('panel.html');
    await browser.select('Slow piano');
    await asked();
    await extension.until('submitting');
    await extension.press('stop');
    await extension.until('stopped');
    const sent = await posts();
    assert.match((await extension.cards())[0].note, /Nothing was spent/);
    await settled();
    await settled();
    assert.equal(await posts(), sent);
  });

  it('plays one track at a time, also of two panels', async () => {
    await makeTracks('First', 'Second');
    /** Which tracks play, in each panel. */
    const playing = () =>
      extension.inPanels((panels) =>
        panels.map(({ document }) => [...document.querySelectorAll('audio')].map(({ paused }) => !paused)).join(),
      );
    const play = (panel, track) =>
      extension.inPanels(
        (panels, at, nth) => {
          const audio = panels[at].document.querySelectorAll('audio')[nth];
          audio.muted = true;
          return audio.play();
        },
        panel,
        track,
      );
    await play(0, 0);
    await extension.waitFor('the first plays', async () => (await playing()) === 'true,false');
    await play(0, 1);
    await extension.waitFor('the second plays alone', async () => (await playing()) === 'false,true');
    // Firefox plays nothing in a tab that was never shown.
    const close = await extension.openSecondPanel({ active: true });
    await play(1, 0);
    await extension.waitFor('the other panel plays alone', async () => (await playing()) === 'false,false,true,false');
    await close();
  });

  it('removes one track by a double click on Remove', async () => {
    await makeTracks('First', 'Second', 'Third');
    await settled();
    await browser.doubleClick('.card [data-action=remove]');
    await settled();
    assert.equal(await extension.inPage(() => document.querySelectorAll('.removed').length), 1);
    // The removal waits for as long as the focus is on Undo.
    await extension.inPage(() => document.activeElement.blur());
    await extension.waitFor('one is removed', async () => (await extension.stored()).length === 2);
    await settled();
    assert.equal((await extension.stored()).length, 2);
  });

  it('asks before it clears the history', async () => {
    await makeTracks('First', 'Second');
    const press = (css) => extension.inPage((wanted) => document.querySelector(wanted).click(), css);
    await press('#clear');
    const question = await extension.inPage(() => document.querySelector('#clearing').textContent);
    assert.match(question, /2 tracks will be removed/);
    await press('#clearing button:not([data-action])');
    await settled();
    assert.equal((await extension.stored()).length, 2);
    await press('#clear');
    await press('#clearing [data-action=clear]');
    await extension.waitFor('they are gone', async () => (await extension.stored()).length === 0);
  });

  it('keeps the key for the session alone, or here if asked, never elsewhere', async () => {
    const { local, session, sync } = await areas();
    assert.ok(!local.includes(demoKey) && session.includes(demoKey) && !sync.includes(demoKey));
    await extension.start({ keep: true });
    const kept = await areas();
    assert.ok(kept.local.includes(demoKey) && !kept.session.includes(demoKey) && !kept.sync.includes(demoKey));
    await extension.inPage(() => document.querySelector('#forget').click());
    await extension.waitFor('it is forgotten', async () => !JSON.stringify(await areas()).includes(demoKey));
  });

  it('gives axe nothing to complain of', async () => {
    assert.deepEqual(await extension.violations(), []);
    await browser.goTo('panel.html');
    assert.deepEqual(await extension.violations(), []);
    await emulator.plan({ submit: [{ finish: true }, { status: 401 }] });
    await extension.generate({ prompt: 'a' });
    await extension.until('completed');
    await extension.generate({ prompt: 'b' });
    await extension.until('failed');
    assert.deepEqual(await extension.violations(), []);
    await extension.inPage(() => document.querySelector('#clear').click());
    assert.deepEqual(await extension.violations(), []);
  });
});
