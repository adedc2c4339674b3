import { memoryStore } from './memory-store.js';
import type { HandlerOptions, Limits } from './types.js';

/** The options, checked and complete. */
export type Settings = ReturnType<typeof readOptions>;

const names = 'apiKey authorize spend limits store recovery allowOrigins baseUrl fetch onCall';

/** Throws a TypeError for what cannot be meant. A key that is not there yet is none of that. */
export function readOptions(options: HandlerOptions) {
  const settings = { ...options };
  const { authorize, recovery, allowOrigins = [], baseUrl = 'https://api.aimlapi.com' } = settings;
  for (const name of Object.keys(settings)) check(names.split(' ').includes(name), name);
  check(typeof authorize === 'function', 'authorize');
  check(recovery === undefined || recovery === 'logs', 'recovery');
  check(/^https?:\/\/./.test(baseUrl), 'baseUrl');
  for (const origin of allowOrigins) check(isOrigin(origin), `allowOrigins: ${origin}`);
  return {
    ...settings,
    limits: readLimits(settings.limits ?? {}),
    store: settings.store ?? memoryStore(),
    allowOrigins: [...allowOrigins],
    base: baseUrl.replace(/\/+$/, ''),
  };
}

function readLimits(overrides: Limits) {
  const limits = { steps: 100, secondsTotal: 47, promptLength: 2000 };
  for (const [name, value] of Object.entries(overrides)) {
    check(Object.hasOwn(limits, name), name);
    if (value === undefined) continue;
    check(typeof value === 'number' && value >= 1, name);
    limits[name as keyof Limits] = Math.floor(value);
  }
  return limits;
}

/** As browsers send it: with no path, in lower case, without the default port. An extension's too. */
function isOrigin(value: string): boolean {
  if (/^https?:/.test(value)) return URL.canParse(value) && new URL(value).origin === value;
  return /^[a-z-]+:\/\/[\w-]+$/.test(value);
}

function check(right: boolean, name: string): void {
  if (!right) throw new TypeError(`unknown or invalid option: ${name}`);
}
