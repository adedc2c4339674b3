//! Wakes waiting calls early: the page is visible again, back from the cache, or online; or a gate has opened.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

use crate::foreign::{get, global, global_scope};

/// More waiting calls than this are spread out when they are woken.
const STAGGER_ABOVE: usize = 4;

/// Why a wait ended early.
#[derive(Clone, Copy)]
pub(crate) struct Woken {
    /// The page went online.
    pub(crate) online: bool,
    /// Many calls were waiting.
    pub(crate) many: bool,
}

#[derive(Default)]
struct Sleeper {
    place: Cell<usize>,
    woken: Cell<Option<Woken>>,
    waker: Cell<Option<Waker>>,
}

thread_local! {
    static SLEEPERS: Cell<Vec<Rc<Sleeper>>> = const { Cell::new(Vec::new()) };
    static LISTENERS: Cell<Option<Listeners>> = const { Cell::new(None) };
}

/// Wakes a waiting call when the page wakes; never if there is no page.
pub(crate) struct WakeListener(Rc<Sleeper>);

impl WakeListener {
    /// Listens from now on, waiting or not: adding a listener takes a browser longer than a poll.
    pub(crate) fn new() -> Self {
        let sleeper = Rc::<Sleeper>::default();
        let mut sleepers = SLEEPERS.take();
        sleeper.place.set(sleepers.len());
        sleepers.push(Rc::clone(&sleeper));
        SLEEPERS.set(sleepers);
        LISTENERS.set(LISTENERS.take().or_else(Listeners::new));
        Self(sleeper)
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
        let mut sleepers = SLEEPERS.take();
        let place = self.0.place.get();
        let last = sleepers.pop();
        if let (Some(slot), Some(last)) = (sleepers.get_mut(place), last) {
            last.place.set(place);
            *slot = last;
        }
        if sleepers.is_empty() {
            drop(LISTENERS.take());
        }
        SLEEPERS.set(sleepers);
    }
}

/// Wakes all waiting calls.
pub(crate) fn wake_all(online: bool) {
    let sleepers = SLEEPERS.take();
    let woken = Woken { online, many: sleepers.len() > STAGGER_ABOVE };
    for sleeper in &sleepers {
        sleeper.woken.set(Some(woken));
        if let Some(waker) = sleeper.waker.take() {
            waker.wake();
        }
    }
    SLEEPERS.set(sleepers);
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
