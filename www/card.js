// A card: what the page shows of a job, and the actions that make sense at each moment.

import { isStableAudioError } from 'stable-audio-client';

import { expectedAt } from './backend.js';
import { offer } from './gesture.js';
import { explain, word } from './outcome.js';
import { billing, clock, counted, credits, creditsPerStep, fileName, megabytes, sentence } from './words.js';

const template = document.querySelector('#card');

const refusals = new Set(['invalid_argument', 'out_of_credits', 'forbidden', 'rejected', 'unauthorized']);

export class Card {
  #job;
  #client;
  #service;
  #parts;
  #ticking;
  #openPlayer;
  #canCheckKey;
  #player;
  #blob;
  /** What the last action on the card has to say, above what the job says. */
  #remark = '';

  /**
   * `edit` and `again` take the request back to the form, `checkKey` leads to where a key is given,
   * and `openPlayer` gives tracks a player other than the browser's own.
   */
  constructor(job, { client, service, edit, again, remove, checkKey, openPlayer }) {
    this.#job = job;
    this.#client = client;
    this.#service = service;
    this.#openPlayer = openPlayer;
    this.#canCheckKey = Boolean(checkKey);
    this.element = template.content.firstElementChild.cloneNode(true);
    const part = (selector) => this.element.querySelector(selector);
    this.#parts = {
      article: part('article'),
      state: part('.word'),
      figures: part('.figures'),
      settings: part('.settings'),
      progress: part('progress'),
      note: part('.note'),
      player: part('.player'),
      audio: part('audio'),
      buttons: [...this.element.querySelectorAll('[data-action]')],
    };
    const { request } = job.record;
    part('.prompt').textContent = request.prompt;
    this.#parts.article.setAttribute('aria-label', request.prompt);
    this.#parts.progress.setAttribute('aria-label', `Progress of ${request.prompt}`);
    for (const named of this.element.querySelectorAll('[data-of]')) {
      named.setAttribute('aria-label', `${named.dataset.of} of ${request.prompt}`);
    }
    const actions = {
      cancel: () => job.cancel(),
      resume: () => job.resume(),
      retry: () => job.retry(),
      download: () => this.#download(),
      copy: () => this.#copy(),
      edit: () => edit(request),
      again: () => again(request),
      key: () => checkKey(),
      remove,
    };
    for (const button of this.#parts.buttons) {
      const { action } = button.dataset;
      if (actions[action]) button.addEventListener('click', actions[action]);
      if (action === 'topup') button.href = billing;
    }
    this.render();
  }

  /** Takes the card from the page. */
  close() {
    clearInterval(this.#ticking);
    this.#player?.close();
    this.element.remove();
  }

  /** Shows the job as it is now. */
  render() {
    const { phase, isUnfinished, record } = this.#job;
    const { article, state, settings, progress, player } = this.#parts;
    article.dataset.phase = phase;
    state.textContent = word(this.#job);
    settings.textContent = this.#settings();
    progress.hidden = !isUnfinished;
    player.hidden = phase !== 'completed';
    if (phase === 'completed') this.#player ??= this.#play(record.generation.audio.url);
    this.#offer();
    this.#tick();
    if (isUnfinished) this.#ticking ??= setInterval(() => this.#tick(), 500);
    else this.#ticking = clearInterval(this.#ticking);
  }

  #say(remark) {
    this.#remark = remark;
    this.#tick();
  }

  /** What changes by itself as time goes by. */
  #tick() {
    const { phase, isUnfinished, record } = this.#job;
    const { figures, progress, note } = this.#parts;
    const { generation, endedAt = isUnfinished ? Date.now() : undefined } = record;
    const figured = [];
    if (endedAt !== undefined) figured.push(clock(endedAt - this.#job.since));
    if (generation) figured.push(counted(generation.polling.checks, 'check'));
    figures.textContent = figured.join(' · ');
    const expected = generation && expectedAt(generation, this.#service);
    const share = this.#job.progress(expected);
    if (share === undefined) progress.removeAttribute('value');
    else progress.value = share;
    note.textContent = this.#remark || this.#note(phase, expected);
    note.hidden = !note.textContent;
  }

  #note(phase, expected) {
    const { generation, error } = this.#job.record;
    if (error) return explain(this.#job, this.#service);
    if (!this.#job.isUnfinished) return '';
    if (phase === 'sending') return 'Waiting for the service to accept it.';
    if (phase === 'stopping') {
      return 'Waits for the answer to the request that is under way, so that a track it has started is not lost.';
    }
    if (generation.polling.lastError)
      return `${missed(generation.polling.lastError)}; the next check follows by itself.`;
    if (expected === undefined) return '';
    const left = expected - Date.now();
    return left > 0 ? `Expected in about ${clock(left + 999)}.` : 'Later than expected; still waiting.';
  }

  #settings() {
    const { request, generation } = this.#job.record;
    const { secondsStart, secondsTotal = 30, steps = 100 } = request;
    return [
      secondsStart && `from ${secondsStart} s`,
      `${secondsTotal} s`,
      counted(steps, 'step'),
      this.#price(steps),
      generation?.audio?.fileSize && megabytes(generation.audio.fileSize),
    ]
      .filter(Boolean)
      .join(' · ');
  }

  #price(steps) {
    const { money, isUnfinished, record } = this.#job;
    const estimate = `≈ ${credits(steps * creditsPerStep)}`;
    if (money === 'none') return 'nothing spent';
    if (money === 'perhaps' && !isUnfinished) return `perhaps ${estimate}`;
    const used = record.generation?.creditsUsed;
    return used === undefined ? `${estimate}, estimated` : credits(used);
  }

  /** Offers the actions that make sense, and takes the focus from one that no longer does. */
  #offer() {
    const job = this.#job;
    const { phase, isUnfinished, record } = job;
    const done = phase === 'completed';
    const offered = {
      cancel: job.canStop,
      resume: job.canResume,
      retry: job.canRetry,
      download: done,
      copy: done,
      again: done,
      key: ['unauthorized', 'credentials_failed'].includes(record.error?.code) && this.#canCheckKey,
      topup: record.error?.code === 'out_of_credits',
      // Nothing was spent, and the very same request would be refused again.
      edit: refusals.has(record.error?.code) && !job.canResume,
      remove: !isUnfinished,
    };
    const focused = document.activeElement;
    for (const button of this.#parts.buttons) offer(button, offered[button.dataset.action]);
    if (this.#parts.buttons.includes(focused) && focused.hidden) this.#parts.article.focus();
  }

  #play(url) {
    const { player, audio } = this.#parts;
    const failed = () => this.#say('The track cannot be played: its URL may have expired.');
    if (this.#openPlayer) {
      const { waveform } = this.#job.record;
      const keep = (learnt) => this.#job.keep(learnt);
      return this.#openPlayer(player, { url, waveform, fetch: () => this.#read(), keep, failed });
    }
    // The browser's own controls.
    player.replaceChildren(audio);
    audio.controls = true;
    audio.preload = 'metadata';
    audio.addEventListener('error', failed);
    audio.src = url;
    return { close: () => audio.pause() };
  }

  /** Reads the track, once for all who need it. */
  async #read(options) {
    this.#blob ??= await this.#client.download(this.#job.record.generation.audio, options);
    return this.#blob;
  }

  async #download() {
    const { request } = this.#job.record;
    const button = this.#parts.buttons.find(({ dataset }) => dataset.action === 'download');
    if (button.ariaBusy === 'true') return;
    button.ariaBusy = 'true';
    this.#say('');
    try {
      const blob = await this.#read({
        onProgress({ loaded, total }) {
          button.textContent = total ? `${Math.floor((100 * loaded) / total)} %` : megabytes(loaded);
        },
      });
      save(blob, fileName(request, blob.type));
    } catch (error) {
      if (!isStableAudioError(error)) throw error;
      // The rest of the message tells what the card tells.
      this.#say(`${sentence(error.message.split(';')[0])} Download it again soon: its URL may expire.`);
    } finally {
      button.ariaBusy = 'false';
      button.textContent = 'Download';
    }
  }

  async #copy() {
    const { url } = this.#job.record.generation.audio;
    try {
      await navigator.clipboard.writeText(url);
      this.#say('The URL is in the clipboard. How long it works is not documented: download the track soon.');
    } catch {
      this.#say(`This browser does not let the page copy. The URL: ${url}`);
    }
  }
}

/** What the last check met, before the next one follows. */
function missed({ code, httpStatus }) {
  if (code === 'network') return 'The service could not be reached';
  if (code === 'timeout') return 'The service did not answer the last check';
  if (code === 'rate_limited') return 'The service asks for a pause';
  if (code === 'body') return 'The last answer could not be read';
  return `The service, or something on the way, failed at the last check (${httpStatus})`;
}

function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken the blob by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
