//! Wakes waiting calls early: the page is visible again, back from the cache, or online; or a gate has opened.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

use crate::foreign::{get, global, global_scope};

/// Why a wait ended early.
#[derive(Clone, Copy)]
pub(crate) struct Woken {
    /// The page went online.
    pub(crate) online: bool,
    /// How many calls were waiting.
    pub(crate) waiting: usize,
}

#[derive(Default)]
struct Waiter {
    index: Cell<usize>,
    woken: Cell<Option<Woken>>,
    waker: Cell<Option<Waker>>,
}

thread_local! {
    static WAITERS: Cell<Vec<Rc<Waiter>>> = const { Cell::new(Vec::new()) };
    static LISTENERS: Cell<Option<Listeners>> = const { Cell::new(None) };
}

/// Wakes a waiting call when the page wakes; never if there is no page.
pub(crate) struct WakeListener(Rc<Waiter>);

impl WakeListener {
    /// Listens from now on, waiting or not: adding a listener takes a browser longer than a poll.
    pub(crate) fn new() -> Self {
        let waiter = Rc::<Waiter>::default();
        let mut waiters = WAITERS.take();
        waiter.index.set(waiters.len());
        waiters.push(Rc::clone(&waiter));
        WAITERS.set(waiters);
        LISTENERS.set(LISTENERS.take().or_else(Listeners::new));
        Self(waiter)
    }

    /// Starts a wait: earlier events do not end it.
    pub(crate) fn reset(&self) {
        self.0.woken.set(None);
    }

    /// Why the wait ended, if it has.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Woken> {
        if let Some(woken) = self.0.woken.take() {
            return Poll::Ready(woken);
        }
        self.0.waker.set(Some(cx.waker().clone()));
        Poll::Pending
    }
}

impl Drop for WakeListener {
    fn drop(&mut self) {
        let mut waiters = WAITERS.take();
        let index = self.0.index.get();
        let last = waiters.pop();
        if let (Some(slot), Some(last)) = (waiters.get_mut(index), last) {
            last.index.set(index);
            *slot = last;
        }
        if waiters.is_empty() {
            drop(LISTENERS.take());
        }
        WAITERS.set(waiters);
    }
}

/// Wakes all waiting calls.
pub(crate) fn wake_all(online: bool) {
    let waiters = WAITERS.take();
    let woken = Woken { online, waiting: waiters.len() };
    for waiter in &waiters {
        waiter.woken.set(Some(woken));
        if let Some(waker) = waiter.waker.take() {
            waker.wake();
        }
    }
    WAITERS.set(waiters);
}

/// Event listeners that exist while calls may wait.
struct Listeners {
    document: JsValue,
    callback: Closure<dyn FnMut(JsValue)>,
}

impl Listeners {
    fn new() -> Option<Self> {
        let document = global("document");
        if !document.is_object() {
            return None;
        }
        let page = document.clone();
        let callback = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            if get(&page, "visibilityState").as_string().as_deref() != Some("hidden") {
                wake_all(get(&event, "type").as_string().as_deref() == Some("online"));
            }
        });
        let listeners = Self { document, callback };
        listeners.each(|target, name, callback| drop(target.add_event_listener_with_callback(name, callback)));
        Some(listeners)
    }

    fn each(&self, act: impl Fn(&EventTarget, &str, &js_sys::Function)) {
        let callback = self.callback.as_ref().unchecked_ref();
        act(self.document.unchecked_ref(), "visibilitychange", callback);
        act(global_scope().unchecked_ref(), "pageshow", callback);
        act(global_scope().unchecked_ref(), "online", callback);
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        self.each(|target, name, callback| drop(target.remove_event_listener_with_callback(name, callback)));
    }
}
