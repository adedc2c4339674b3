// No browser shows a test its menus: what it is told of them is looked at.

import assert from 'node:assert/strict';
import { it } from 'node:test';

import { createMenu } from '../../www/extension/menu.js';

it('the menu of selected text says what a track costs, and has one item however often it is made', async () => {
  const items = [];
  globalThis.chrome = {
    contextMenus: {
      removeAll: async () => items.splice(0),
      create: (item) => items.push(item),
    },
  };
  await createMenu();
  await createMenu();
  assert.deepEqual(items, [
    { id: 'generate', title: 'Generate audio from selection (about 1.3 ¢)', contexts: ['selection'] },
  ]);
});
