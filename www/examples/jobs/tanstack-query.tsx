// TanStack Query: npm install stable-audio-client @tanstack/react-query react

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { jobs } from './jobs';

const queryKey = ['tracks'];
// Resolves however the job ends, so that no `retry` of the mutation submits again.
const mutationFn = (prompt: string) => jobs.settled(jobs.add(prompt).key);

export function Tracks() {
  const cache = useQueryClient();
  useEffect(() => jobs.subscribe((all) => cache.setQueryData(queryKey, all)), [cache]);
  const { data: tracks } = useQuery({ queryKey, queryFn: jobs.getSnapshot, initialData: [], staleTime: Infinity });
  const { mutate, isPending } = useMutation({ mutationFn });
  return (
    <>
      <button onClick={() => mutate('rain on a tin roof')} disabled={isPending}>
        Generate
      </button>
      {tracks.map(({ key, phase, error, generation }) => (
        <p key={key}>
          {error?.message ?? phase} {generation?.audio && <audio controls src={generation.audio.url} />}
        </p>
      ))}
    </>
  );
}
