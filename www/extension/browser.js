// The extension's API under one name: Firefox calls it `browser`, Chromium `chrome`. Both give promises.

export const browser = globalThis.browser ?? globalThis.chrome;
