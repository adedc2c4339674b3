/**
 * Browser client for AI/ML API's `stable-audio` model: a prompt in, the URL of a finished track out.
 * @packageDocumentation
 */

export { StableAudio, generateAudio } from './client.js';
export { StableAudioError, isStableAudioError } from './error.js';
export { ready } from './ready.js';
export type * from './types.js';
