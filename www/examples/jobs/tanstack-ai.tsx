// TanStack AI: npm install stable-audio-client @tanstack/ai @tanstack/ai-react react

import { useGenerateAudio, type AudioGenerateInput } from '@tanstack/ai-react';
import { useEffect } from 'react';
import { StableAudioError } from 'stable-audio-client';
import { jobs } from './jobs';

const fetcher = async ({ prompt, duration, modelOptions }: AudioGenerateInput) => {
  const job = await jobs.settled(modelOptions?.key ?? jobs.add({ prompt, secondsTotal: duration }).key);
  if (!job?.generation?.audio) throw StableAudioError.fromJSON(job?.error);
  return { id: job.key, model: 'stable-audio', audio: job.generation.audio };
};

export function Tracks() {
  const { generate, result, error, status } = useGenerateAudio({ fetcher });
  // After a reload the hook begins anew: it goes on with the newest track, which is not sent again.
  useEffect(() => {
    const [newest] = jobs.getSnapshot();
    if (newest) void generate({ prompt: newest.request.prompt, modelOptions: { key: newest.key } });
  }, [generate]);
  return (
    <>
      <button onClick={() => generate({ prompt: 'rain on a tin roof', duration: 30 })}>Generate</button>
      <p>
        {error?.message ?? status} {result?.audio.url && <audio controls src={result.audio.url} />}
      </p>
    </>
  );
}
