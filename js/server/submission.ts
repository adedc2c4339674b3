import { parseJson, readText } from './body.js';
import { errorReply } from './reply.js';
import { SECOND } from './time.js';
import type { AudioRequest, Limits } from './types.js';

/** What a submit asks for, and how it goes to the service. */
export interface Submission {
  request: AudioRequest;
  body: string;
  credits: number;
}

type CheckedLimits = { [name in keyof Limits]-?: number };

const creditsPerStep = 252;
const defaultSteps = 100;
const defaultSeconds = 30;
const bodyLimit = 16 * 1024;
const bodyTimeoutMs = 10 * SECOND;

/** Reads a submit's body and makes it anew of what is known: nothing else reaches the service. */
export async function readSubmission(request: Request, limits: CheckedLimits): Promise<Submission> {
  const type = request.headers.get('content-type') ?? '';
  // Any other can be sent by a form of a foreign page, without a preflight.
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw errorReply(415, 'content-type must be application/json');
  }
  const text = await bodyOf(request);
  const value = text === undefined ? undefined : parseJson(text);
  if (typeof value !== 'object' || value === null) throw errorReply(400, 'the body must be JSON of 16 KiB at most');
  return rebuild(value, limits);
}

async function bodyOf(request: Request): Promise<string | undefined> {
  let text = parsedBody(request);
  if (text === undefined) {
    const read = await readText(request.body, bodyLimit, bodyTimeoutMs);
    if (!read.whole) return undefined;
    text = read.text;
  }
  return new TextEncoder().encode(text).length > bodyLimit ? undefined : text;
}

/** What Express's `json()` has read, so that it cannot be read again; one that read nothing gives an empty object. */
function parsedBody({ runtime }: Request & { runtime?: { node?: { req?: { body?: unknown } } } }): string | undefined {
  const body: unknown = runtime?.node?.req?.body;
  return Object.keys(Object(body)).length > 0 ? JSON.stringify(body) : undefined;
}

function rebuild(value: object, limits: CheckedLimits): Submission {
  const {
    model = 'stable-audio',
    prompt,
    seconds_start,
    seconds_total,
    steps,
    ...others
  } = value as Record<string, unknown>;
  const unknown = Object.keys(others);
  if (unknown.length > 0) throw errorReply(400, `unknown field: ${unknown[0]}`);
  if (model !== 'stable-audio') throw errorReply(400, 'model must be stable-audio');
  if (
    typeof prompt !== 'string' ||
    !prompt.trim() ||
    [...prompt].length > limits.promptLength ||
    /\p{Surrogate}/u.test(prompt)
  ) {
    throw errorReply(400, `prompt must be text of 1 to ${limits.promptLength} characters`);
  }
  const start = whole('seconds_start', seconds_start, 47);
  const total = whole('seconds_total', seconds_total, Math.min(47, limits.secondsTotal), defaultSeconds);
  const count = whole('steps', steps, Math.min(1000, limits.steps), defaultSteps);
  return {
    request: {
      prompt,
      ...(start && { secondsStart: start }),
      ...(total && { secondsTotal: total }),
      ...(count && { steps: count }),
    },
    // What is undefined is left out.
    body: JSON.stringify({ model, prompt, seconds_start: start, seconds_total: total, steps: count }),
    credits: creditsPerStep * (count ?? defaultSteps),
  };
}

/** A whole number from 1 to `max`; where it is absent and the service's default is more, `max`. */
function whole(name: string, value: unknown, max: number, byDefault = 0): number | undefined {
  if (value === undefined) return byDefault > max ? max : undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max) {
    throw errorReply(400, `${name} must be a whole number from 1 to ${max}`);
  }
  return value;
}
