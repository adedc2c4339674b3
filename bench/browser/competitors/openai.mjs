import OpenAI from 'openai';

export function make({ fetch, base }) {
  const client = new OpenAI({ apiKey: 'key', baseURL: base, fetch, dangerouslyAllowBrowser: true });
  return async () => {
    let video = await client.videos.create({ prompt: 'rain' });
    while (video.status === 'queued' || video.status === 'in_progress') {
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      video = await client.videos.retrieve(video.id);
    }
    return video;
  };
}
