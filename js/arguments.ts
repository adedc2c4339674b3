/** The names by which options, requests, snapshots and files are read. */
const names = [
  'apiKey',
  'baseUrl',
  'fetch',
  'maxConcurrent',
  'recovery',
  'streamSubmit',
  'signal',
  'timeoutMs',
  'pollIntervalMs',
  'idempotencyKey',
  'onSubmitting',
  'onSubmitted',
  'onStatus',
  'onProgress',
  'prompt',
  'secondsStart',
  'secondsTotal',
  'steps',
  'id',
  'status',
  'submittedAt',
  'nextCheckAt',
  'expectedAt',
  'request',
  'creditsUsed',
  'usdSpent',
  'audio',
  'error',
  'polling',
  'url',
  'href',
  'contentType',
  'fileName',
  'fileSize',
  'generationId',
] as const;

/**
 * A copy of an argument, so that later changes by its owner have no effect: each property is read once,
 * inherited ones and getters too, but none of `Object.prototype`.
 *
 * A plain object is copied whole, so that an unknown option can be reported. Of any other object the
 * known names are copied; one that has none of them is returned as it is.
 */
export function copyArgument(given: unknown): unknown {
  if (typeof given !== 'object' || !given || Array.isArray(given)) return given;
  const prototype = Object.getPrototypeOf(given) as object | null;
  const plain = !prototype || isRoot(prototype);
  const known = plain ? Object.getOwnPropertyNames(given) : names.filter((name) => has(given, name));
  // The module can tell by the prototype whether the original was a plain object.
  const copy = Object.create(plain ? null : {}) as Record<string, unknown>;
  for (const name of known) copy[name] = (given as Record<string, unknown>)[name];
  return plain || known.length > 0 ? copy : given;
}

/** An own property of the object: a copy has no others. */
export function own(object: unknown, name: string): unknown {
  return Object.hasOwn(Object(object) as object, name) ? (object as Record<string, unknown>)[name] : undefined;
}

/** Whether it, or what it inherits from before the root, has a property of that name. */
function has(object: object, name: string): boolean {
  return !isRoot(object) && (Object.hasOwn(object, name) || has(Object.getPrototypeOf(object) as object, name));
}

/** Whether it ends a prototype chain: an `Object.prototype`, of whatever realm. */
function isRoot(object: object): boolean {
  return !Object.getPrototypeOf(object);
}
