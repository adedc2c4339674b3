// What a page of these tests has at `/jobs.js`: jobs behind the server half.

const problems = [];

/** Opens jobs with the client of an entry, which the page then has as `window.jobs`. */
export async function open({ entry, recovery, ...options }) {
  const [{ StableAudio, ready }, { openJobs }] = await Promise.all([import(entry), import('stable-audio-client/jobs')]);
  if (entry.endsWith('/slim')) await ready(fetch('/package/dist/core.wasm'));
  window.jobs = openJobs({
    client: new StableAudio({ baseUrl: '/api', recovery }),
    waitOptions: { pollIntervalMs: 1000 },
    onStorageError: ({ name, message }) => problems.push(`${name}: ${message}`),
    ...options,
  });
}

/** The jobs as they are shown, and what their storage met. */
export const shown = () => ({
  jobs: window.jobs.getSnapshot().map(({ key, phase, endedAt, generation, error, canResume, canRetry }) => ({
    key,
    phase,
    ended: endedAt !== undefined,
    id: generation?.id,
    code: error?.code,
    canResume,
    canRetry,
  })),
  problems,
});
