import RunwayML from '@runwayml/sdk';

const client = new RunwayML({ apiKey: 'key' });
const request = { model: 'eleven_text_to_sound_v2', promptText: 'rain on a tin roof' };
client.soundEffect.create(request).waitForTaskOutput().then(console.log);
