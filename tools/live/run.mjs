// The whole of it, from the first question to the last; what fails takes only its own rows along.

import { askPreflights, askRefusals } from './unbilled.mjs';
import { askLogs, askLogsOfAll } from './in-logs.mjs';
import { openLogs } from './logs.mjs';
import { openBalance } from './balance.mjs';
import { askNode, askNodeStreamed } from './node.mjs';
import { costOf } from './options.mjs';
import { questionsOf } from './questions.mjs';
import { redactor } from './redact.mjs';
import { openRows } from './rows.mjs';
import { openService } from './service.mjs';

/** Resolves to the rows and to what became of the generations, fit to print; `say` takes lines on the way. */
export async function run(options, say) {
  const redact = redactor(options.key);
  const service = openService(options);
  const context = {
    service,
    logs: openLogs(service),
    balance: openBalance(service),
    rows: openRows(questionsOf(options), redact),
    say: (line) => say(redact(line)),
    /** Request headers that a preflight admits. */
    admitted: new Set(),
    /** Generations that are in the logs already, and ours. */
    known: new Set(),
    /** Whether the logs said what they have already. */
    isKnown: false,
    generations: [],
  };
  const parts = [
    ['what the logs have already', () => learnKnown(context)],
    ['preflights', () => askPreflights(context)],
    ['refusals', () => askRefusals(context)],
    ['a generation from Node', () => askNode(context)],
    ['its row in the logs', () => context.first?.endedAt && askLogs(context)],
    options.stream && ['a streamed submit from Node', () => askNodeStreamed(context)],
    options.browser && [`a page in ${options.browser}`, () => askBrowser(context, options)],
    ['every row in the logs', () => askLogsOfAll(context)],
    ['the balance', () => context.balance.answer(context.rows, context.generations)],
  ];
  for (const [title, part] of parts.filter(Boolean)) await attempt(title, part, context.say);
  return {
    date: new Date().toISOString(),
    service: service.base,
    node: process.version,
    browser: context.browser,
    announced: costOf(options.orders.length),
    generations: context.generations.map((each) => redact(resultOf(each))),
    rows: context.rows.all(context.stopped ?? 'what it needs failed'),
  };
}

// A submit that nobody heard of, and that could carry no id of its own, is what the logs have more.
async function learnKnown(context) {
  for (const { inference_id: id } of await context.logs.look()) context.known.add(id);
  context.isKnown = true;
}

async function askBrowser(context, options) {
  const { askPage } = await import('./page.mjs');
  await askPage(context, options);
}

async function attempt(title, part, say) {
  say(`· ${title} …`);
  try {
    await part();
  } catch (error) {
    say(`! ${error.message}`);
  }
}

function resultOf({ from, id, outcome, clientRequestId, submitMs, start, endedAt, error }) {
  const milliseconds = { submit: Math.round(submitMs), whole: endedAt && Math.round(endedAt - start) };
  return { from, id, outcome, clientRequestId, milliseconds, error };
}
