// The service's logs, newest first: which generation a submit created whose reply nobody heard.

import type { Settings } from './options.js';
import { SECOND } from './time.js';
import { keyOf, send } from './upstream.js';

const pageRows = 100;
const pages = 5;
const pageTimeoutMs = 4 * SECOND;
/** A look-up waits for it, so it has to fit into a serverless platform's limit. */
const budgetMs = 8 * SECOND;
const intervalMs = 20 * SECOND;

/** By the id that the submit was sent with. A row that is not there proves nothing. */
export type FindInLogs = (clientRequestId: string, sentAt: number) => Promise<string | undefined>;

export function logsReader(settings: Settings): FindInLogs {
  const snapshots: Record<string, { readAt: number; ids: Map<string, string> }> = {};

  // All look-ups share one reading: the logs are asked as often for a hundred of them as for one.
  // They do not wait for another's, which a runtime may end with the request that began it.
  return async (clientRequestId, sentAt) => {
    const now = Date.now();
    const period = now - sentAt < 3000 * SECOND ? '1h' : '7d';
    const snapshot = (snapshots[period] ??= { readAt: 0, ids: new Map() });
    if (Math.abs(now - snapshot.readAt) >= intervalMs) {
      snapshot.readAt = now;
      snapshot.ids = await read(period);
    }
    return snapshot.ids.get(clientRequestId);
  };

  async function read(period: string): Promise<Map<string, string>> {
    const ids = new Map<string, string>();
    const begun = Date.now();
    try {
      const key = await keyOf(settings);
      for (let page = 0; page < pages && Date.now() - begun < budgetMs; page++) {
        const query = `period=${period}&limit=${pageRows}&offset=${page * pageRows}`;
        const { value } = await send(settings, `${settings.base}/v2/logs?${query}`, key, pageTimeoutMs);
        const { data } = value as { data: { client_request_id?: unknown; inference_id?: unknown }[] };
        for (const { client_request_id: name, inference_id: id } of data) {
          if (typeof name === 'string' && typeof id === 'string' && id) ids.set(name, id);
        }
        if (data.length < pageRows) break;
      }
    } catch {
      // What could be read counts; an error, a page or a refusal says no more than an absent row.
    }
    return ids;
  }
}
