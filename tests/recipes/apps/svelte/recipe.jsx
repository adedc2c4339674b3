export { default as Tracks } from './tracks.svelte';
