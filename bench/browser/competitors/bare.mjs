// The loop of the service's documentation, without any client.

export function make({ fetch, base }) {
  const service = `${base}/v2/generate/audio`;
  const headers = { authorization: 'Bearer demo-key', 'content-type': 'application/json' };
  return async () => {
    const body = JSON.stringify({ model: 'stable-audio', prompt: 'rain' });
    const { id } = await (await fetch(service, { method: 'POST', headers, body })).json();
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      const { status, audio_file } = await (await fetch(`${service}?generation_id=${id}`, { headers })).json();
      if (status === 'completed') return audio_file.url;
      if (status === 'error') throw new Error(status);
    }
  };
}
