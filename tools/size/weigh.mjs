// What bytes weigh on the wire.

import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** The columns of a table of weights. */
export const columns = ['raw', 'gzip -9', 'brotli 11'];

/** `{ raw, gzip, brotli }`, in bytes, of files that travel each by itself. */
export function weigh(...files) {
  return {
    raw: sum(files, (bytes) => bytes),
    gzip: sum(files, (bytes) => gzipSync(bytes, { level: 9 })),
    brotli: sum(files, (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })),
  };
}

/** A weight as cells under `columns`. */
export function cells({ raw, gzip, brotli }) {
  return [raw, gzip, brotli];
}

/** What is left of one weight without the others. */
export function without(whole, ...others) {
  const left = (key) => others.reduce((rest, other) => rest - other[key], whole[key]);
  return { raw: left('raw'), gzip: left('gzip'), brotli: left('brotli') };
}

function sum(files, pack) {
  return files.reduce((total, bytes) => total + pack(bytes).length, 0);
}
