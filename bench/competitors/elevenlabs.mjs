import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';

const client = new ElevenLabsClient({ apiKey: 'key' });
client.music.compose({ prompt: 'rain on a tin roof' }).then(console.log);
