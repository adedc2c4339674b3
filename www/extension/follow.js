// What the background does with a job. It may be killed between any two steps, so each step stores
// what it has come to before the next begins, and an alarm stands before anything is waited for.

import { isStableAudioError } from 'stable-audio-client';

import { isRepeated } from '../gesture.js';
import { Job, stopped, unheard } from '../job.js';
import { word } from '../outcome.js';
import { submit } from '../submit.js';
import { browser } from './browser.js';
import { records } from './records.js';
import { clients } from './settings.js';

const alarm = 'check';
/** Browsers ring no sooner than this after the last time. */
const ringMs = 30_000;
/** The service documents that a generation takes a minute or so: after this it is not waited for. */
const patienceMs = 60 * 60_000;
/** The service's logs have what has ended, after a lag that is not documented: after this nothing is expected. */
const recoveryMs = 10 * 60_000;
/** One look into the logs, and the replies to a key that may not look. */
const lookMs = 10_000;
const cannotRead = new Set([401, 403, 404]);

/** This life of the background; a record says in which one it was last worked on. */
const life = crypto.randomUUID();
const atWork = new Map();

/** Generates what is asked for, once: a key that is known already is not submitted again. */
export async function begin(record) {
  if (isRepeated(record.request)) return;
  await alone(record.key, async (signal) => {
    if (!(await records.find(record.key))) await send(record, signal);
  });
}

/** Submits again what the package calls safe to submit again. */
export function retry(key) {
  return alone(key, async (signal) => {
    const record = await records.find(key);
    if (!record || !new Job(record).canRetry) return;
    await send(new Job(record).nextTry, signal);
  });
}

/** Waits again for what was accepted. */
export async function resume(key) {
  await records.update(key, (record) => {
    if (!new Job(record).canResume) return undefined;
    const { error: _, endedAt: __, stopping: ___, ...rest } = record;
    return { ...rest, resumedAt: Date.now() };
  });
  await check(key);
  await setAlarm();
}

/** Stops waiting. What the service has accepted goes on there; a request under way is let answer first. */
export async function cancel(key) {
  atWork.get(key)?.abort();
  await change(key, ({ generation }) => (generation ? ended(stopped) : { stopping: true }));
}

/** Asks for every job that is due, and finds those that an earlier life left in the middle. */
export async function goOn() {
  await setAlarm();
  const due = (await records.all()).filter((record) => new Job(record).isUnfinished && !atWork.has(record.key));
  await Promise.all(
    due.map(async ({ key, generation }) => {
      if (!generation) await recover(key);
      if ((generation?.nextCheckAt ?? 0) <= Date.now()) await check(key);
    }),
  );
  await setAlarm();
}

/**
 * Looks in the service's logs for what an earlier life was in the middle of submitting: perhaps sent,
 * perhaps not, perhaps billed. It is not sent again.
 */
async function recover(key) {
  await alone(key, async () => {
    const record = await records.find(key);
    if (!record || !new Job(record).isUnfinished || record.generation) return;
    const { startedAt: submittedAt } = record;
    let isOver = Date.now() - submittedAt > recoveryMs;
    try {
      const client = (await clients())();
      const generation = await client.recover(new Job(record).idempotencyKey, { submittedAt, timeoutMs: lookMs });
      await change(key, ({ stopping }) => ({ generation, ...(stopping && ended(stopped)) }));
    } catch (error) {
      if (!isStableAudioError(error)) throw error;
      // Without the user's leave to reach that address nothing is asked there.
      isOver ||= error.code === 'invalid_argument' || cannotRead.has(error.httpStatus);
    }
    if (!isOver) return;
    await change(key, ({ generation }) => !generation && ended(unheard('the browser stopped the extension')));
    await report(key);
  });
}

async function send(record, signal) {
  // The intent, before anything is sent: whoever wakes after a death finds it.
  await records.save({ ...record, life, lives: 1 });
  await setAlarm();
  const awake = stayAwake();
  try {
    const openClient = await clients();
    const generation = await submit(openClient, record.request, new Job(record).idempotencyKey, signal);
    const isFinal = ['completed', 'error'].includes(generation.status);
    await change(record.key, () => ({ generation, ...(signal.aborted && !isFinal && ended(stopped)) }));
    // One that has failed already says why, without another request.
    if (generation.status === 'error') await openClient().check(generation);
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
    const record = await records.find(key);
    // Stopped or removed meanwhile.
    if (!record?.generation || !new Job(record).isUnfinished) return;
    const { generation, resumedAt, startedAt } = record;
    if (Date.now() - (resumedAt ?? startedAt) > patienceMs) {
      await change(key, () => ended({ code: 'deadline', message: 'no track after an hour', retryable: false }));
      return;
    }
    try {
      const next = await (await clients())().check(generation, { signal });
      await change(key, () => ({ generation: next }));
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
  const { generation } = error;
  await change(key, () => ({ ...(generation && { generation }), ...ended(error.toJSON()) }));
}

function ended(error) {
  return { error, endedAt: Date.now() };
}

/** Changes a record by the fields that are made of it, unless it has been removed or has ended meanwhile. */
function change(key, fields) {
  return records.update(key, (record) => {
    const changed = record.error ? undefined : fields(record);
    const lives = (record.lives ?? 1) + (record.life === life ? 0 : 1);
    return changed && { ...record, life, lives, ...changed };
  });
}

/** Says that a job has ended: by the badge, and by a notification. */
async function report(key) {
  const record = await records.find(key);
  const job = record && new Job(record);
  if (!['completed', 'failed', 'unknown'].includes(job?.phase)) return;
  if (!record.endedAt) await change(key, () => ({ endedAt: Date.now() }));
  const { unseen = 0 } = await browser.storage.session.get('unseen');
  await browser.storage.session.set({ unseen: unseen + 1 });
  await browser.action.setBadgeText({ text: String(unseen + 1) });
  const message = record.request.prompt.slice(0, 200);
  const icon = browser.runtime.getURL('icons/128.png');
  await browser.notifications.create(`track/${key}`, { type: 'basic', iconUrl: icon, title: word(job), message });
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
