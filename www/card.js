// A card: what the page shows of a job, and the actions that make sense at each moment.

import { accountPages, isService } from './account.js';
import { expectedAt } from './backend.js';
import { nameControls } from './card-labels.js';
import { openCodePanel } from './code-panel.js';
import { setText } from './element.js';
import { openFolding } from './folding.js';
import { clock, counted, credits, creditsPerStep, dateAndTime, megabytes } from './format.js';
import { offer } from './gestures.js';
import { costOf, isUnfinished, progressOf, stateOf } from './job-state.js';
import { explain, isWorthRetrying, labelOf } from './outcome.js';
import { describeProgress } from './progress-note.js';
import { openTimeline } from './timeline.js';
import { TrackFile } from './track-file.js';
import { recallWaveform, rememberWaveform } from './waveforms.js';

const template = document.querySelector('#card');
const cannotPlay = 'The track cannot be played: its URL may have expired.';

/** Nothing was spent, and the very same request would be refused again. */
const refusals = new Set(['invalid_argument', 'out_of_credits', 'forbidden', 'rejected', 'unauthorized']);

export class Card {
  /** The job as it is shown. */
  job;
  #backend;
  #submits;
  #openPlayer;
  #openFile;
  #canGiveKey;
  #parts;
  #ticking;
  #timeline;
  #folding;
  #player;
  #file;
  /** What the last action on the card has to say, above what the job says. */
  #remark = '';

  /**
   * `actions` are called with the job's key (`stop`, `resume`, `retry`, `remove`), with its request (`edit`
   * and `again` take it back to the form), or with nothing (`key`, where a key can be given). `openPlayer`
   * gives tracks a player other than the browser's own, `openFile` a file other than that of the link. One
   * that `isFolded` shows a row until it is opened.
   */
  constructor(job, { client, backend, submits, actions, openPlayer, openFile, isFolded }) {
    this.job = job;
    this.#backend = backend;
    this.#submits = submits;
    this.#openPlayer = openPlayer;
    this.#openFile = openFile ?? ((finished) => new TrackFile(client, finished));
    this.#canGiveKey = Boolean(actions.key);
    this.element = template.content.firstElementChild.cloneNode(true);
    this.#parts = partsOf(this.element);
    this.#label(job.request.prompt);
    this.#parts.date.textContent = dateAndTime(job.startedAt);
    this.#parts.date.dateTime = new Date(job.startedAt).toISOString();
    this.#connect(job, actions);
    this.#timeline = openTimeline(this.element.querySelector('.timeline'), job);
    this.#folding = openFolding(this.#parts.article, { isFolded, opened: () => this.update(this.job) });
    openCodePanel(this.element.querySelector('.code'), () => job.request);
    this.update(job);
  }

  /** What is shown of the job, in the card's place of the list. */
  get article() {
    return this.#parts.article;
  }

  /** Takes the card from the page. */
  close() {
    clearInterval(this.#ticking);
    this.#player?.close();
    this.element.remove();
  }

  /** Shows the job as it is now. */
  update(job) {
    const isNew = isUnfinished(this.job);
    this.job = job;
    this.#timeline.update(job);
    const phase = stateOf(job);
    const { article, state, settings, progress, player } = this.#parts;
    if (article.dataset.phase !== phase) article.dataset.phase = phase;
    setText(state, labelOf(job));
    setText(settings, describeSettings(job));
    progress.hidden = !isUnfinished(job);
    player.hidden = phase !== 'completed';
    this.#folding.offer(!isUnfinished(job));
    if (phase === 'completed' && !this.#folding.isFolded) this.#player ??= this.#play(job.generation, isNew);
    this.#offer();
    this.#tick();
    if (isUnfinished(job)) this.#ticking ??= setInterval(() => this.#tick(), 500);
    else this.#ticking = clearInterval(this.#ticking);
  }

  #label(prompt) {
    const { article, prompt: title, progress } = this.#parts;
    title.textContent = prompt;
    article.setAttribute('aria-label', prompt);
    progress.setAttribute('aria-label', `Progress of ${prompt}`);
    nameControls(article, prompt);
  }

  #connect({ key, request }, actions) {
    const handlers = {
      ...Object.fromEntries(['stop', 'resume', 'retry', 'remove'].map((name) => [name, () => actions[name](key)])),
      edit: () => actions.edit(request),
      again: () => actions.again(request),
      key: () => actions.key(),
      download: ({ currentTarget }) => this.#download(currentTarget),
      copy: () => this.#copy(),
    };
    for (const button of this.#parts.buttons) {
      const { action } = button.dataset;
      if (accountPages[action]) button.href = accountPages[action];
      else button.addEventListener('click', handlers[action]);
    }
  }

  /** Shows what the emulator has seen of the job. */
  showAccount(text) {
    const { account } = this.#parts;
    account.hidden = false;
    setText(account, text);
  }

