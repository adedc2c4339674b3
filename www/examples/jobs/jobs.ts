// The jobs of the page, which every component shares. The server half answers at `/api`.

import { StableAudio } from 'stable-audio-client';
import { openJobs } from 'stable-audio-client/jobs';

export const client = new StableAudio({ baseUrl: '/api', recovery: 'server' });
export const jobs = openJobs({ client });
