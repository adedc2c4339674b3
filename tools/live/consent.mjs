// Says what will be sent and spent, and asks.

import { createInterface } from 'node:readline/promises';

import { costOf, dollars } from './options.mjs';

/** Says what this run may spend, and rejects unless somebody agrees to it. */
export async function consent({ base, local, browser, orders, yes }, say) {
  const { generations, credits, usd } = costOf(orders.length);
  const price = `${credits.toLocaleString('en')} credits, ${dollars(usd)}`;
  say(`Asks ${base} what the service's documentation leaves open.`);
  say(`  submits  ${generations} of one step at the most (${orders.join('; ')}), each sent once: ${price}`);
  if (browser) say('           (below `fetch` a browser may by itself send one again whose connection breaks)');
  say('  besides  one submit without a prompt, which must be refused and is not billed; preflights and reads');
  say(`  takes    ${local ? 'less than a minute' : 'minutes: the logs are looked at every 20 s, for 5 minutes'}`);
  if (local) return say('  On this machine nothing is billed, and AIMLAPI_KEY is not used.');
  if (yes) return undefined;
  if (!process.stdin.isTTY) throw new Error(`this spends ${price}: without a terminal to ask on, add --yes`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Spend ${price}? [y/N] `).finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error('nothing was sent');
}
