const service = 'https://api.aimlapi.com/v2/generate/audio';
const headers = { authorization: 'Bearer key', 'content-type': 'application/json' };

async function generate(prompt) {
  const body = JSON.stringify({ model: 'stable-audio', prompt });
  const { id } = await (await fetch(service, { method: 'POST', headers, body })).json();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const { status, audio_file } = await (await fetch(`${service}?generation_id=${id}`, { headers })).json();
    if (status === 'completed') return audio_file.url;
    if (status === 'error') throw new Error(status);
  }
}

generate('rain on a tin roof').then(console.log);
