// What the service's documentation leaves open, and what the client takes for true, by name: those
// asked from Node, those asked with `--stream`, and those asked from a page with `--browser`.

const node = {
  'http-versions': ['which HTTP versions are offered?', 'HTTP/2: over it alone can Chromium stream a submit'],
  preflight: ['what does a preflight of a submit answer?', 'a 2xx that admits every origin'],
  'preflight-headers': ['does it admit `authorization` and `content-type`?', 'yes'],
  'preflight-x-client-request-id': ['does it admit `x-client-request-id`?', 'probably; not sent by default'],
  'preflight-idempotency-key': ['does it admit `idempotency-key`?', 'not known; never sent to the service'],
  'preflight-any-header': ['does it admit a header that nobody knows?', 'not known'],
  'preflight-max-age': ['for how long need a page not ask again?', 'not known'],
  'error-400': ['a submit without a prompt', '400; x-inference-id on every reply'],
  'error-401': ['a poll with a wrong key', '401; x-inference-id on every reply'],
  'error-404': ['a poll of an id that was never given out', '404, never captured; x-inference-id on every reply'],
  'error-malformed-id': ['a poll of a malformed id', '404 or 400; no x-inference-id'],
  'error-no-id': ['a GET without an id', 'a 4xx'],
  'exposed-headers': [
    'which response headers may pages read?',
    'x-inference-id, x-client-request-id, the two of the price',
  ],
  'submit-status': ['what does a submit answer?', '200 or 201, `queued`'],
  'submit-id': ['what does an id look like?', 'UUID:stable-audio, but opaque'],
  'submit-inference-id': ['is `x-inference-id` of a submit its `id`?', 'yes'],
  'submit-client-request-id': ['is X-Client-Request-Id echoed?', 'yes'],
  'submit-price': ['what do the reply’s headers and body say of the price?', '252 credits'],
  'submit-headers': ['which headers has the reply?', 'not known'],
  'submit-duration': ['how long does a submit take?', 'not known'],
  'poll-statuses': ['which statuses does a generation go through?', '`queued`, `generating`, `completed`'],
  'poll-inference-id': ['is `x-inference-id` of a poll its `id`?', 'yes'],
  'poll-caching': ['may a poll be kept by a cache?', 'not known; the client asks past caches'],
  'job-duration': ['how long does the whole generation take?', '30 to 60 s at 100 steps'],
  metrics: ['is `duration_ms` of /models/metrics that of the whole generation?', 'not known'],
  'file-address': ['where is the file?', 'cdn.aimlapi.com, without a signature'],
  'file-type': ['what type is it said to be, and what is it?', 'application/octet-stream; a WAV'],
  'file-length': [
    'is `file_size` its length, and the length that of the seconds asked for?',
    'yes; 44.1 kHz, 16 bit, stereo',
  ],
  'file-ranges': ['can a part of it be had?', 'not known'],
  'file-cors': ['may pages read it?', 'yes'],
  'file-lifetime': ['what says how long it lives?', 'nothing; a sibling model’s: 24 h'],
  'logs-under-way': ['has a generation under way a row in the logs?', 'not known; none'],
  'logs-lag': ['how long after its end is it there?', 'not known'],
  'logs-columns': [
    'which columns has a row?',
    'created, status, origin, model, cost, tokens, request_id, inference_id, client_request_id',
  ],
  'logs-client-request-id': ['is it found by `client_request_id`, and is `inference_id` its `id`?', 'yes; yes'],
  'logs-polls': ['have polls rows too?', 'not known'],
  'logs-refused': ['has the refused submit a row?', 'yes, of cost 0'],
  'billing-columns': ['what does /v2/billing answer?', 'the balance'],
  'billing-hold': ['is the price taken at the submit?', 'yes, held'],
  'billing-charge': ['what was charged in the end?', '252 credits a generation'],
};

// Asked where there is more than one generation.
const several = { 'logs-all': ['is every generation in the logs in the end?', 'yes'] };

const stream = {
  'stream-submit': ['is a submit taken whose body has no announced length?', 'not known'],
  'stream-job': ['does the streamed generation complete?', 'yes'],
};

const page = {
  'page-reads': ['may a page read the reply to a poll?', 'yes'],
  'page-x-client-request-id': ['may a page send `x-client-request-id`?', 'probably; not sent by default'],
  'page-idempotency-key': ['may a page send `idempotency-key`?', 'not known; never sent to the service'],
  'page-logs': ['may a page read the logs?', 'not known'],
  'page-submit': ['is a page’s submit taken?', 'yes'],
  'page-headers': [
    'which headers can the page read?',
    'x-inference-id, x-client-request-id, the two of the price; no retry-after',
  ],
  'page-job': ['does the page’s generation complete?', 'yes'],
  'page-file': ['may the page read the file?', 'yes'],
  'page-file-range': ['may the page read a part of it?', 'not known'],
};

const pageStream = {
  'page-stream-submit': ['is a page’s submit with a streamed body taken?', 'not known; in Chromium over HTTP/2 alone'],
  'page-stream-job': ['does the page’s streamed generation complete?', 'yes'],
};

/** The questions of a run, in their order. */
export function questionsOf({ browser, stream: isStreamed }) {
  const isPage = browser !== undefined;
  return {
    ...node,
    ...(isStreamed && stream),
    ...(isPage && page),
    ...(isPage && isStreamed && pageStream),
    ...((isPage || isStreamed) && several),
  };
}
