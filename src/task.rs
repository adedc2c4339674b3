//! Runs futures, each in microtasks of its own.
//!
//! The executor of `wasm-bindgen-futures` polls all futures in one microtask that `queueMicrotask` starts. Fake
//! timers replace that function, so no future would be polled; and an exception in one poll would end all later
//! ones, of every call. Here each poll is the reaction of a promise, and an exception rejects the promise of that
//! future alone.

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
    // Passes the platform's own function: the binding of js-sys only takes closures.
    #[wasm_bindgen(js_name = Promise)]
    type ResolvedPromise;
    #[wasm_bindgen(static_method_of = ResolvedPromise, js_class = Promise, js_name = resolve)]
    fn begin() -> ResolvedPromise;
    #[wasm_bindgen(method)]
    fn then(this: &ResolvedPromise, run: &Closure<dyn FnMut()>) -> ResolvedPromise;
    #[wasm_bindgen(method)]
    fn catch(this: &ResolvedPromise, reject: &Function) -> ResolvedPromise;
}

/// A boxed future, so that the module contains one executor for all types.
pub(crate) type BoxedCall = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

struct Task {
    future: Cell<Option<BoxedCall>>,
    resolve: Function,
    reject: Function,
    run: Closure<dyn FnMut()>,
    waker: Waker,
    /// Its next microtask is scheduled.
    scheduled: Cell<bool>,
}

thread_local! {
    static TASKS: Cell<Vec<Option<Rc<Task>>>> = const { Cell::new(Vec::new()) };
    /// The slots of tasks that have ended.
    static FREE_SLOTS: Cell<Vec<usize>> = const { Cell::new(Vec::new()) };
}

/// Starts a future; the promise settles with its result.
pub(crate) fn spawn(future: BoxedCall) -> Promise {
    let mut future = Some(future);
    Promise::new(&mut |resolve, reject| {
        let mut tasks = TASKS.take();
        let mut free = FREE_SLOTS.take();
        let number = free.pop().unwrap_or(tasks.len());
        FREE_SLOTS.set(free);
        let task = Rc::new(Task {
            future: Cell::new(future.take()),
            resolve,
            reject,
            run: Closure::new(move || run_task(number)),
            waker: Arc::new(TaskWaker(number)).into(),
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

/// Wakes the task in that slot, whichever it is by then: a spurious wake-up does no harm.
struct TaskWaker(usize);

impl Wake for TaskWaker {
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
        drop(ResolvedPromise::begin().then(&task.run).catch(&task.reject));
    }
}

fn run_task(number: usize) {
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
    let mut free = FREE_SLOTS.take();
    free.push(number);
    FREE_SLOTS.set(free);
    let (settle, value) = match outcome {
        Ok(value) => (&task.resolve, value),
        Err(reason) => (&task.reject, reason),
    };
    drop(settle.call1(&JsValue::UNDEFINED, &value));
}
