//! The page's events that end a sleep early: visible again, back from the cache, online.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

use crate::foreign::{get, global};

/// More sleepers than this are spread out when they are woken.
const FEW: usize = 4;

/// What ended a sleep.
#[derive(Clone, Copy)]
pub(crate) struct Woken {
    /// The page went online.
    pub(crate) online: bool,
    /// Many were asleep.
    pub(crate) many: bool,
}

#[derive(Default)]
struct Sleeper {
    woken: Cell<Option<Woken>>,
    waker: RefCell<Option<Waker>>,
}

thread_local! {
    static SLEEPERS: RefCell<Vec<Rc<Sleeper>>> = const { RefCell::new(Vec::new()) };
    static LISTENERS: RefCell<Option<Listeners>> = const { RefCell::new(None) };
}

/// Ends when the page wakes; never where there is no page.
pub(crate) fn woken() -> impl Future<Output = Woken> {
    let asleep = Asleep(Rc::default());
    SLEEPERS.with_borrow_mut(|sleepers| sleepers.push(Rc::clone(&asleep.0)));
    LISTENERS.with_borrow_mut(|listeners| {
        if listeners.is_none() {
            *listeners = Listeners::new();
        }
    });
    poll_fn(move |cx| {
        if let Some(woken) = asleep.0.woken.take() {
            return Poll::Ready(woken);
        }
        asleep.0.waker.replace(Some(cx.waker().clone()));
        Poll::Pending
    })
}

struct Asleep(Rc<Sleeper>);

impl Drop for Asleep {
    fn drop(&mut self) {
        let nobody = SLEEPERS.with_borrow_mut(|sleepers| {
            if let Some(place) = sleepers.iter().position(|sleeper| Rc::ptr_eq(sleeper, &self.0)) {
                sleepers.swap_remove(place);
            }
            sleepers.is_empty()
        });
        if nobody {
            drop(LISTENERS.take());
        }
    }
}

fn wake_all(online: bool) {
    SLEEPERS.with_borrow(|sleepers| {
        let woken = Woken { online, many: sleepers.len() > FEW };
        for sleeper in sleepers {
            sleeper.woken.set(Some(woken));
            if let Some(waker) = sleeper.waker.take() {
                waker.wake();
            }
        }
    });
}

/// Listeners that last as long as anybody sleeps.
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
        act(js_sys::global().unchecked_ref(), "pageshow", callback);
        act(js_sys::global().unchecked_ref(), "online", callback);
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        self.each(|target, name, callback| drop(target.remove_event_listener_with_callback(name, callback)));
    }
}
