import OpenAI from 'openai';

const client = new OpenAI({ apiKey: 'key', dangerouslyAllowBrowser: true });

async function generate(prompt) {
  let video = await client.videos.create({ prompt });
  while (video.status === 'queued' || video.status === 'in_progress') {
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    video = await client.videos.retrieve(video.id);
  }
  return video;
}

generate('rain on a tin roof').then(console.log);
