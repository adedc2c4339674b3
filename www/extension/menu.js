// The item in the menu of selected text.

import { creditsPerStep, money } from '../format.js';

/** The service's own, where a request gives none. */
const defaultSteps = 100;

/** Creates the item, in place of one that an earlier version has left. */
export async function createMenu() {
  await chrome.contextMenus.removeAll();
  chrome.contextMenus.create({
    id: 'generate',
    title: `Generate audio from selection (about ${money(defaultSteps * creditsPerStep)})`,
    contexts: ['selection'],
  });
}
