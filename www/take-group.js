// The takes of one request in one place of the list: a tab each, and a star for the best.

import { createElement, setText } from './element.js';
import { stateOf } from './job-state.js';
import { shortLabelOf } from './outcome.js';
import { forget, recall, remember } from './preferences.js';
import { letterOf } from './takes.js';

let count = 0;

export class TakeGroup {
  element;
  #name;
  #takes = [];
  #selected;
  #starred;
  #tabs;
  #star;

  constructor(group, prompt) {
    this.#name = `star/${group}`;
    this.#starred = recall(this.#name);
    this.#tabs = createElement('div', { className: 'tabs' });
    this.#tabs.setAttribute('role', 'tablist');
    this.#tabs.setAttribute('aria-label', `Takes of ${prompt}`);
    this.#tabs.addEventListener('keydown', (event) => this.#move(event));
    this.#star = createElement('button', { type: 'button', className: 'star' });
    this.#star.addEventListener('click', () => this.#toggleStar());
    const bar = createElement('div', { className: 'take-bar' }, this.#tabs, this.#star);
    this.element = createElement('li', { className: 'takes' }, bar);
  }

  /** Takes up the card of a take. */
  add(card, index) {
    count += 1;
    const tab = createElement('button', { type: 'button', id: `take-${count}` });
    const panel = createElement('div', { id: `take-${count}-panel` }, card.article);
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-controls', panel.id);
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', tab.id);
    const take = { card, index, tab, panel, letter: letterOf({ index }) };
    tab.addEventListener('click', () => this.#select(take));
    this.#takes.push(take);
    this.#takes.sort((a, b) => a.index - b.index);
    this.#tabs.replaceChildren(...this.#takes.map((one) => one.tab));
    this.element.append(panel);
    const isWanted = card.job.key === this.#starred || (this.#selected?.card.job.key !== this.#starred && index === 0);
    if (!this.#selected || isWanted) this.#selected = take;
    this.update();
  }

  /** Gives up a take; false where none is left. */
  remove(key) {
    const take = this.#takes.find(({ card }) => card.job.key === key);
    take.tab.remove();
    take.panel.remove();
    this.#takes.splice(this.#takes.indexOf(take), 1);
    if (this.#starred === key) this.#setStar();
    if (this.#takes.length === 0) {
      this.element.remove();
      return false;
    }
    if (this.#selected === take) [this.#selected] = this.#takes;
    this.update();
    return true;
  }

  /** Shows how the takes stand. */
  update() {
    for (const { card, tab, panel, letter } of this.#takes) {
      const isSelected = card === this.#selected.card;
      const isStarred = card.job.key === this.#starred;
      panel.hidden = !isSelected;
      tab.tabIndex = isSelected ? 0 : -1;
      tab.dataset.phase = stateOf(card.job);
      setText(tab, isStarred ? `${letter} ★` : letter);
      const label = `${letter}${isStarred ? ' ★' : ''}: ${shortLabelOf(card.job)}`;
      tab.setAttribute('aria-label', label);
      tab.setAttribute('aria-selected', String(isSelected));
    }
    setText(this.#star, `Star ${this.#selected.letter}`);
    this.#star.setAttribute('aria-pressed', String(this.#selected.card.job.key === this.#starred));
  }

  /** Shows a take; what is heard goes on in it from the same moment. */
  #select(take) {
    if (take === this.#selected) return;
    const from = this.#selected.panel.querySelector('audio');
    const to = take.panel.querySelector('audio');
    this.#selected = take;
    this.update();
    if (!from?.src || !to?.src) return from?.pause();
    const wasPlaying = !from.paused;
    from.pause();
    to.currentTime = from.currentTime;
    // Refused where the file cannot be had; the element's own error says so.
    if (wasPlaying) to.play().catch(() => {});
  }

  #move(event) {
    const now = this.#takes.indexOf(this.#selected);
    const last = this.#takes.length - 1;
    const target = {
      ArrowLeft: now === 0 ? last : now - 1,
      ArrowRight: now === last ? 0 : now + 1,
      Home: 0,
      End: last,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.#select(this.#takes[target]);
    this.#selected.tab.focus();
  }

  #toggleStar() {
    const { key } = this.#selected.card.job;
    this.#setStar(this.#starred === key ? undefined : key);
    this.update();
  }

  #setStar(key) {
    this.#starred = key;
    if (key) remember(this.#name, key);
    else forget(this.#name);
  }
}
