//! Cancellation in both directions: the caller's signal, and the signals of our own requests.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Waker};

use protocol::Error;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, EventTarget};

use crate::foreign::{Value, call_method, get};

/// Listens to the caller's signal until dropped.
pub(crate) struct AbortListener {
    signal: Option<JsValue>,
    state: Rc<State>,
    listener: Option<Closure<dyn FnMut()>>,
}

#[derive(Default)]
struct State {
    aborted: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl AbortListener {
    /// Listens to the signal, if there is one.
    ///
    /// # Errors
    /// `invalid_argument` for one that cannot be listened to, such as a proxy of a real one.
    pub(crate) fn new(signal: Option<&Value>) -> Result<Self, Error> {
        let state = Rc::new(State::default());
        let signal = signal.map(|signal| signal.0.clone());
        let mut listener = None;
        if let Some(signal) = &signal {
            state.aborted.set(get(signal, "aborted") == JsValue::TRUE);
            let shared = Rc::clone(&state);
            let closure = Closure::<dyn FnMut()>::new(move || {
                shared.aborted.set(true);
                if let Some(waker) = shared.waker.take() {
                    waker.wake();
                }
            });
            let target = signal.unchecked_ref::<EventTarget>();
            target.add_event_listener_with_callback("abort", closure.as_ref().unchecked_ref()).map_err(|_| {
                Error::invalid("`signal` cannot be listened to; expected an AbortSignal, and no proxy of one".into())
            })?;
            listener = Some(closure);
        }
        Ok(Self { signal, state, listener })
    }

    /// Whether the caller has aborted; if not, the task is woken when it happens.
    pub(crate) fn poll_aborted(&self, cx: &Context<'_>) -> bool {
        if self.state.aborted.get() {
            return true;
        }
        let Some(signal) = &self.signal else { return false };
        self.state.waker.set(Some(cx.waker().clone()));
        // Another listener may have stopped the event.
        get(signal, "aborted") == JsValue::TRUE
    }

    /// `signal.reason`, whatever it is.
    pub(crate) fn reason(&self) -> JsValue {
        self.signal.as_ref().map(|signal| get(signal, "reason")).unwrap_or_default()
    }
}

impl Drop for AbortListener {
    fn drop(&mut self) {
        if let (Some(signal), Some(listener)) = (&self.signal, self.listener.take()) {
            let target = signal.unchecked_ref::<EventTarget>();
            // A foreign signal may throw; the listener then wakes nobody.
            drop(target.remove_event_listener_with_callback("abort", listener.as_ref().unchecked_ref()));
        }
    }
}

/// Aborts an operation of our own when dropped, unless disarmed.
pub(crate) struct AbortOnDrop {
    controller: Option<JsValue>,
}

impl AbortOnDrop {
    /// A signal of our own.
    pub(crate) fn new() -> Self {
        Self { controller: AbortController::new().ok().map(JsValue::from) }
    }

    /// The signal to pass on; undefined if the platform has none.
    pub(crate) fn signal(&self) -> JsValue {
        self.controller.as_ref().map(|controller| get(controller, "signal")).unwrap_or_default()
    }

    /// The operation has ended: nothing is left to abort.
    pub(crate) fn disarm(&mut self) {
        self.controller = None;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = &self.controller {
            // A replaced one may throw; the operation then goes on.
            drop(call_method(controller, "abort"));
        }
    }
}
