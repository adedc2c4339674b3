//! Drives one call: performs the actions of the state machine and reports events to it.
//!
//! A future by hand rather than an `async fn`: everything that a call can wait for is in one place, and the
//! module is thousands of bytes smaller.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use protocol::{
    Action, ApiKey, CLOCK_CHECK_INTERVAL, Call, CallOptions, DownloadFailure, Error, Event, Failure, Generation, Goal,
    HttpRequest, KeyFailure, Purpose, Resolution,
};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use crate::abort::{AbortListener, AbortOnDrop};
use crate::blob_builder::BlobBuilder;
use crate::clock::{MathRandom, now};
use crate::foreign::{Value, call, call_and_report, get, global, set, to_future};
use crate::http::{Exchange, init};
use crate::origin_registry::{self, SharedOrigin};
use crate::rejection::rejection;
use crate::semaphore::{Acquire, Permit};
use crate::timer::{MAX_TIMEOUT, TimerOutcome, WaitTimer};
use crate::to_js::to_js;
use crate::wake::{WakeListener, wake_all};

#[wasm_bindgen]
extern "C" {
    // The package's own, see `js/upload.ts`.
    fn streamed(url: &str, init: &JsValue) -> JsValue;
}

/// How many microtasks an aborted submit waits for: what has arrived of its reply by then was there when the
/// caller aborted.
pub(crate) const ABORT_MICROTASKS: u32 = 32;

/// A call in progress, with everything that its requests need.
pub(crate) struct CallDriver {
    pub(crate) goal: Goal,
    pub(crate) call: Call,
    /// The caller's options object.
    pub(crate) options_object: Value,
    pub(crate) options: CallOptions<Value>,
    /// The caller's key function, if there is one.
    pub(crate) key: Option<Value>,
    pub(crate) fetch: Option<Value>,
    pub(crate) origin_state: SharedOrigin,
    /// The file, if it is a download.
    pub(crate) file: Option<BlobBuilder>,
    pub(crate) abort_listener: AbortListener,
    pub(crate) operation: Operation,
    /// The options of the last request, if its body is a stream.
    pub(crate) streamed_init: JsValue,
    /// The permit of the call at its client, and that of the request.
    pub(crate) permits: [Option<Permit>; 2],
    pub(crate) timer: WaitTimer,
    /// From its first wait on.
    pub(crate) wake_listener: Option<WakeListener>,
    /// What is left of [`ABORT_MICROTASKS`].
    pub(crate) abort_microtasks: u32,
}

/// What a call waits for. When dropped, it is cancelled without leaving anything behind.
pub(crate) enum Operation {
    /// Waiting for `maxConcurrent`.
    AcquiringClientPermit(Acquire),
    /// Nothing: the call can start.
    Starting,
    Waiting,
    AcquiringRequestPermit(Acquire),
    RequestingKey(JsFuture, AbortOnDrop),
    Exchanging(Exchange),
    AwaitingCallback(JsFuture),
    /// Has ended already, with this event.
    Done(Event<Value>, Option<JsValue>),
}

/// What happened, and the JavaScript value that caused it.
type Outcome = (Event<Value>, Option<JsValue>);

impl Future for CallDriver {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let Poll::Ready((event, cause)) = self.wait(cx) else { return Poll::Pending };
            let mut origin_state = self.origin_state.take().unwrap_or_default();
            let context = &mut protocol::Context { now: now(), origin_state: &mut origin_state, rng: &mut MathRandom };
            let action = self.call.step(event, context);
            let opened = origin_state.gates.take_opened();
            self.origin_state.set(Some(origin_state));
            if opened {
                wake_all(false);
            }
            if !matches!(action, Action::Send(_) | Action::CallOnSubmitting) {
                self.permits[1] = None;
            }
            self.operation = match action {
                Action::Wait => {
                    self.wake_listener.get_or_insert_with(WakeListener::new).reset();
                    Operation::Waiting
                }
                Action::RequestKey { after_unauthorized } => self.request_key(after_unauthorized),
                Action::AcquirePermit => {
                    let permits = match self.goal {
                        Goal::Download => origin_registry::download_permits(),
                        _ => origin_registry::request_permits(),
                    };
                    Operation::AcquiringRequestPermit(permits.acquire())
                }
                Action::Send(request) => self.send(&request),
                Action::CallOnSubmitting => call_back(self.options.on_submitting.as_ref(), &JsValue::UNDEFINED),
                Action::CallOnSubmitted => {
                    let snapshot = self.snapshot();
                    set(&self.options_object.0, "generation", &snapshot);
                    call_back(self.options.on_submitted.as_ref(), &snapshot)
                }
                Action::CallOnStatus => {
                    if let Some(callback) = &self.options.on_status {
                        call_and_report(callback, &self.snapshot());
                    }
                    Operation::Done(Event::OnStatusReturned, None)
                }
                Action::SettleFile(content_type) => return Poll::Ready(self.settle_file(content_type)),
                Action::SettleAbsent => return Poll::Ready(Ok(JsValue::UNDEFINED)),
                Action::Settle(Ok(generation)) => return Poll::Ready(Ok(to_result(self.goal, &generation))),
                Action::Settle(Err(error)) => return Poll::Ready(Err(rejection(&error, cause.as_ref()))),
            };
            self.timer = WaitTimer::default();
        }
    }
}

