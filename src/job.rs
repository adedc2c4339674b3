//! Drives one call: does what the machine says and tells it what came of it.
//!
//! A future by hand rather than an `async fn`: everything that a call ever waits for is in one
//! place, and the module is thousands of bytes smaller.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::JSON;
use protocol::call::{Call, Event, Goal, Next};
use protocol::endpoint::Endpoint;
use protocol::generation::Generation;
use protocol::options::CallOptions;
use protocol::secret::Secret;
use protocol::wire::CreateTask;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use crate::abort::{Cancel, Ours};
use crate::alarm::{Alarm, Alert, LONGEST, LOOK};
use crate::clock::{Random, now};
use crate::foreign::{Value, call, get, global, notify, promised, set};
use crate::http::{Exchange, Headers, Init};
use crate::open::{self, Origin};
use crate::outcome::rejection;
use crate::queue::{Place, Ticket};
use crate::to_js::to_js;
use crate::wake::{Asleep, wake_all};

#[wasm_bindgen]
extern "C" {
    // The package's own, see `js/upload.ts`.
    fn streamed(url: &str, init: &JsValue) -> JsValue;
}

/// How many turns of the microtask queue an aborted submit is given: what has arrived by then of its
/// reply was there when the caller aborted.
pub(crate) const ABORT_TURNS: u32 = 32;

/// A call under way, with everything that its requests need.
pub(crate) struct Job {
    pub(crate) goal: Goal,
    pub(crate) call: Call,
    /// The caller's options as they were handed over.
    pub(crate) given: Value,
    pub(crate) options: CallOptions<Value>,
    /// The caller's function that gives the key, where it is one.
    pub(crate) key: Option<Value>,
    pub(crate) fetch: Option<Value>,
    pub(crate) endpoint: Endpoint,
    pub(crate) shared: Origin,
    pub(crate) cancel: Cancel,
    pub(crate) doing: Doing,
    /// The options of the last request, where its body is a stream.
    pub(crate) upload: JsValue,
    /// The job's place among its client's, and the request's among the module's.
    pub(crate) places: [Option<Place>; 2],
    pub(crate) alarm: Alarm,
    /// From its first sleep on.
    pub(crate) asleep: Option<Asleep>,
    /// What is left of [`ABORT_TURNS`].
    pub(crate) turns: u32,
}

/// What a call waits for. Dropped before its end, it leaves nothing behind.
pub(crate) enum Doing {
    /// A place among its client's jobs.
    Queueing(Ticket),
    /// Nothing any more.
    Beginning,
    Sleeping,
    Entering(Ticket),
    AskingKey(JsFuture, Ours),
    Exchanging(Exchange),
    Storing(JsFuture),
    /// It could not even be begun.
    Over(Event<Value>, Option<JsValue>),
}

/// What happened, and the foreign value that came with it.
type Happened = (Event<Value>, Option<JsValue>);

impl Future for Job {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let Poll::Ready((event, cause)) = self.wait(cx) else { return Poll::Pending };
            let mut shared = self.shared.take().unwrap_or_default();
            let next = self.call.step(event, now(), &mut shared, &mut Random);
            let (opened, cache) = (shared.gates.take_opened(), shared.cache_mode());
            self.shared.set(Some(shared));
            if opened {
                wake_all(false);
            }
            if !matches!(next, Next::Post | Next::Get | Next::LookUp | Next::Announce) {
                self.places[1] = None;
            }
            self.doing = match next {
                Next::Sleep(_) => {
                    self.asleep.get_or_insert_with(Asleep::new).fall();
                    Doing::Sleeping
                }
                Next::AskKey { after_unauthorized } => self.ask_key(after_unauthorized),
                Next::Enter => Doing::Entering(open::requests().join()),
                Next::Post | Next::Get | Next::LookUp => self.exchange(&next, cache),
                Next::Announce => call_back(self.options.on_submitting.as_ref(), &JsValue::UNDEFINED),
                Next::Store => {
                    let snapshot = self.snapshot();
                    set(&self.given.0, "generation", &snapshot);
                    call_back(self.options.on_submitted.as_ref(), &snapshot)
                }
                Next::Report => {
                    if let Some(callback) = &self.options.on_status {
                        notify(callback, &self.snapshot());
                    }
                    Doing::Over(Event::Reported, None)
                }
                Next::SettleAbsent => return Poll::Ready(Ok(JsValue::UNDEFINED)),
                Next::Settle(Ok(generation)) => return Poll::Ready(Ok(result(self.goal, &generation))),
                Next::Settle(Err(error)) => return Poll::Ready(Err(rejection(&error, cause.as_ref()))),
            };
            self.alarm = Alarm::default();
        }
    }
}

