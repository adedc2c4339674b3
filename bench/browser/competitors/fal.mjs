import { createFalClient } from '@fal-ai/client';

export function make({ fetch, base }) {
  const fal = createFalClient({ proxyUrl: base, fetch });
  return () => fal.subscribe('fal-ai/stable-audio', { input: { prompt: 'rain' } });
}
