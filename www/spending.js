// What this tab has spent, or may have, since it was opened; and a question before that goes above a limit.

import { setText } from './element.js';
import { creditsPerStep, money } from './format.js';
import { costOf } from './job-state.js';

/** In credits: 25 ¢. */
const firstLimit = 500_000;
const storageKey = 'stable-audio.spending';

const dialog = document.querySelector('#spending');
const sum = document.querySelector('#spent');

/** Opens the account of this tab. `isReal` says whether its credits are. */
export function openSpending({ isReal }) {
  const { limit: known = firstLimit, amounts: entries = [] } = load();
  const amounts = new Map(entries);
  let limit = known;

  const total = () => [...amounts.values()].reduce((spent, amount) => spent + amount, 0);
  const save = () => {
    try {
      sessionStorage.setItem(storageKey, JSON.stringify({ limit, amounts: [...amounts] }));
    } catch {
      // Then it is counted until the page is left.
    }
  };
  const show = () => {
    setText(sum, total() > 0 ? `${money(total())} in this session${isReal ? '' : ', not real'}` : '');
  };
  show();

  return {
    /** Counts a job that this tab has added, or tried again. */
    count({ key, request }) {
      amounts.set(key, priceOf(request));
      save();
      show();
    },
    /** Takes what has become known of those. */
    update(jobs) {
      for (const job of jobs) {
        if (!amounts.has(job.key)) continue;
        const amount = costOf(job) === 'none' ? 0 : (job.generation?.creditsUsed ?? priceOf(job.request));
        amounts.set(job.key, amount);
      }
      save();
      show();
    },
    /** Calls `spend`, which sends a request so many times, after a question where that would exceed the limit. */
    guard(request, spend, times = 1) {
      const wanted = total() + times * priceOf(request);
      if (wanted <= limit) return spend();
      const next = Math.max(2 * limit, wanted);
      return ask({ wanted, next, isReal }, () => {
        limit = next;
        save();
        spend();
      });
    },
  };
}

/** In credits. */
export function priceOf({ steps = 100 }) {
  return steps * creditsPerStep;
}

function ask({ wanted, next, isReal }, confirmed) {
  dialog.querySelector('.wanted').textContent = `${money(wanted)}${isReal ? '' : ', which is not real'}`;
  dialog.querySelector('.next').textContent = money(next);
  dialog.returnValue = '';
  dialog.addEventListener('close', () => dialog.returnValue === 'spend' && confirmed(), { once: true });
  dialog.showModal();
}

function load() {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey)) ?? {};
  } catch {
    return {};
  }
}
