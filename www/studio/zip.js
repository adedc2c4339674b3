// All finished tracks in one zip. They are packed one after the other, so that no more than one is in memory,
// and not compressed, which audio hardly is by a zip.

import { Zip, ZipPassThrough } from 'fflate';

import { announce } from '../announcer.js';
import { counted } from '../format.js';
import { save } from '../track-file.js';

/** Saves the zip of these files, with all that can be had, and says how many could not. */
export async function downloadZip(files, showProgress) {
  const parts = [];
  let failure;
  const zip = new Zip((error, chunk) => {
    failure ??= error;
    // A Blob may lie on the disk.
    if (chunk) parts.push(new Blob([chunk]));
  });
  const names = new Set();
  for (const file of files) {
    showProgress(names.size, files.length);
    const blob = await file.read().catch(() => undefined);
    if (!blob) continue;
    const name = unused(file.nameFor(blob.type), names);
    names.add(name);
    const entry = new ZipPassThrough(name);
    zip.add(entry);
    entry.push(new Uint8Array(await blob.arrayBuffer()), true);
  }
  zip.end();
  if (failure) throw failure;
  if (names.size > 0) save(new Blob(parts, { type: 'application/zip' }), 'stable-audio.zip');
  announce(describe(names.size, files.length - names.size));
}

function unused(name, names) {
  let candidate = name;
  for (let number = 2; names.has(candidate); number += 1) candidate = name.replace(/(?=\.\w+$)/, `-${number}`);
  return candidate;
}

function describe(packed, missing) {
  const said = `The zip has ${counted(packed, 'track')}.`;
  return missing === 0 ? said : `${said} ${counted(missing, 'track')} could not be read: their links may have expired.`;
}
