// The panic paths that the module has, each with the reason why it is never taken, or what it costs.
// `crate` and `from` say where, `to` what is called; one that is left out stands for any.

const ours = 'stable_audio_client';
const memory = ['alloc::raw_vec::handle_error', 'alloc::alloc::handle_alloc_error'];
const borrowed = ['core::cell::panic_already_borrowed', 'core::cell::panic_already_mutably_borrowed'];
const poisoned = 'core::cell::lazy::panic_poisoned';
const panic = 'core::panicking::panic';
const formatted = 'core::panicking::panic_fmt';
const ended = 'std::thread::local::panic_access_error';
const thrown = 'wasm_bindgen::throw_str';

export const known = [
  // What any Rust that keeps values and waits has.
  {
    to: memory,
    why: 'No memory is left, or a length is beyond 2 GiB. Replies are cut at 1 MiB; what else is kept is as long as what the caller gave. It costs Vec and Box to be without.',
  },
  {
    crate: 'js_sys',
    from: 'js_sys::futures::future_to_promise::{{closure}}::{{closure}}',
    to: formatted,
    why: 'A future is polled after its end. Only the executor polls, and it drops what has ended; what an async function awaits, it owns. It costs every async function to be without.',
  },
  ...[ours, 'js_sys'].map((crate) => ({
    crate,
    to: 'trap',
    why: 'An Rc has 2^32 owners, for which memory does not suffice. It costs Rc to be without.',
  })),

  // Ours.
  {
    crate: ours,
    from: `${ours}::foreign::promised`,
    to: borrowed[0],
    why: 'js_sys keeps what resolves a JsFuture in a RefCell, borrowed here for the first time.',
  },
  {
    crate: ours,
    to: ended,
    why: 'A static is used after its thread has ended; a page ends its threads without a word. It costs every static that is not Sync to be without.',
  },
  {
    crate: ours,
    from: `${ours}::alarm::Alarm::poll`,
    to: thrown,
    why: 'setTimeout throws, which only a replaced one does, and gloo-timers does not expect it: the call would not settle. A binding of our own would do without.',
  },

  // The executor, js_sys::futures.
  {
    crate: 'js_sys',
    to: borrowed,
    why: 'A task is run while it runs, or the queue while a task is put on it. Both happen in a microtask of their own. It costs an executor of our own to be without.',
  },
  ...['', '::{{closure}}'].map((inner) => ({
    crate: 'js_sys',
    from: `js_sys::futures::future_to_promise::{{closure}}${inner}`,
    to: thrown,
    why: 'Settling a promise throws, or its executor is called twice: a replaced Promise only. The call would not settle.',
  })),
  {
    crate: 'glue of wasm-bindgen',
    from: '(no name)',
    to: ended,
    why: 'The same as for ours, from code of ours that is merged into what four exports share.',
  },
  {
    crate: 'js_sys',
    from: 'js_sys::Uint8Array::to_vec',
    to: formatted,
    why: 'The array changes its length between measuring and copying; no JavaScript runs in between.',
  },

  // What is made once: the global object, the cache of property names, the executor's queue.
  {
    crate: 'js_sys',
    from: 'js_sys::global',
    to: poisoned,
    why: 'Making it panicked before; looking up the global object does not panic.',
  },
  {
    crate: 'wasm_bindgen',
    to: [poisoned, panic],
    why: 'Making it panicked before, or asked for itself; neither is in what is made.',
  },
  {
    crate: 'serde_wasm_bindgen',
    to: [borrowed[0], formatted],
    why: 'The cache of property names is used from within itself, or holds 2^31 names; ours are some thirty. It costs serde_wasm_bindgen to be without.',
  },

  // The border.
  {
    crate: 'wasm_bindgen',
    to: thrown,
    why: 'A callback runs twice or after its end, or settling a promise throws: replaced platform functions only. It throws into JavaScript; the module goes on.',
  },
  {
    crate: 'glue of wasm-bindgen',
    to: ['trap', thrown, formatted, borrowed[0]],
    why: 'The glue is given what it never gives itself: a freed client, a length beyond memory, a table that cannot grow. It costs wasm-bindgen to be without.',
  },
];
