// A file from the local server: through the client, and through a bare `fetch().blob()`.

import { fileBytes } from './server.mjs';
import { summary } from './statistics.mjs';

const rounds = 7;

/** Megabytes a second, by competitor. */
export async function measureDownload({ load, act }, url) {
  await load();
  const speeds = { bare: [], ours: [] };
  for (let round = -1; round < rounds; round += 1) {
    for (const name of Object.keys(speeds)) {
      const speed = await act('download', { name, url: `${url}/file`, bytes: fileBytes });
      if (round >= 0) speeds[name].push(speed);
    }
  }
  return Object.fromEntries(Object.entries(speeds).map(([name, values]) => [name, summary(values)]));
}
