//! Drives one call: does what the machine says and tells it what came of it.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

use js_sys::{JSON, Reflect};
use protocol::call::{Call, Event, Next};
use protocol::endpoint::Endpoint;
use protocol::generation::Generation;
use protocol::options::{CallOptions, Key};
use protocol::reply::Reply;
use protocol::secret::Secret;
use protocol::shared::Shared;
use protocol::wire::CreateTask;
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::abort::{Cancel, Ours};
use crate::clock::{Random, now};
use crate::foreign::{Value, call, get, global, notify, settled};
use crate::http::{self, Headers, Init};
use crate::open;
use crate::outcome::{plain, rejection};
use crate::queue::Place;
use crate::race::{Raced, race};
use crate::wake::{Woken, woken};

/// A call under way, with everything that its requests need.
pub(crate) struct Job {
    pub(crate) call: Call,
    pub(crate) options: CallOptions<Value>,
    pub(crate) key: Key<Value>,
    pub(crate) fetch: Option<Value>,
    pub(crate) endpoint: Rc<Endpoint>,
    pub(crate) cancel: Cancel,
}

/// What happened, and the foreign value that came with it.
type Happened = (Event<Value>, Option<JsValue>);

impl Job {
    /// Runs the call to its end.
    pub(crate) async fn run(mut self) -> Result<Generation, JsValue> {
        let shared = open::shared(&self.endpoint.origin);
        let place = RefCell::new(None);
        let mut happened = if self.cancel.is_aborted() {
            (Event::Aborted, Some(self.cancel.reason()))
        } else {
            (Event::Begin { offline: self.offline() }, None)
        };
        loop {
            let (event, cause) = happened;
            let next = match self.step(event, &shared) {
                Next::Settle(Ok(generation)) => return Ok(*generation),
                Next::Settle(Err(error)) => return Err(rejection(&error, cause.as_ref())),
                next => next,
            };
            if !matches!(next, Next::Post | Next::Get) {
                place.take();
            }
            let doing = pin!(self.perform(next, &place));
            happened = match race(doing, &|| self.call.limit(now()), &self.cancel).await {
                Raced::Ready(happened) => happened,
                Raced::Elapsed => (Event::Elapsed, None),
                Raced::Aborted => (Event::Aborted, Some(self.cancel.reason())),
            };
        }
    }

    fn step(&mut self, event: Event<Value>, shared: &RefCell<Shared>) -> Next {
        self.call.step(event, now(), &mut shared.borrow_mut(), &mut Random)
    }

    fn offline(&self) -> bool {
        !self.endpoint.loopback && get(&global("navigator"), "onLine") == JsValue::FALSE
    }

    /// Does what the machine says. Dropped before its end, it leaves nothing behind.
    async fn perform(&self, next: Next, place: &RefCell<Option<Place>>) -> Happened {
        match next {
            Next::Sleep(_) => {
                let Woken { online, many } = woken().await;
                (Event::Woken { online, many }, None)
            }
            Next::AskKey { after_unauthorized } => self.ask_key(after_unauthorized).await,
            Next::Enter => {
                let entered = open::requests().enter().await;
                place.replace(Some(entered));
                (Event::Entered { offline: self.offline() }, None)
            }
            Next::Post | Next::Get => match self.exchange(next == Next::Post).await {
                Ok(reply) => (Event::Reply(reply), None),
                Err(reason) => (Event::Lost, Some(reason)),
            },
            Next::Store => match self.store().await {
                Ok(_) => (Event::Stored, None),
                Err(reason) => (Event::StoreFailed, Some(reason)),
            },
            Next::Report | Next::Settle(_) => {
                if let Some(callback) = &self.options.on_status {
                    notify(callback, &self.snapshot());
                }
                (Event::Reported, None)
            }
        }
    }

    async fn ask_key(&self, after_unauthorized: bool) -> Happened {
        let Key::Function(function) = &self.key else { return (Event::NoKey("is missing"), None) };
        let ours = Ours::new();
        let context = plain(&Context { after_unauthorized });
        // A fresh plain object takes any property.
        drop(Reflect::set(&context, &"signal".into(), &ours.signal()));
        let happened = match call(function, &context) {
            Err(reason) => (Event::NoKey("threw"), Some(reason)),
            Ok(given) => match settled(given).await {
                Err(reason) => (Event::NoKey("rejected"), Some(reason)),
                Ok(value) => match Secret::read(&Value(value)) {
                    Ok(key) => (Event::Key(key), None),
                    Err(_) => (Event::NoKey("gave no usable key: expected a string of visible ASCII characters"), None),
                },
            },
        };
        ours.done();
        happened
    }

    async fn exchange(&self, create: bool) -> Result<Reply<Value>, JsValue> {
        let ours = Ours::new();
        let task = self.call.request().filter(|_| create);
        let body = task.and_then(|request| JSON::stringify(&plain(&CreateTask::new(request))).ok()).map(String::from);
        let url = match self.call.generation() {
            Some(generation) if !create => self.endpoint.status(&generation.id),
            _ => self.endpoint.create(),
        };
        let init = Init {
            method: if create { "POST" } else { "GET" },
            headers: Some(Headers {
                authorization: self.call.key().map(Secret::bearer),
                content_type: create.then_some("application/json"),
            }),
            body: body.as_deref(),
            credentials: "same-origin",
            cache: "no-store",
            redirect: "manual",
        };
        let response = http::send(self.fetch.as_ref(), &url, &init, &ours).await?;
        let reply = http::read(response).await;
        ours.done();
        Ok(reply)
    }

    async fn store(&self) -> Result<JsValue, JsValue> {
        match &self.options.on_submit {
            Some(callback) => settled(call(callback, &self.snapshot())?).await,
            None => Ok(JsValue::UNDEFINED),
        }
    }

    fn snapshot(&self) -> JsValue {
        self.call.generation().map(plain).unwrap_or_default()
    }
}

/// What a key function is told, besides the signal.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    after_unauthorized: bool,
}
