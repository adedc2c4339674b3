// Finished audio, kept in this browser, so that an expired link is no loss. In the Cache API, because every
// engine can write there from a page; OPFS is written by a worker alone in some.
//
// A file's address in the cache says all that is needed to choose which to give up: when it came, and its size.

const cacheName = 'stable-audio/audio';
const folder = new URL('kept-audio/', document.baseURI).href;

/** How much is kept at most, in bytes: about 60 tracks of 47 seconds. */
const mostBytes = 500e6;

export class KeptFiles {
  #limit;

  constructor({ limit = mostBytes } = {}) {
    this.#limit = limit;
  }

  /** A file's Blob; undefined where it is not kept, or the browser does not say. */
  async find(name) {
    try {
      const cache = await caches.open(cacheName);
      const address = `${folder}${encodeURIComponent(name)}?`;
      const request = (await cache.keys()).find(({ url }) => url.startsWith(address));
      const reply = request && (await cache.match(request));
      return await reply?.blob();
    } catch {
      return undefined;
    }
  }

  /** Keeps a Blob, in place of the oldest ones where there is no room. Rejects where it cannot be kept. */
  async keep(name, blob) {
    const cache = await caches.open(cacheName);
    const room = Math.min(this.#limit, await halfOfQuota());
    if (blob.size > room) throw new Error('its storage is too small');
    await this.#makeRoom(cache, room - blob.size);
    const request = `${folder}${encodeURIComponent(name)}?at=${Date.now()}&bytes=${blob.size}`;
    const put = () => cache.put(request, new Response(blob, { headers: { 'content-type': blob.type } }));
    try {
      await put();
    } catch {
      // The estimate was wrong, or other pages of this site have filled it: one more try with half of it.
      await this.#makeRoom(cache, sum(await cache.keys()) / 2);
      await put();
    }
  }

  /** Forgets every file whose name begins so. */
  async forget(prefix) {
    try {
      const cache = await caches.open(cacheName);
      const all = await cache.keys();
      const wanted = all.filter(({ url }) => url.startsWith(folder + encodeURIComponent(prefix)));
      await Promise.all(wanted.map((request) => cache.delete(request)));
    } catch {
      // Nothing is kept where there is no cache.
    }
  }

  /** Gives up the oldest until no more than this many bytes are kept. */
  async #makeRoom(cache, bytes) {
    const requests = (await cache.keys()).toSorted((a, b) => numberIn(a, 'at') - numberIn(b, 'at'));
    while (requests.length > 0 && sum(requests) > bytes) await cache.delete(requests.shift());
  }
}

function sum(requests) {
  return requests.reduce((total, request) => total + numberIn(request, 'bytes'), 0);
}

function numberIn({ url }, name) {
  return Number(new URL(url).searchParams.get(name));
}

async function halfOfQuota() {
  const { quota = Infinity } = (await navigator.storage?.estimate?.().catch(() => {})) ?? {};
  return quota / 2;
}
