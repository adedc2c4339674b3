import Replicate from 'replicate';

const replicate = new Replicate({ auth: 'key' });
replicate.run('stability-ai/stable-audio-2.5', { input: { prompt: 'rain on a tin roof' } }).then(console.log);
