import { InferenceClient } from '@huggingface/inference';

const client = new InferenceClient('key');
const request = { provider: 'fal-ai', model: 'stabilityai/stable-audio-open-1.0', inputs: 'rain on a tin roof' };
client.textToSpeech(request).then(console.log);
