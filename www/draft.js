// What the form holds, kept in this browser until the page is opened again.

import { recall, remember } from './preferences.js';

const name = 'draft';

/** What the form held; undefined where nothing was kept. */
export function recallDraft() {
  try {
    return JSON.parse(recall(name) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

export function rememberDraft(request) {
  remember(name, JSON.stringify(request));
}
