import { StableAudio } from 'stable-audio-client';

export function make({ fetch, base }) {
  const client = new StableAudio({ apiKey: 'demo-key', baseUrl: base, fetch });
  return () => client.generate('rain', { pollIntervalMs: 10_000, timeoutMs: Infinity });
}
