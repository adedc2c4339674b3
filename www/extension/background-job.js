// A job as the panel sees it: the background follows it, and is told what the buttons say.

import { Job } from '../job.js';
import { browser } from './browser.js';

/** Gives the background an order; waking it if it sleeps. */
export function order(name, details) {
  return browser.runtime.sendMessage({ order: name, ...details });
}

export class BackgroundJob extends Job {
  resume = () => order('resume', { key: this.record.key });
  retry = () => order('retry', { key: this.record.key });
  cancel = () => order('cancel', { key: this.record.key });
}
