// The background's client: that of the package, with the settings of the moment of each call.

import { StableAudio, StableAudioError, isStableAudioError } from 'stable-audio-client';

import { stoppedByBrowser } from '../outcome.js';
import { hasHostPermission, loadSettings, serviceUrl } from './settings.js';

/** What the service answers a key that may not read its logs, now or later. */
const cannotReadLogs = new Set([401, 403, 404]);

/** For one look into the logs; the next follows by the alarm. */
const lookUpTimeoutMs = 10_000;

/** The keys of the submits that this background has sent itself, since the browser started it. */
const sentHere = new Set();

export const client = {
  async submit(request, options) {
    sentHere.add(options.idempotencyKey);
    try {
      return await (await openClient()).submit(request, options);
    } catch (error) {
      throw cannotBeLookedUp(error) ? withFields(error, { idempotencyKey: undefined }) : error;
    }
  },

  async check(generation, options) {
    return (await openClient()).check(generation, options);
  },

  async recover(idempotencyKey, options) {
    try {
      return await (await openClient()).recover(idempotencyKey, { ...options, timeoutMs: lookUpTimeoutMs });
    } catch (error) {
      if (!isStableAudioError(error)) throw error;
      const message = sentHere.has(idempotencyKey) ? error.message : stoppedByBrowser;
      // Without recovery there is nothing more to ask.
      const code = cannotBeLookedUp(error) ? 'invalid_argument' : error.code;
      throw withFields(error, { code, message, httpStatus: undefined });
    }
  },
};

function cannotBeLookedUp({ code, httpStatus }) {
  return code === 'submit_unknown' && cannotReadLogs.has(httpStatus);
}

function withFields(error, fields) {
  return StableAudioError.fromJSON({ ...error.toJSON(), ...fields });
}

async function openClient() {
  const { address, key } = await loadSettings();
  const needsKey = new URL(address).origin === serviceUrl;
  const apiKey = () => {
    if (!key) throw new Error('no key has been given');
    return key;
  };
  return new StableAudio({
    baseUrl: address,
    ...((key || needsKey) && { apiKey }),
    ...((await hasHostPermission(address)) && { recovery: 'logs' }),
  });
}
