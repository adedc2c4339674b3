// Storages that several tabs share: what one has saved is there for the others, at once or a little later.

import { later, runIn } from './tabs.mjs';

/** A `localStorage` of each tab; the others' views lag. */
export class WebDisk {
  #items = new Map();
  #tabs = new Set();

  constructor(lag) {
    this.lag = lag;
  }

  for(tab) {
    const view = new Map(this.#items);
    const write = (key, value) => {
      tab.point('before a save');
      if (tab.dead) return;
      if (tab.refusal) throw tab.refusal;
      this.#write(own, key, value);
      tab.point('after a save');
    };
    const own = { tab, view, listeners: new Set() };
    this.#tabs.add(own);
    own.area = {
      get length() {
        return view.size;
      },
      key: (index) => [...view.keys()][index] ?? null,
      getItem: (key) => view.get(key) ?? null,
      setItem: (key, value) => write(key, value),
      removeItem: (key) => write(key),
    };
    return own;
  }

  clear(by) {
    this.#items.clear();
    by.view.clear();
    this.#spread(by, null, null, (view) => view.clear());
  }

  /** As a hand may edit it. */
  edit(key, value) {
    this.#items.set(key, value);
  }

  items() {
    return new Map(this.#items);
  }

  #write(own, key, value) {
    const change = (view) => (value === undefined ? view.delete(key) : view.set(key, value));
    change(this.#items);
    change(own.view);
    this.#spread(own, key, value ?? null, change);
  }

  #spread(own, key, newValue, change) {
    for (const other of this.#tabs) {
      if (other === own) continue;
      later(
        () => {
          other.tab.point('a change of another tab');
          if (other.tab.dead) return;
          change(other.view);
          const event = { storageArea: other.area, key, newValue };
          other.listeners.forEach((listener) => runIn(other.tab, listener, event));
        },
        inOrder(other, this.lag()),
      );
    }
  }
}

/** An extension's storage: asynchronous, with fields in an order of its own; a change is told to all. */
export class ExtensionDisk {
  #items = {};
  #listeners = new Set();

  constructor(lag) {
    this.lag = lag;
  }

  for(tab) {
    const act = async (kind, effect) => {
      if (tab.hangs) return new Promise(() => {});
      tab.point(`before ${kind}`);
      if (tab.dead) return new Promise(() => {});
      await pause(this.lag());
      const result = effect();
      tab.point(`after ${kind}`);
      return tab.dead ? new Promise(() => {}) : result;
    };
    const tell = (changes) => {
      for (const [listener, other] of this.#listeners) {
        const hear = () => {
          other.point('a change of a tab');
          if (!other.dead) runIn(other, listener, changes);
        };
        later(hear, inOrder(listener, this.lag()));
      }
    };
    const wrapped = new Map();
    const area = {
      get: (key) =>
        act('a load', () =>
          structuredClone(key === null ? this.#items : key in this.#items ? { [key]: this.#items[key] } : {}),
        ),
      set: (items) =>
        act('a save', () => {
          if (tab.refusal) throw tab.refusal;
          for (const [key, value] of Object.entries(items)) {
            this.#items[key] = sorted(JSON.parse(JSON.stringify(value)));
            tell({ [key]: { newValue: structuredClone(this.#items[key]) } });
          }
        }),
      remove: (key) =>
        act('a removal', () => {
          if (!(key in this.#items)) return;
          delete this.#items[key];
          tell({ [key]: {} });
        }),
      onChanged: {
        addListener: (listener) => {
          const own = [listener, tab];
          wrapped.set(listener, own);
          this.#listeners.add(own);
        },
        removeListener: (listener) => this.#listeners.delete(wrapped.get(listener)),
      },
    };
    return { area };
  }

  items() {
    return new Map(Object.entries(this.#items));
  }
}

function sorted(value) {
  if (typeof value !== 'object' || !value || Array.isArray(value)) return value;
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? 1 : -1));
  return Object.fromEntries(fields.map(([name, field]) => [name, sorted(field)]));
}

const arrivals = new WeakMap();

/** How long it takes to arrive at a receiver, none before the last. */
function inOrder(receiver, lag) {
  const at = Math.max(Date.now() + lag, arrivals.get(receiver) ?? 0);
  arrivals.set(receiver, at);
  return at - Date.now();
}

export function pause(ms) {
  return new Promise((resolve) => {
    later(resolve, ms);
  });
}
