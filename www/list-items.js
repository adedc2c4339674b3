// Where each card has its place in the list: its own, or that of the takes it belongs to.

import { TakeGroup } from './take-group.js';
import { takeOf } from './takes.js';

/** Keeps the places of a list, for cards by their jobs' keys. */
export function openListItems(list) {
  const groups = new Map();
  const places = new Map();

  const groupOf = (job, name) => {
    if (!groups.has(name)) groups.set(name, new TakeGroup(name, job.request.prompt));
    return groups.get(name);
  };

  return {
    /** Puts a card before the first of `later`, jobs that follow its own and have a place. */
    add(card, later) {
      const take = takeOf(card.job);
      const group = take && groupOf(card.job, take.group);
      group?.add(card, take.index);
      const { element } = group ?? card;
      places.set(card.job.key, { element, group, name: take?.group });
      if (element.parentNode === list) return;
      const next = later.map(({ key }) => places.get(key)?.element).find((other) => other && other !== element);
      list.insertBefore(element, next ?? null);
    },
    update: (key) => places.get(key).group?.update(),
    remove(key) {
      const { group, name } = places.get(key);
      if (group && !group.remove(key)) groups.delete(name);
      places.delete(key);
    },
    /** Takes what the cards leave behind from the page. */
    close: () => groups.forEach(({ element }) => element.remove()),
  };
}
