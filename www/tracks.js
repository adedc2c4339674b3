// The list of cards, kept in step with the jobs, the newest first.

import { Card } from './card.js';
import { openAtFirst } from './folding.js';
import { isUnfinished, stateOf } from './job-state.js';
import { openListItems } from './list-items.js';
import { openRemovals } from './removals.js';
import { openRemovedRow } from './removed-row.js';
import { forgetWaveform } from './waveforms.js';

const list = document.querySelector('#tracks');

/**
 * Shows `jobs`. `actions` are what leads away from a card: `edit` and `again` take a request, and `key`,
 * where there is one, leads to where a key is given. `guard(job, spend)` calls `spend` where the job may be sent
 * again. `forgotten` is called with each job that was removed, `changed` with each job that has come to another
 * state, `shown` with all after any change.
 */
export function showTracks({
  jobs,
  client,
  backend,
  submits,
  actions,
  openPlayer,
  openFile,
  forgotten = () => {},
  guard = (_job, spend) => spend(),
  changed,
  shown,
}) {
  const cards = new Map();
  const rows = new Map();
  const items = openListItems(list);
  const showRemovals = () => rows.forEach((row, key) => row.update(removals.isPending(key)));
  const removals = openRemovals({
    remove: jobs.remove,
    changed: showRemovals,
    isHeld: (key) => Boolean(rows.get(key)?.isHeld),
  });
  let isLoading = true;
  const orders = {
    stop: jobs.stop,
    resume: jobs.resume,
    retry: (key) => guard(cards.get(key).job, () => jobs.retry(key)),
    remove: removals.request,
  };

  const show = (job, index, all) => {
    const known = cards.get(job.key);
    if (known?.job === job) return;
    if (known) {
      const before = stateOf(known.job);
      known.update(job);
      items.update(job.key);
      if (stateOf(job) !== before) changed(job);
      return;
    }
    // What ends later stays as it is.
    const isFolded = isLoading && index >= openAtFirst && !isUnfinished(job);
    const shared = { client, backend, submits, actions: { ...actions, ...orders }, openPlayer, openFile };
    const card = new Card(job, { ...shared, isFolded });
    cards.set(job.key, card);
    rows.set(
      job.key,
      openRemovedRow(card, () => removals.undo(job.key)),
    );
    items.add(card, all.slice(index + 1));
  };

  const unsubscribe = jobs.subscribe((all) => {
    const keys = new Set(all.map(({ key }) => key));
    for (const [key, card] of cards) {
      if (keys.has(key)) continue;
      forgetWaveform(card.job.generation);
      forgotten(card.job);
      card.close();
      items.remove(key);
      cards.delete(key);
      rows.delete(key);
    }
    all.forEach(show);
    showRemovals();
    if (isLoading) removals.takeUp([...keys]);
    if (all.length > 0) isLoading = false;
    shown(all);
  });

  return {
    /** Calls `work` with each card. */
    forEach: (work) => cards.forEach((card) => work(card)),
    /** Takes the cards from the page; the jobs stay. */
    close() {
      unsubscribe();
      removals.close();
      cards.forEach((card) => card.close());
      items.close();
    },
  };
}
