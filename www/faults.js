// "Break it": makes the emulator, or the page itself, fail at the next track, so that it can be seen what
// becomes of it, and of the money.

import { announce } from './announcer.js';

/** `plan` is for the emulator; `send` sends the page's next submit. */
const faults = [
  { name: 'lose-reply', label: 'Lose the reply', effect: 'its reply is lost on the way back', send: loseReply },
  {
    name: 'reset',
    label: 'Reset the connection',
    effect: 'the service charges it, and the connection breaks before the reply',
    plan: { submit: [{ reset: 'after' }] },
  },
  {
    name: 'error',
    label: '500 after the charge',
    effect: 'the service charges it, and answers 500',
    plan: { submit: [{ status: 500, after_accept: true }] },
  },
  {
    name: 'busy',
    label: '429 for a minute',
    effect: 'the service refuses it, and asks to wait a minute',
    plan: { submit: [{ status: 429, retry_after: 60 }] },
  },
  {
    name: 'fail',
    label: 'Fail the generation',
    effect: 'the service accepts it, and it fails later',
    plan: { submit: [{ fail: 'message' }] },
  },
  {
    name: 'lose-file',
    label: 'Lose the file',
    effect: 'its file cannot be had at first',
    plan: { file: [{ status: 404, times: 3 }] },
  },
  {
    name: 'leave',
    label: 'Leave in the middle',
    effect: 'this page is loaded anew while the request is on its way',
    plan: { submit: [{ delay_ms: 3000 }] },
    send: leave,
  },
];

/** Shows the panel. `emulator` takes plans; `submits` sends the page's own; `next` leads to the button. */
export function openFaults({ emulator, submits, next }) {
  const panel = document.querySelector('#faults');
  const status = panel.querySelector('.status');

  const plan = async (fault) => {
    try {
      if (fault.plan) await emulator.plan(fault.plan);
      if (fault.send) submits.sendNextBy(fault.send);
      status.textContent = `Generate a track: ${fault.effect}.`;
      next();
    } catch (error) {
      status.textContent = `${error.message}.`;
    }
    announce(status.textContent);
  };

  panel.querySelector('.actions').append(
    ...faults.map((fault) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.dataset.fault = fault.name;
      button.textContent = fault.label;
      button.addEventListener('click', () => plan(fault));
      return button;
    }),
  );
  panel.hidden = false;
}

async function loseReply(url, init) {
  await fetch(url, init);
  throw new TypeError('lost on purpose');
}

function leave(url, init) {
  // On purpose: nobody is asked before.
  addEventListener('beforeunload', (event) => event.stopImmediatePropagation(), { capture: true });
  setTimeout(() => location.reload(), 1000);
  return fetch(url, init);
}
