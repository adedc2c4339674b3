// The extension's storage, as tests prepare it.

/** What tests do with the storage, from the page that is open; `inPage` runs a function there. */
export function storageHelpers(inPage) {
  return {
    /** The stored jobs. */
    stored: () =>
      inPage(async () => {
        const all = await chrome.storage.local.get(null);
        return Object.values(all).filter((value) => value?.request);
      }),

    /** Stores a job as a background that was killed has left it: without `sentAt`, before anything has left. */
    leaveJob({ startedAt, sentAt }) {
      const record = {
        version: 1,
        key: crypto.randomUUID(),
        request: { prompt: 'Slow piano' },
        phase: 'submitting',
        startedAt,
        orderedAt: startedAt,
        attempt: 1,
        orders: 0,
        changes: sentAt ? 1 : 0,
        ...(sentAt && { sentAt }),
      };
      return inPage((job) => chrome.storage.local.set({ [`stable-audio-jobs/${job.key}`]: job }), record);
    },

    /** Fills the storage until so many bytes are left. */
    fillStorage: ({ left }) =>
      inPage(async (bytes) => {
        const { local } = chrome.storage;
        // Its name and quotes count, too.
        const size = local.QUOTA_BYTES - (await local.getBytesInUse(null)) - 'filler""'.length - bytes;
        await local.set({ filler: 'x'.repeat(size) });
      }, left),

    emptyStorage: () => inPage(() => chrome.storage.local.remove('filler')),
  };
}
