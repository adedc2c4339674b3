import { Client } from '@gradio/client';

Client.connect('stabilityai/stable-audio', { token: 'key' })
  .then((app) => app.predict('/predict', ['rain on a tin roof']))
  .then(console.log);
