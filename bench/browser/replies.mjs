// The responses of each competitor's service: to the POST, to a GET while pending, and once done.

const ours = {
  created: { id: 'generation:stable-audio', status: 'queued' },
  pending: { id: 'generation:stable-audio', status: 'generating' },
  done: { id: 'generation:stable-audio', status: 'completed', audio_file: { url: 'https://cdn.example/track.wav' } },
};

export const replies = {
  bare: ours,
  ours,
  replicate: {
    created: { id: 'generation', status: 'starting' },
    pending: { id: 'generation', status: 'processing' },
    done: { id: 'generation', status: 'succeeded', output: 'track' },
  },
  fal: {
    created: { request_id: 'generation', status: 'IN_QUEUE' },
    pending: { request_id: 'generation', status: 'IN_PROGRESS' },
    done: { request_id: 'generation', status: 'COMPLETED' },
  },
  openai: {
    created: { id: 'generation', status: 'queued' },
    pending: { id: 'generation', status: 'in_progress' },
    done: { id: 'generation', status: 'completed' },
  },
};
