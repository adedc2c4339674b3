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
 * What an argument says now, so that what its owner does later changes nothing: each name is read
 * once, inherited ones and getters too, but nothing that is `Object.prototype`'s.
 *
 * Of a plain object all is taken, so that a name that is not known can be told. Of any other object
 * the known names are; one that has none of them stays what it is.
 */
export function take(given: unknown): unknown {
  if (typeof given !== 'object' || !given || Array.isArray(given)) return given;
  const prototype = Object.getPrototypeOf(given) as object | null;
  const plain = !prototype || isRoot(prototype);
  const known = plain ? Object.getOwnPropertyNames(given) : names.filter((name) => has(given, name));
  // Without a class, or with one: the module can tell.
  const taken = Object.create(plain ? null : {}) as Record<string, unknown>;
  for (const name of known) taken[name] = (given as Record<string, unknown>)[name];
  return plain || known.length > 0 ? taken : given;
}

/** The property of that name, where it is the object's own: what was taken holds nothing else. */
export function own(object: unknown, name: string): unknown {
  return Object.hasOwn(Object(object) as object, name) ? (object as Record<string, unknown>)[name] : undefined;
}

/** Whether it, or what it inherits from before the root, has a property of that name. */
function has(object: object, name: string): boolean {
  return !isRoot(object) && (Object.hasOwn(object, name) || has(Object.getPrototypeOf(object) as object, name));
}

/** Whether it is where a chain of prototypes ends: an `Object.prototype`, of whatever realm. */
function isRoot(object: object): boolean {
  return !Object.getPrototypeOf(object);
}
