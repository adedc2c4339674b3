// The service as a `fetch` that answers from memory.

const headers = { 'content-type': 'application/json' };

/** A generation is done at the `polls`-th GET after its POST; for one generation at a time. */
export function counting(replies, polls) {
  const { created, pending, done } = texts(replies);
  let left = 0;
  return async (_, init) => {
    if (isPost(init)) {
      left = polls;
      return new Response(created, { status: 201, headers });
    }
    left -= 1;
    return new Response(left > 0 ? pending : done, { headers });
  };
}

/** Generations that never end. `asked` counts the requests. */
export function endless(replies) {
  const { created, pending } = texts(replies);
  const service = async (_, init) => {
    service.asked += 1;
    return isPost(init) ? new Response(created, { status: 201, headers }) : new Response(pending, { headers });
  };
  service.asked = 0;
  return service;
}

/**
 * Concurrent generations, each of 40 s by the page's clock; `pause` delays a response. `open` counts the requests
 * in flight, `most` is the maximum of that.
 */
export function timed(replies, pause) {
  const { created, pending, done } = texts(replies);
  const ends = new Map();
  const service = async (url, init) => {
    service.open += 1;
    service.most = Math.max(service.most, service.open);
    await pause(5 + Math.random() * 20);
    service.open -= 1;
    if (isPost(init)) {
      const id = `generation-${ends.size}`;
      ends.set(id, Date.now() + 40_000);
      return new Response(created.replace(replies.created.id, id), { status: 201, headers });
    }
    const id = new URL(url).searchParams.get('generation_id');
    return new Response(Date.now() < ends.get(id) ? pending : done, { headers });
  };
  return Object.assign(service, { open: 0, most: 0 });
}

function isPost(init) {
  return init?.method?.toUpperCase() === 'POST';
}

function texts(replies) {
  return Object.fromEntries(Object.entries(replies).map(([name, reply]) => [name, JSON.stringify(reply)]));
}
