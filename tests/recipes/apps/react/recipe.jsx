export { Tracks } from './react';
