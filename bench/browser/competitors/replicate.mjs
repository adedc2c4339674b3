import Replicate from 'replicate';

export function make({ fetch, base }) {
  const replicate = new Replicate({ auth: 'key', baseUrl: base, fetch });
  return () => replicate.run('stability-ai/stable-audio-2.5', { input: { prompt: 'rain' } });
}
