// Words that a prompt is often made of, and how they are added to one and taken away again.

/** By what they say; of a group that is `one`, a prompt has one at most. */
export const groups = [
  { name: 'Genre', words: ['lo-fi', 'ambient', 'techno', 'jazz', 'orchestral', 'rock'] },
  { name: 'Mood', words: ['calm', 'dark', 'happy', 'dreamy', 'tense'] },
  { name: 'Instrument', words: ['piano', 'acoustic guitar', 'analog synth', 'strings', 'drums', 'choir'] },
  { name: 'Tempo', words: ['70 bpm', '90 bpm', '120 bpm', '140 bpm'], one: true },
];

/** Whether the words are one of the parts between a prompt's commas. */
export function hasWords(prompt, words) {
  return prompt.split(',').some((part) => isSame(part, words));
}

/** The prompt with the words of a group added, or without them where it has them. */
export function toggleWords(prompt, words, { words: others, one }) {
  if (hasWords(prompt, words)) return without(prompt, [words]);
  const kept = (one ? without(prompt, others) : prompt).replace(/[\s,]+$/, '');
  return kept ? `${kept}, ${words}` : words;
}

function without(prompt, all) {
  const parts = prompt.split(',');
  const kept = parts.filter((part) => !all.some((words) => isSame(part, words)));
  return kept.length < parts.length ? kept.join(',').trimStart() : prompt;
}

function isSame(part, words) {
  return part.trim().toLowerCase() === words;
}
