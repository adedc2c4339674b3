// Counts who listens to the jobs, and keeps what the page complains about. Loaded before the recipe.

import { jobs } from './jobs';

const { subscribe } = jobs;
const seen = { subscribed: 0, listening: 0, complaints: [] };
window.seen = seen;
jobs.subscribe = (listener) => {
  seen.subscribed += 1;
  seen.listening += 1;
  const unsubscribe = subscribe(listener);
  return () => {
    seen.listening -= 1;
    unsubscribe();
  };
};

for (const level of ['error', 'warn']) console[level] = (...words) => seen.complaints.push(words.join(' '));
for (const event of ['error', 'unhandledrejection']) {
  addEventListener(event, ({ message, reason }) => seen.complaints.push(String(message ?? reason)));
}