impl CallDriver {
    /// Waits for the current operation, its timeout or an abort.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        if self.abort_listener.poll_aborted(cx) {
            return self.abort(cx);
        }
        let outcome = match &mut self.operation {
            Operation::AcquiringClientPermit(acquire) => {
                let Poll::Ready(permit) = acquire.poll(cx) else { return Poll::Pending };
                self.permits[0] = Some(permit);
                Self::start()
            }
            Operation::Starting => Self::start(),
            Operation::Waiting => match self.wake_listener.as_ref().map(|wake_listener| wake_listener.poll(cx)) {
                Some(Poll::Ready(woken)) => (Event::PageWoke { online: woken.online, waiting: woken.waiting }, None),
                _ => return self.elapsed(cx),
            },
            Operation::AcquiringRequestPermit(acquire) => match acquire.poll(cx) {
                Poll::Ready(permit) => {
                    self.permits[1] = Some(permit);
                    (Event::PermitAcquired { offline: Self::is_offline() }, None)
                }
                Poll::Pending => return self.elapsed(cx),
            },
            Operation::RequestingKey(answer, abort_on_drop) => match Pin::new(answer).poll(cx) {
                Poll::Ready(answer) => {
                    abort_on_drop.disarm();
                    match answer {
                        Ok(value) => match ApiKey::read(&Value(value)) {
                            Ok(key) => (Event::KeyReceived(key), None),
                            Err(_) => (Event::KeyFailed(KeyFailure::Unusable), None),
                        },
                        Err(reason) => (Event::KeyFailed(KeyFailure::Rejected), Some(reason)),
                    }
                }
                Poll::Pending => return self.elapsed(cx),
            },
            Operation::Exchanging(exchange) => match exchange.poll(cx) {
                Poll::Ready(Ok(reply)) => match exchange.file.take() {
                    Some(file) => {
                        let (status, content_type) = (file.received.status, file.received.check());
                        self.file = Some(file);
                        (Event::FileReceived { status, content_type }, None)
                    }
                    None => (Event::Reply(reply), None),
                },
                Poll::Ready(Err(reason)) if exchange.file.is_some() && exchange.has_head() => {
                    (Event::FileTruncated, Some(reason))
                }
                Poll::Ready(Err(reason)) => (self.network_error(), Some(reason)),
                Poll::Pending => {
                    if exchange.has_document() && self.call.on_whole_document(now()) {
                        self.timer.restart();
                    }
                    return self.elapsed(cx);
                }
            },
            Operation::AwaitingCallback(stored) => match Pin::new(stored).poll(cx) {
                Poll::Ready(Ok(_)) => (Event::CallbackResolved, None),
                Poll::Ready(Err(reason)) => (Event::CallbackRejected, Some(reason)),
                Poll::Pending => return self.elapsed(cx),
            },
            Operation::Done(..) => match core::mem::replace(&mut self.operation, Operation::Starting) {
                Operation::Done(event, cause) => (event, cause),
                _ => Self::start(),
            },
        };
        Poll::Ready(outcome)
    }

    fn start() -> Outcome {
        (Event::Start { offline: Self::is_offline() }, None)
    }

    fn elapsed(&mut self, cx: &Context<'_>) -> Poll<Outcome> {
        let call = &mut self.call;
        let longest = if let Operation::Waiting = self.operation { MAX_TIMEOUT } else { CLOCK_CHECK_INTERVAL };
        let event = match (self.timer.poll(cx, longest, &mut || call.poll_timeout(now())), &mut self.operation) {
            (Some(TimerOutcome::Elapsed), Operation::Exchanging(exchange)) => {
                exchange.take_partial_reply().map_or(Event::Timeout, Event::ReplyTruncated)
            }
            (Some(TimerOutcome::Elapsed), _) => Event::Timeout,
            (Some(TimerOutcome::Unavailable), Operation::Waiting) => Event::TimerFailed,
            // Without a timer, operations that end by themselves go on without a timeout.
            _ => return Poll::Pending,
        };
        Poll::Ready((event, None))
    }

    /// The caller has aborted. What has arrived of the reply to a submit is read first: it may contain the id of a
    /// generation that is paid for.
    fn abort(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        let mut reply = None;
        if let Operation::Exchanging(exchange) = &mut self.operation
            && exchange.purpose == Purpose::Submit
        {
            reply = match exchange.poll(cx) {
                Poll::Ready(arrived) => arrived.ok(),
                Poll::Pending if self.abort_microtasks > 0 && !exchange.has_document() => {
                    self.abort_microtasks -= 1;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Pending => exchange.take_partial_reply(),
            };
        }
        Poll::Ready((Event::Aborted(reply), Some(self.abort_listener.reason())))
    }

    fn is_offline() -> bool {
        get(&global("navigator"), "onLine") == JsValue::FALSE
    }

    fn request_key(&self, after_unauthorized: bool) -> Operation {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Context {
            after_unauthorized: bool,
        }
        let Some(function) = &self.key else { return Operation::Done(Event::KeyFailed(KeyFailure::Unusable), None) };
        let abort_on_drop = AbortOnDrop::new();
        let context = to_js(&Context { after_unauthorized });
        set(&context, "signal", &abort_on_drop.signal());
        match call(function, &context) {
            Ok(result) => Operation::RequestingKey(to_future(&result), abort_on_drop),
            Err(reason) => Operation::Done(Event::KeyFailed(KeyFailure::Threw), Some(reason)),
        }
    }

    fn send(&mut self, request: &HttpRequest) -> Operation {
        let init = init(request);
        self.streamed_init = if request.stream_body { streamed(&request.url, &init) } else { JsValue::UNDEFINED };
        let streams = self.streamed_init.is_object();
        if streams {
            self.call.on_body_streamed();
        }
        let init = if streams { &self.streamed_init } else { &init };
        match Exchange::start(self.fetch.as_ref(), request, init, self.file.take()) {
            Ok(exchange) => Operation::Exchanging(exchange),
            Err(reason) => Operation::Done(self.network_error(), Some(reason)),
        }
    }

    /// The request in flight failed without a reply.
    fn network_error(&self) -> Event<Value> {
        if get(&self.streamed_init, "unread") == JsValue::TRUE { Event::BodyNeverRead } else { Event::NetworkError }
    }

    /// The Blob of a file that was received.
    fn settle_file(&mut self, content_type: &'static str) -> Result<JsValue, JsValue> {
        let Some(file) = self.file.take() else { return Ok(JsValue::UNDEFINED) };
        file.into_blob(content_type)
            .map_err(|reason| rejection(&Error::of(Failure::DownloadFailed(DownloadFailure::Truncated)), Some(&reason)))
    }

    fn snapshot(&self) -> JsValue {
        self.call.generation().map(to_js).unwrap_or_default()
    }
}

/// Calls the caller's function and awaits it.
fn call_back(callback: Option<&Value>, argument: &JsValue) -> Operation {
    match callback.map(|callback| call(callback, argument)) {
        None => Operation::Done(Event::CallbackResolved, None),
        Some(Ok(result)) => Operation::AwaitingCallback(to_future(&result)),
        Some(Err(reason)) => Operation::Done(Event::CallbackRejected, Some(reason)),
    }
}

fn to_result(goal: Goal, generation: &Generation) -> JsValue {
    match goal.resolve(generation) {
        Resolution::Url(url) => url.into(),
        Resolution::Audio(audio) => to_js(audio),
        Resolution::Generation(generation) => to_js(generation),
    }
}
