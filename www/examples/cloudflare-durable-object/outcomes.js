// The outcomes of submits, in one Durable Object: its storage is strongly consistent, outlives the
// Worker, and no two requests are in one of its synchronous methods at a time.

import { DurableObject } from 'cloudflare:workers';

/** The handler's store. One object keeps all keys: a reach is true of an object that was there all along. */
export function outcomesStore(namespace) {
  // A stub that has failed once may fail for ever, so each call has its own.
  const outcomes = () => namespace.getByName('outcomes');
  return {
    claim: (key, value, ttlMs) => outcomes().claim(key, value, ttlMs),
    get: (key) => outcomes().get(key),
    set: (key, value, ttlMs) => outcomes().set(key, value, ttlMs),
    delete: (key) => outcomes().delete(key),
    reach: () => outcomes().reach(),
  };
}

export class Outcomes extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec('CREATE TABLE IF NOT EXISTS outcomes (key TEXT PRIMARY KEY, value TEXT, until INTEGER)');
    this.sql.exec('CREATE INDEX IF NOT EXISTS untils ON outcomes (until)');
    // Nothing has been forgotten since. After a restore from a backup, begin anew: delete the row.
    this.sql.exec('CREATE TABLE IF NOT EXISTS beginning (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER)');
    this.sql.exec('INSERT OR IGNORE INTO beginning VALUES (1, ?)', Date.now());
  }

  claim(key, value, ttlMs) {
    this.sql.exec('DELETE FROM outcomes WHERE until <= ?', Date.now());
    const held = this.get(key);
    if (held === undefined) this.set(key, value, ttlMs);
    return held;
  }

  get(key) {
    const [row] = this.sql.exec('SELECT value FROM outcomes WHERE key = ? AND until > ?', key, Date.now());
    return row?.value;
  }

  set(key, value, ttlMs) {
    this.sql.exec('INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?)', key, value, Date.now() + ttlMs);
  }

  delete(key) {
    this.sql.exec('DELETE FROM outcomes WHERE key = ?', key);
  }

  reach() {
    const { at } = this.sql.exec('SELECT at FROM beginning').one();
    return Date.now() - at;
  }
}
