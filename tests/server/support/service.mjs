// A mock of the service: a `fetch`, its requests, and its next replies.

/** `fetch` answers each submit and poll with the next of `replies`, or as the service does. */
export function openService() {
  const submits = [];
  const polls = [];
  const logs = [];
  const replies = [];
  const rows = [];
  const service = { fetch, submits, polls, logs, replies, rows, charged: 0 };
  return service;

  async function fetch(url, init) {
    const { pathname, searchParams } = new URL(url);
    const headers = new Headers(init.headers);
    const asked = { url, init, headers };
    if (pathname.endsWith('/v2/logs')) {
      logs.push(asked);
      if (service.logsReply) return service.logsReply(asked);
      const offset = Number(searchParams.get('offset'));
      return Response.json({ data: rows.slice(offset, offset + Number(searchParams.get('limit'))) });
    }
    const kind = init.method === 'POST' ? submits : polls;
    kind.push(asked);
    if (kind === submits) asked.body = JSON.parse(await new Response(init.body).text());
    const next = replies.shift();
    const id = searchParams.get('generation_id') ?? `generation-${submits.length}`;
    const accept = () => {
      if (kind === polls) return;
      service.charged += 1;
      const name = headers.get('x-client-request-id');
      rows.unshift({ status: 'succeeded', inference_id: id, client_request_id: name });
    };
    if (next) return next({ id, accept, signal: init.signal });
    accept();
    return accepted(id, kind === polls ? 200 : 201);
  }
}

/** The service's own reply. */
export function accepted(id, status = 201) {
  return Response.json({ id, status: 'queued' }, { status, headers: { 'x-inference-id': id } });
}

/** An error response of the service, before it has accepted anything. */
export function refusal(status, headers) {
  return () => Response.json({ statusCode: status, message: `no: ${status}` }, { status, headers });
}

/** Accepts the submit, but the response is lost. */
export function lost({ accept }) {
  accept();
  throw new TypeError('fetch failed');
}

/** Accepts the submit, and responds when `answer` is called. */
export function held() {
  let answer;
  const answered = new Promise((resolve) => {
    answer = resolve;
  });
  const reply = async ({ id, accept }) => {
    accept();
    const given = await answered;
    return given ?? accepted(id);
  };
  return { reply, answer };
}

/** Accepts the submit, and never responds; rejects when it is aborted. */
export function silent({ accept, signal }) {
  accept();
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
