// What the measuring side calls in the page, by name.

import './module.mjs';
import * as bare from '../contenders/bare.mjs';
import * as fal from '../contenders/fal.mjs';
import * as openai from '../contenders/openai.mjs';
import * as ours from '../contenders/ours.mjs';
import * as replicate from '../contenders/replicate.mjs';
import { StableAudio } from 'stable-audio-client';
import { replies } from '../replies.mjs';
import { jump, pause, scale, turn, wall } from './clock.mjs';
import { moduleMemory } from './module.mjs';
import { counting, endless, timed } from './service.mjs';
import { tick } from './ticker.mjs';

const contenders = { bare, replicate, fal, openai, ours };
const networkFetch = fetch.bind(globalThis);
/** Names that lead nowhere: these requests are answered in the page. */
const nowhere = 'http://127.0.0.1:1';
const held = [];

const actions = {
  jump,
  scale,
  moduleMemory,

  /** The same number of sleeps, and nothing else. */
  async empty({ jobs, polls }) {
    const started = wall();
    for (let count = jobs * polls; count > 0; count -= 1) await new Promise((resolve) => setTimeout(resolve, 10_000));
    return wall() - started;
  },

  /** Jobs one after another, answered in the page. */
  async inPage({ name, jobs, polls }) {
    const answers = counting(replies[name], polls);
    return oneByOne(contenders[name].make({ fetch: answers, base: nowhere }), jobs);
  },

  /** The same through the browser's own `fetch`, answered by the local server. */
  async overNetwork({ name, jobs, polls }) {
    const base = `${location.origin}/service/${name}/${polls}`;
    return oneByOne(contenders[name].make({ fetch: networkFetch, base }), jobs);
  },

  /** Jobs at once that stay asleep, and are held. */
  async hold({ name, jobs }) {
    const service = endless(replies[name]);
    const generate = contenders[name].make({ fetch: service, base: nowhere });
    for (let count = jobs; count > 0; count -= 1) held.push(generate());
    for (let asked = -1; asked !== service.asked; await pause(100)) asked = service.asked;
    return service.asked;
  },

  /** Jobs at once, so many begun in a task, until all have settled. Without `base`, answered in the page. */
  async atOnce({ name, jobs, perTask, base }) {
    const service = timed(replies[name], pause);
    const given = base ? { fetch: networkFetch, base } : { fetch: service, base: nowhere };
    const generate = contenders[name].make(given);
    const started = wall();
    performance.mark('begun');
    const stop = tick();
    const all = [];
    while (all.length < jobs) {
      for (let count = perTask; count > 0; count -= 1) all.push(generate());
      await turn();
    }
    const called = wall() - started;
    const outcomes = await Promise.allSettled(all);
    const took = wall() - started;
    const block = stop();
    performance.mark('settled');
    const failed = outcomes.filter(({ status }) => status === 'rejected').length;
    return { took, called, block, failed, most: service.most };
  },

  /** Megabytes a second. */
  async download({ name, url, bytes }) {
    const started = wall();
    const blob = name === 'ours' ? await new StableAudio().download(url) : await (await networkFetch(url)).blob();
    if (blob.size !== bytes) throw new Error(`${blob.size} bytes arrived of ${bytes}`);
    return bytes / 1e3 / (wall() - started);
  },
};

async function oneByOne(generate, jobs) {
  const started = wall();
  for (let count = jobs; count > 0; count -= 1) await generate();
  return wall() - started;
}

globalThis.act = async (name, given) => actions[name](given);
