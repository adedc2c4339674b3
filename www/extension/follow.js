// What the background does with a job. It may be killed between any two steps, so each step stores
// what it has come to before the next begins, and an alarm stands before anything is waited for.

import { isStableAudioError } from 'stable-audio-client';

import { Job, unheard } from '../job.js';
import { browser } from './browser.js';
import { records } from './records.js';
import { client } from './settings.js';

const alarm = 'check';
/** Browsers ring no sooner than this after the last time. */
const ringMs = 30_000;
/** The service documents that a generation takes a minute or so: after this it is not waited for. */
const patienceMs = 60 * 60_000;

/** This life of the background; a record says in which one it was last worked on. */
const life = crypto.randomUUID();
const atWork = new Map();

/** Generates what is asked for, once: a key that is known already is not submitted again. */
export function begin(record) {
  return alone(record.key, async (signal) => {
    if (!(await records.find(record.key))) await submit(record, signal);
  });
}

/** Submits again what the package calls safe to submit again. */
export function retry(key) {
  return alone(key, async (signal) => {
    const record = await records.find(key);
    if (!record || !new Job(record).canRetry) return;
    await submit({ key, request: record.request, startedAt: Date.now() }, signal);
  });
}

/** Waits again for what was accepted. */
export async function resume(key) {
  const record = await records.find(key);
  if (!record || !new Job(record).canResume) return;
  const { error: _, endedAt: __, ...rest } = record;
  await records.save({ ...rest, resumedAt: Date.now() });
  await check(key);
  await setAlarm();
}

/** Stops waiting. What the service has accepted goes on there. */
export async function cancel(key) {
  atWork.get(key)?.abort();
  const message = 'the wait was stopped; what the service has accepted goes on there';
  const record = await records.find(key);
  // A submit that is under way says itself how it ended.
  if (record?.generation) await change(key, ended({ code: 'aborted', message, retryable: false }));
}

/** Asks for every job that is due, and finds those that an earlier life left in the middle. */
export async function goOn() {
  await setAlarm();
  const due = (await records.all()).filter((record) => new Job(record).isUnfinished && !atWork.has(record.key));
  for (const { key, generation, life: last } of due) {
    // Perhaps sent, perhaps not, perhaps billed: it is not sent again.
    if (!generation && last !== life) await change(key, ended(unheard('the browser stopped the extension')));
    if (generation && (generation.nextCheckAt ?? 0) <= Date.now()) await check(key);
  }
  await setAlarm();
}

async function submit(record, signal) {
  // The intent, before anything is sent: whoever wakes after a death finds it.
  await records.save({ ...record, life, lives: 1 });
  await setAlarm();
  const awake = stayAwake();
  try {
    const its = await client();
    const generation = await its.submit(record.request, { signal });
    await change(record.key, { generation });
    // One that has failed already says why, without another request.
    if (generation.status === 'error') await its.check(generation);
  } catch (error) {
    await fail(record.key, error);
  } finally {
    clearInterval(awake);
  }
  await report(record.key);
  await setAlarm();
}

async function check(key) {
  await alone(key, async (signal) => {
    const { generation, resumedAt, startedAt } = await records.find(key);
    if (Date.now() - (resumedAt ?? startedAt) > patienceMs) {
      const message = 'no track after an hour; the generation goes on at the service';
      await change(key, ended({ code: 'deadline', message, retryable: false }));
      return;
    }
    try {
      const next = await (await client()).check(generation, { signal });
      await change(key, { generation: next });
    } catch (error) {
      await fail(key, error);
    }
    await report(key);
  });
}

/** Does one thing at a time with a job. */
async function alone(key, work) {
  if (atWork.has(key)) return;
  const abort = new AbortController();
  atWork.set(key, abort);
  try {
    await work(abort.signal);
  } finally {
    atWork.delete(key);
  }
}

async function fail(key, error) {
  if (!isStableAudioError(error)) throw error;
  const { code, generation } = error;
  // A failed generation is not billed: all of it can be asked for again, if not this one check.
  const said = { ...error.toJSON(), ...(code === 'generation_failed' && { retryable: true }) };
  await change(key, { ...(generation && { generation }), ...ended(said) });
}

function ended(error) {
  return { error, endedAt: Date.now() };
}

/** Changes a record, unless it has been removed or stopped meanwhile. */
async function change(key, fields) {
  const record = await records.find(key);
  if (!record || record.error) return;
  const lives = (record.lives ?? 1) + (record.life === life ? 0 : 1);
  await records.save({ ...record, life, lives, ...fields });
}

/** Says that a job has ended: by the badge, and by a notification. */
async function report(key) {
  const record = await records.find(key);
  const said = record && { completed: 'Completed', failed: 'Failed' }[new Job(record).phase];
  if (!said) return;
  if (!record.endedAt) await change(key, { endedAt: Date.now() });
  const { unseen = 0 } = await browser.storage.session.get('unseen');
  await browser.storage.session.set({ unseen: unseen + 1 });
  await browser.action.setBadgeText({ text: String(unseen + 1) });
  const message = record.request.prompt.slice(0, 200);
  const icon = browser.runtime.getURL('icons/128.png');
  await browser.notifications.create(`track/${key}`, { type: 'basic', iconUrl: icon, title: said, message });
}

/** Rings when the next check is due, and every half minute from then on: this life may not see it. */
async function setAlarm() {
  const waiting = (await records.all()).filter((record) => new Job(record).isUnfinished);
  if (waiting.length === 0) return browser.alarms.clear(alarm);
  const due = Math.min(...waiting.map(({ generation }) => generation?.nextCheckAt ?? 0));
  const when = Math.max(due, Date.now() + ringMs);
  return browser.alarms.create(alarm, { when, periodInMinutes: ringMs / 60_000 });
}

// A fetch does not keep the background alive, and a submit must not be cut off in the middle; a call
// of the extension's API does, for another half minute.
function stayAwake() {
  return setInterval(() => browser.runtime.getPlatformInfo(), 20_000);
}
