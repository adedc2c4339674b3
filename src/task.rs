//! Runs futures to their ends, each in turns of its own.
//!
//! Not the executor of `wasm-bindgen-futures`, which runs the turns of all futures in one microtask that
//! `queueMicrotask` starts: fake timers replace that function, so that nothing would go on; and what
//! is thrown out of one turn would end all later ones, of every call. Here each turn is the
//! reaction of a promise, and what is thrown out of it rejects that future's promise alone.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    // With the platform's function as it is: the binding of js-sys takes none but our own.
    #[wasm_bindgen(js_name = Promise)]
    type Turn;
    #[wasm_bindgen(static_method_of = Turn, js_class = Promise, js_name = resolve)]
    fn begin() -> Turn;
    #[wasm_bindgen(method)]
    fn then(this: &Turn, run: &Closure<dyn FnMut()>) -> Turn;
    #[wasm_bindgen(method)]
    fn catch(this: &Turn, reject: &Function) -> Turn;
}

/// Boxed, so that the module holds one executor's code for all.
pub(crate) type Boxed = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

struct Task {
    future: Cell<Option<Boxed>>,
    resolve: Function,
    reject: Function,
    run: Closure<dyn FnMut()>,
    waker: Waker,
    /// Its next turn is on its way.
    scheduled: Cell<bool>,
}

thread_local! {
    static TASKS: Cell<Vec<Option<Rc<Task>>>> = const { Cell::new(Vec::new()) };
    /// The numbers of tasks that have come to their ends.
    static FREE: Cell<Vec<usize>> = const { Cell::new(Vec::new()) };
}

/// Starts a future; the promise settles with what it comes to.
pub(crate) fn spawn(future: Boxed) -> Promise {
    let mut future = Some(future);
    Promise::new(&mut |resolve, reject| {
        let mut tasks = TASKS.take();
        let mut free = FREE.take();
        let number = free.pop().unwrap_or(tasks.len());
        FREE.set(free);
        let task = Rc::new(Task {
            future: Cell::new(future.take()),
            resolve,
            reject,
            run: Closure::new(move || turn(number)),
            waker: Arc::new(Handle(number)).into(),
            scheduled: Cell::new(false),
        });
        match tasks.get_mut(number) {
            Some(slot) => *slot = Some(task),
            None => tasks.push(Some(task)),
        }
        TASKS.set(tasks);
        schedule(number);
    })
}

/// Wakes the task of that number, or whichever has it by then: to be woken once too often does no harm.
struct Handle(usize);

impl Wake for Handle {
    fn wake(self: Arc<Self>) {
        schedule(self.0);
    }
}

fn task(number: usize) -> Option<Rc<Task>> {
    let tasks = TASKS.take();
    let found = tasks.get(number).cloned().flatten();
    TASKS.set(tasks);
    found
}

fn schedule(number: usize) {
    if let Some(task) = task(number)
        && !task.scheduled.replace(true)
    {
        drop(Turn::begin().then(&task.run).catch(&task.reject));
    }
}

fn turn(number: usize) {
    let Some(task) = task(number) else { return };
    task.scheduled.set(false);
    let Some(mut future) = task.future.take() else { return };
    let Poll::Ready(outcome) = future.as_mut().poll(&mut Context::from_waker(&task.waker)) else {
        return task.future.set(Some(future));
    };
    drop(future);
    let mut tasks = TASKS.take();
    if let Some(slot) = tasks.get_mut(number) {
        *slot = None;
    }
    TASKS.set(tasks);
    let mut free = FREE.take();
    free.push(number);
    FREE.set(free);
    let (settle, value) = match outcome {
        Ok(value) => (&task.resolve, value),
        Err(reason) => (&task.reject, reason),
    };
    drop(settle.call1(&JsValue::UNDEFINED, &value));
}
