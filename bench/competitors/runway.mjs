import RunwayML from '@runwayml/sdk';

const client = new RunwayML({ apiKey: 'key' });
const job = { model: 'eleven_text_to_sound_v2', promptText: 'rain on a tin roof' };
client.soundEffect.create(job).waitForTaskOutput().then(console.log);
