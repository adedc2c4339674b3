// The actions in the page that the benchmark calls by name.

import './module.mjs';
import * as bare from '../competitors/bare.mjs';
import * as fal from '../competitors/fal.mjs';
import * as openai from '../competitors/openai.mjs';
import * as ours from '../competitors/ours.mjs';
import * as replicate from '../competitors/replicate.mjs';
import { StableAudio } from 'stable-audio-client';
import { replies } from '../replies.mjs';
import { jump, pause, scale, turn, wall } from './clock.mjs';
import { moduleMemory } from './module.mjs';
import { counting, endless, timed } from './service.mjs';
import { tick } from './ticker.mjs';

const competitors = { bare, replicate, fal, openai, ours };
const networkFetch = fetch.bind(globalThis);
/** Unreachable: requests to it are answered in the page. */
const unreachable = 'http://127.0.0.1:1';
const held = [];

const actions = {
  jump,
  scale,
  moduleMemory,

  /** The same number of timers, and nothing else. */
  async empty({ generations, polls }) {
    const started = wall();
    for (let count = generations * polls; count > 0; count -= 1)
      await new Promise((resolve) => setTimeout(resolve, 10_000));
    return wall() - started;
  },

  /** Generations one after another, answered in the page. */
  async inPage({ name, generations, polls }) {
    const answers = counting(replies[name], polls);
    return oneByOne(competitors[name].make({ fetch: answers, base: unreachable }), generations);
  },

  /** The same through the browser's own `fetch`, answered by the local server. */
  async overNetwork({ name, generations, polls }) {
    const base = `${location.origin}/service/${name}/${polls}`;
    return oneByOne(competitors[name].make({ fetch: networkFetch, base }), generations);
  },

  /** Concurrent generations that keep waiting. */
  async hold({ name, generations }) {
    const service = endless(replies[name]);
    const generate = competitors[name].make({ fetch: service, base: unreachable });
    for (let count = generations; count > 0; count -= 1) held.push(generate());
    for (let asked = -1; asked !== service.asked; await pause(100)) asked = service.asked;
    return service.asked;
  },

  /** Concurrent generations, `perTask` started in each task, until all have settled; answered in the page without `base`. */
  async atOnce({ name, generations, perTask, base }) {
    const service = timed(replies[name], pause);
    const given = base ? { fetch: networkFetch, base } : { fetch: service, base: unreachable };
    const generate = competitors[name].make(given);
    const started = wall();
    performance.mark('begun');
    const stop = tick();
    const all = [];
    while (all.length < generations) {
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

async function oneByOne(generate, generations) {
  const started = wall();
  for (let count = generations; count > 0; count -= 1) await generate();
  return wall() - started;
}

globalThis.act = async (name, given) => actions[name](given);
