export { Tracks } from './tanstack-ai';
