export { default as Tracks } from './tracks.vue';
