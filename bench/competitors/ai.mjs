import { createFal } from '@ai-sdk/fal';
import { generateSpeech } from 'ai';

const fal = createFal({ apiKey: 'key' });
const model = fal.speech('fal-ai/stable-audio');
generateSpeech({ model, text: 'rain on a tin roof' }).then(({ audio }) => console.log(audio));
