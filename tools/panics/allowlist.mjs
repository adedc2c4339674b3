// The panic paths that the module has, each with the reason why it is never taken, or what it costs.
// `crate` and `from` say where, `to` what is called; one that is left out stands for any.

const ours = 'stable_audio_client';
const memory = ['alloc::raw_vec::handle_error', 'alloc::alloc::handle_alloc_error'];
const formatted = 'core::panicking::panic_fmt';
const ended = 'std::thread::local::panic_access_error';
const thrown = 'wasm_bindgen::throw_str';

export const allowlist = [
  // What any Rust that keeps values and waits has.
  {
    to: memory,
    why: 'No memory is left, or a length is beyond 2 GiB. Replies are cut at 1 MiB; what else is kept is as long as what the caller gave. It costs Vec and Box to be without.',
  },
  ...[ours, 'js_sys', 'alloc'].map((crate) => ({
    crate,
    to: 'trap',
    why: 'An Rc or an Arc has 2^32 owners, for which memory does not suffice. It costs them to be without.',
  })),

  // Ours.
  {
    crate: ours,
    to: ended,
    why: 'A static is used after its thread has ended; a page ends its threads without a word. It costs every static that is not Sync to be without.',
  },
  {
    crate: ours,
    from: `${ours}::call_driver::CallDriver::elapsed`,
    to: thrown,
    why: 'setTimeout throws, which gloo-timers does not expect. What it calls is js/timers.ts, which does not.',
  },

  ...['foreign::global_scope', 'foreign::to_future'].map((from) => ({
    crate: ours,
    from: `${ours}::${from}`,
    to: formatted,
    why: 'What a JsFuture waits for is kept in a RefCell, borrowed here for the first time; and a static is used after its thread has ended, as above.',
  })),

  // Promises, js_sys::futures.
  {
    crate: 'js_sys',
    from: '<js_sys::futures::JsFuture<T,E> as core::future::future::Future>::poll',
    to: formatted,
    why: 'A JsFuture is polled while its promise settles. Settling only wakes, and a turn is a microtask of its own.',
  },
  {
    crate: 'js_sys',
    from: 'js_sys::futures::jspi::SpawnedTask::wake',
    to: formatted,
    why: 'A task of an executor that nothing here starts; wasm-bindgen exports what polls it.',
  },
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

  // The border.
  {
    crate: 'wasm_bindgen',
    to: thrown,
    why: 'A callback runs twice or after its end, or settling a promise throws: replaced platform functions only. It throws into JavaScript; the module goes on.',
  },
  {
    crate: 'glue of wasm-bindgen',
    to: ['trap', thrown, formatted],
    why: 'The glue is given what it never gives itself: a freed client, a length beyond memory, a table that cannot grow. It costs wasm-bindgen to be without.',
  },
];