  #showRemark(remark) {
    this.#remark = remark;
    this.#tick();
  }

  /** Shows what changes by itself as time goes by. */
  #tick() {
    const { generation, endedAt = Date.now() } = this.job;
    const { figures, progress, note } = this.#parts;
    const since = generation && clock(endedAt - generation.submittedAt);
    setText(figures, generation ? `${since} · ${counted(generation.polling.checks, 'check')}` : '');
    const expected = expectedAt(generation, this.#backend);
    const percentage = progressOf(this.job, expected);
    if (percentage === undefined) progress.removeAttribute('value');
    else progress.value = percentage;
    setText(note, this.#remark || this.#note(expected));
    note.hidden = !note.textContent;
  }

  /** Whether it is under way, and nobody can ask how far it is. */
  get #isWithoutKey() {
    return isUnfinished(this.job) && this.#backend.isConnected === false;
  }

  #note(expected) {
    if (this.#isWithoutKey) return 'It goes on once the key is given: nothing is asked or sent before.';
    if (isUnfinished(this.job)) return describeProgress(this.job, expected, this.#submits);
    return this.job.phase === 'completed' ? '' : explain(this.job, this.#backend);
  }

  /** Offers the actions that make sense, and takes the focus from one that no longer does. */
  #offer() {
    const { phase, error, canStop, canResume } = this.job;
    const isDone = phase === 'completed';
    const isKeyRefused = ['unauthorized', 'credentials_failed'].includes(error?.code);
    const offered = {
      stop: canStop,
      resume: canResume,
      retry: isWorthRetrying(this.job),
      download: isDone,
      copy: isDone,
      again: isDone,
      key: (isKeyRefused || this.#isWithoutKey) && this.#canGiveKey,
      keys: isKeyRefused && isService(this.#backend),
      usage: phase === 'unknown' && isService(this.#backend),
      topup: error?.code === 'out_of_credits',
      edit: refusals.has(error?.code) && !canResume,
      remove: !isUnfinished(this.job),
    };
    const { buttons, article, stopHint, key } = this.#parts;
    setText(key, this.#isWithoutKey ? 'Give the key to go on' : 'Check the key');
    stopHint.hidden = !canStop || phase === 'submitting';
    const focused = document.activeElement;
    for (const button of buttons) offer(button, offered[button.dataset.action]);
    if (buttons.includes(focused) && focused.hidden) article.focus();
  }

  #play(generation, isNew) {
    const { player, audio } = this.#parts;
    const failed = () => this.#showRemark(cannotPlay);
    const file = (this.#file = this.#openFile(this.job));
    if (this.#openPlayer) {
      return this.#openPlayer(player, {
        job: this.job,
        isNew,
        file,
        waveform: recallWaveform(generation),
        keep: (waveform) => rememberWaveform(generation, waveform),
        failed,
        told: (remark) => this.#showRemark(remark),
        recovered: () => this.#remark === cannotPlay && this.#showRemark(''),
      });
    }
    // The browser's own controls.
    player.replaceChildren(audio);
    audio.controls = true;
    audio.preload = 'metadata';
    audio.addEventListener('error', failed);
    audio.src = file.url;
    return { close: () => audio.pause() };
  }

  async #download(button) {
    if (button.ariaBusy === 'true') return;
    this.#showRemark('');
    this.#showRemark(await this.#file.save(button));
  }

  async #copy() {
    const { url } = this.#file;
    try {
      await navigator.clipboard.writeText(url);
      this.#showRemark('The URL is in the clipboard. How long it works is not documented: download the track soon.');
    } catch {
      this.#showRemark(`This browser does not let the page copy. The URL: ${url}`);
    }
  }
}

function partsOf(element) {
  const part = (selector) => element.querySelector(selector);
  return {
    article: part('article'),
    state: part('.word'),
    figures: part('.figures'),
    date: part('.date'),
    prompt: part('.prompt'),
    settings: part('.settings'),
    progress: part('progress'),
    note: part('.note'),
    player: part('.player'),
    stopHint: part('.stop-hint'),
    account: part('.account'),
    key: part('[data-action=key]'),
    audio: part('audio'),
    buttons: [...element.querySelectorAll('[data-action]')],
  };
}

function describeSettings(job) {
  const { secondsStart, secondsTotal = 30, steps = 100 } = job.request;
  const fileSize = job.generation?.audio?.fileSize;
  return [
    secondsStart && `from ${secondsStart} s`,
    `${secondsTotal} s`,
    counted(steps, 'step'),
    describePrice(job, steps),
    fileSize && megabytes(fileSize),
  ]
    .filter(Boolean)
    .join(' · ');
}

function describePrice(job, steps) {
  const cost = costOf(job);
  const estimate = `≈ ${credits(steps * creditsPerStep)}`;
  if (cost === 'none') return 'nothing spent';
  if (cost === 'perhaps' && !isUnfinished(job)) return `perhaps ${estimate}`;
  const used = job.generation?.creditsUsed;
  return used === undefined ? `${estimate}, estimated` : credits(used);
}
