// The form: what is asked for, checked by the package while it is typed.

import { openCodePanel } from './code-panel.js';
import { openComposer } from './composer.js';
import { setText } from './element.js';
import { counted, credits, creditsPerStep, money } from './format.js';
import { mistakeInFigure, mistakeInPrompt } from './validation.js';

const element = document.querySelector('#form');
const button = document.querySelector('#generate');
const cost = button.querySelector('.cost');
const price = document.querySelector('#price');
const advanced = element.querySelector('.advanced');
const advancedValues = element.querySelector('#advanced-values');
const names = ['prompt', 'secondsStart', 'secondsTotal', 'steps'];
const inputs = Object.fromEntries(names.map((name) => [name, element.elements.namedItem(name)]));

/**
 * Opens the form; `submit` is called with each request that the package would send. It begins with `draft`,
 * and calls `changed` with what it holds; `takes` gives how many are wanted.
 */
export function openForm({ submit, draft = {}, changed = () => {}, takes = () => 1 }) {
  let touched = new Set();
  const code = openCodePanel(element.querySelector('.code'), read);

  const update = async () => {
    const request = read();
    showPrice(request, takes());
    advancedValues.textContent = describeAdvanced(request);
    code.update();
    composer.update();
    changed(request);
    const mistakes = await mistakesOf(request);
    for (const name of names) show(name, touched.has(name) ? mistakes[name] : undefined);
    const wrong = names.filter((name) => mistakes[name]);
    // Only where it is said why. Not `disabled`: pressing it leads to the first mistake.
    button.setAttribute('aria-disabled', String(wrong.some((name) => touched.has(name))));
    return { request, wrong };
  };

  const send = async () => {
    touched = new Set(names);
    const { request, wrong } = await update();
    if (wrong.length > 0) inputs[wrong[0]].focus();
    else submit(request);
  };

  const fill = (request) => {
    touched = new Set(names.filter((name) => request[name]));
    for (const name of names) inputs[name].value = request[name] ?? '';
    if (describeAdvanced(request)) advanced.open = true;
    update();
  };

  element.addEventListener('input', ({ target }) => {
    touched.add(target.name);
    update();
  });
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  });
  if (/Mac|iPhone|iPad/.test(navigator.platform)) element.querySelector('kbd').textContent = '⌘';
  const composer = openComposer(element, {
    prompt: () => inputs.prompt.value,
    change: (prompt) => fill({ ...read(), prompt }),
  });
  fill({ ...read(), ...draft });
  return { fill, read };
}

/** Leads to where a request begins. */
export function focusForm() {
  inputs.prompt.focus();
}

/** Leads to where a request that is complete is sent. */
export function focusGenerate() {
  button.focus();
}

/** The request as the package takes it; a field left empty is left to the service. */
function read() {
  const request = { prompt: inputs.prompt.value };
  for (const name of names.slice(1)) {
    const { value, valueAsNumber, validity } = inputs[name];
    // A number field hides what is no number: NaN says so to the package.
    if (value !== '' || validity.badInput) request[name] = valueAsNumber;
  }
  return request;
}

function showPrice({ steps = 100 }, takes) {
  const isKnown = Number.isInteger(steps) && steps >= 1 && steps <= 1000;
  const amount = takes * steps * creditsPerStep;
  setText(price, isKnown ? `≈ ${credits(amount)}` : '–');
  const count = takes > 1 ? `${counted(takes, 'take')}, ` : '';
  setText(cost, isKnown ? ` · ${count}about ${money(amount)}` : '');
}

/** What the closed part of the form holds, where that is not the usual. */
function describeAdvanced({ secondsStart, steps = 100 }) {
  const values = [secondsStart !== undefined && `from ${secondsStart} s`, steps !== 100 && counted(steps, 'step')];
  return values.filter(Boolean).join(' · ');
}

function show(name, mistake) {
  const line = document.querySelector(`#${name}-mistake`);
  line.hidden = !mistake;
  line.textContent = mistake ?? '';
  if (mistake && advanced.contains(line)) advanced.open = true;
  inputs[name].setAttribute('aria-invalid', String(Boolean(mistake)));
}

/** What is wrong with each field by itself. */
async function mistakesOf(request) {
  const pending = names.map((name) => {
    if (name === 'prompt') return mistakeInPrompt(request.prompt);
    const { min, max } = inputs[name];
    // Not by `labels`: WebKitGTK crashes at the reload of a page that has read it.
    const label = element.querySelector(`label[for=${name}]`).textContent;
    return mistakeInFigure(name, request[name], { label, min, max });
  });
  const messages = await Promise.all(pending);
  return Object.fromEntries(names.map((name, index) => [name, messages[index]]));
}
