// Solid: npm install stable-audio-client solid-js

import { createSignal, For, onCleanup, onMount, Show } from 'solid-js';
import { jobs } from './jobs';

export function Tracks() {
  const [tracks, setTracks] = createSignal(jobs.getServerSnapshot());
  onMount(() => onCleanup(jobs.subscribe(setTracks)));
  return (
    <>
      <button onClick={() => jobs.add('rain on a tin roof')}>Generate</button>
      <For each={tracks()}>
        {({ phase, error, generation }) => (
          <p>
            {error?.message ?? phase}{' '}
            <Show when={generation?.audio}>{(audio) => <audio controls src={audio().url} />}</Show>
          </p>
        )}
      </For>
    </>
  );
}
