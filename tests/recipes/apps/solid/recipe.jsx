export { Tracks } from './solid';
