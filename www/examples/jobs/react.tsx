// React: npm install stable-audio-client react

import { useSyncExternalStore } from 'react';
import { jobs } from './jobs';

export function Tracks() {
  const tracks = useSyncExternalStore(jobs.subscribe, jobs.getSnapshot, jobs.getServerSnapshot);
  return (
    <>
      <button onClick={() => jobs.add('rain on a tin roof')}>Generate</button>
      {tracks.map(({ key, phase, error, generation }) => (
        <p key={key}>
          {error?.message ?? phase} {generation?.audio && <audio controls src={generation.audio.url} />}
        </p>
      ))}
    </>
  );
}
