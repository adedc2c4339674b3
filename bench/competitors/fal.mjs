import { createFalClient } from '@fal-ai/client';

const fal = createFalClient({ credentials: 'key' });
fal.subscribe('fal-ai/stable-audio', { input: { prompt: 'rain on a tin roof' } }).then(console.log);
