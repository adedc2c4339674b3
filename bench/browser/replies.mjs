// What each contender's service answers: to the POST, to a GET meanwhile, and in the end.

const ours = {
  created: { id: 'job:stable-audio', status: 'queued' },
  pending: { id: 'job:stable-audio', status: 'generating' },
  done: { id: 'job:stable-audio', status: 'completed', audio_file: { url: 'https://cdn.example/track.wav' } },
};

export const replies = {
  bare: ours,
  ours,
  replicate: {
    created: { id: 'job', status: 'starting' },
    pending: { id: 'job', status: 'processing' },
    done: { id: 'job', status: 'succeeded', output: 'track' },
  },
  fal: {
    created: { request_id: 'job', status: 'IN_QUEUE' },
    pending: { request_id: 'job', status: 'IN_PROGRESS' },
    done: { request_id: 'job', status: 'COMPLETED' },
  },
  openai: {
    created: { id: 'job', status: 'queued' },
    pending: { id: 'job', status: 'in_progress' },
    done: { id: 'job', status: 'completed' },
  },
};