impl Job {
    /// Waits for what is being done, no longer than the machine allows and not past an abort.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Happened> {
        if self.cancel.poll_aborted(cx) {
            return self.abort(cx);
        }
        let happened = match &mut self.doing {
            Doing::Queueing(ticket) => {
                let Poll::Ready(place) = ticket.poll(cx) else { return Poll::Pending };
                self.places[0] = Some(place);
                self.begin()
            }
            Doing::Beginning => self.begin(),
            Doing::Sleeping => match self.asleep.as_ref().map(|asleep| asleep.poll(cx)) {
                Some(Poll::Ready(woken)) => (Event::Woken { online: woken.online, many: woken.many }, None),
                _ => return self.elapsed(cx),
            },
            Doing::Entering(ticket) => match ticket.poll(cx) {
                Poll::Ready(place) => {
                    self.places[1] = Some(place);
                    (Event::Entered { offline: self.offline() }, None)
                }
                Poll::Pending => return self.elapsed(cx),
            },
            Doing::AskingKey(answer, ours) => match Pin::new(answer).poll(cx) {
                Poll::Ready(answer) => {
                    ours.done();
                    match answer {
                        Ok(value) => (Secret::read(&Value(value)).map_or(Event::NoKey(NO_KEY), Event::Key), None),
                        Err(reason) => (Event::NoKey("rejected"), Some(reason)),
                    }
                }
                Poll::Pending => return self.elapsed(cx),
            },
            Doing::Exchanging(exchange) => match exchange.poll(cx) {
                Poll::Ready(Ok(reply)) => (Event::Reply(reply), None),
                Poll::Ready(Err(reason)) => (self.lost(), Some(reason)),
                Poll::Pending => {
                    if exchange.has_document() && self.call.on_document(now()) {
                        self.alarm.restart();
                    }
                    return self.elapsed(cx);
                }
            },
            Doing::Storing(stored) => match Pin::new(stored).poll(cx) {
                Poll::Ready(Ok(_)) => (Event::Stored, None),
                Poll::Ready(Err(reason)) => (Event::StoreFailed, Some(reason)),
                Poll::Pending => return self.elapsed(cx),
            },
            Doing::Over(..) => match core::mem::replace(&mut self.doing, Doing::Beginning) {
                Doing::Over(event, cause) => (event, cause),
                _ => self.begin(),
            },
        };
        Poll::Ready(happened)
    }

    fn begin(&self) -> Happened {
        (Event::Begin { offline: self.offline() }, None)
    }

    fn elapsed(&mut self, cx: &Context<'_>) -> Poll<Happened> {
        let call = &mut self.call;
        let longest = if let Doing::Sleeping = self.doing { LONGEST } else { LOOK };
        let event = match (self.alarm.poll(cx, longest, &mut || call.limit(now())), &mut self.doing) {
            (Some(Alert::Elapsed), Doing::Exchanging(exchange)) => exchange.so_far().map_or(Event::Elapsed, Event::Cut),
            (Some(Alert::Elapsed), _) => Event::Elapsed,
            (Some(Alert::Broken), Doing::Sleeping) => Event::TimerFailed,
            // What comes to an end by itself goes on without a limit.
            _ => return Poll::Pending,
        };
        Poll::Ready((event, None))
    }

    /// The caller has aborted. What is there of the reply to a submit is looked at first: it may hold
    /// the id of a job that is paid for.
    fn abort(&mut self, cx: &mut Context<'_>) -> Poll<Happened> {
        let mut reply = None;
        if let (Doing::Exchanging(exchange), None) = (&mut self.doing, self.call.generation()) {
            reply = match exchange.poll(cx) {
                Poll::Ready(arrived) => arrived.ok(),
                Poll::Pending if self.turns > 0 && !exchange.has_document() => {
                    self.turns -= 1;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Pending => exchange.so_far(),
            };
        }
        Poll::Ready((Event::Aborted(reply), Some(self.cancel.reason())))
    }

    fn offline(&self) -> bool {
        !self.endpoint.loopback && get(&global("navigator"), "onLine") == JsValue::FALSE
    }

    fn ask_key(&self, after_unauthorized: bool) -> Doing {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Context {
            after_unauthorized: bool,
        }
        let Some(function) = &self.key else { return Doing::Over(Event::NoKey("is missing"), None) };
        let ours = Ours::new();
        let context = to_js(&Context { after_unauthorized });
        set(&context, "signal", &ours.signal());
        match call(function, &context) {
            Ok(given) => Doing::AskingKey(promised(&given), ours),
            Err(reason) => Doing::Over(Event::NoKey("threw"), Some(reason)),
        }
    }

    fn exchange(&mut self, next: &Next, cache: Option<&'static str>) -> Doing {
        let task = self.call.request().filter(|_| matches!(next, Next::Post));
        let body = task.and_then(|request| JSON::stringify(&to_js(&CreateTask::new(request))).ok());
        let url = match self.call.generation() {
            _ if matches!(next, Next::LookUp) => self.call.lookup_url(&self.endpoint),
            Some(generation) if task.is_none() => self.endpoint.status(&generation.id),
            _ => self.endpoint.create(),
        };
        let method = if task.is_some() { "POST" } else { "GET" };
        let headers = to_js(&Headers {
            authorization: self.call.key().map(Secret::bearer),
            content_type: task.map(|_| "application/json"),
        });
        if let (Some(_), Some((name, value))) = (task, self.call.submit_header()) {
            set(&headers, name, &value.into());
        }
        let init = to_js(&Init {
            method,
            credentials: "same-origin",
            cache: cache.filter(|_| task.is_none()),
            redirect: "manual",
        });
        set(&init, "headers", &headers);
        self.upload = JsValue::UNDEFINED;
        if let Some(body) = body {
            set(&init, "body", &body);
            let upload = &mut self.upload;
            self.call.try_stream(|| {
                *upload = streamed(&url, &init);
                upload.is_object()
            });
        }
        let init = if self.upload.is_object() { &self.upload } else { &init };
        match Exchange::start(self.fetch.as_ref(), &url, init, None) {
            Ok(exchange) => Doing::Exchanging(exchange),
            Err(reason) => Doing::Over(self.lost(), Some(reason)),
        }
    }

    /// The request under way failed without a reply.
    fn lost(&self) -> Event<Value> {
        if get(&self.upload, "unread") == JsValue::TRUE { Event::Unread } else { Event::Lost }
    }

    fn snapshot(&self) -> JsValue {
        self.call.generation().map(to_js).unwrap_or_default()
    }
}

/// Calls what the caller gave and waits for it.
fn call_back(callback: Option<&Value>, argument: &JsValue) -> Doing {
    match callback.map(|callback| call(callback, argument)) {
        None => Doing::Over(Event::Stored, None),
        Some(Ok(given)) => Doing::Storing(promised(&given)),
        Some(Err(reason)) => Doing::Over(Event::StoreFailed, Some(reason)),
    }
}

const NO_KEY: &str = "gave no usable key: expected a string of visible ASCII characters";

fn result(goal: Goal, generation: &Generation) -> JsValue {
    match (goal, &generation.audio) {
        (Goal::Generate, Some(audio)) => audio.url.as_str().into(),
        (Goal::Wait, Some(audio)) => to_js(audio),
        _ => to_js(generation),
    }
}
