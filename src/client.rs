//! The module's one export: a client, and its calls.

use js_sys::Promise;
use protocol::call::{Call, Goal, Lookup};
use protocol::endpoint::Endpoint;
use protocol::error::{Error, Failure};
use protocol::generation::Generation;
use protocol::idempotency;
use protocol::options::{
    ALL, CLIENT, CallOptions, ClientOptions, DOWNLOAD, Key, LONG, RECOVER, REQUEST, Recovery, SHORT, SUBMIT, WAIT,
    millis,
};
use protocol::request::AudioRequest;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::abort::Cancel;
use crate::alarm::Alarm;
use crate::clock::now;
use crate::download::Transfer;
use crate::foreign::{Value, call, global, set};
use crate::http::fetch_function;
use crate::job::{ABORT_TURNS, Doing, Job};
use crate::open;
use crate::outcome::rejection;
use crate::queue::Queue;
use crate::task::{Boxed, spawn};
use crate::to_js::to_js;

#[wasm_bindgen]
extern "C" {
    // One constructor, for an address with a base or without.
    #[wasm_bindgen(js_name = URL)]
    type Url;
    #[wasm_bindgen(constructor, js_class = URL, catch)]
    fn new(address: &str, base: &JsValue) -> Result<Url, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn href(this: &Url) -> String;
}

/// A client of the service, as the function that makes its calls: `(method, subject, given, waited)`.
///
/// Never fails: a mistake in the options is what every call rejects with. The method is 0 to generate,
/// 1 to submit, 2 to check, 3 to wait, 4 to recover, 5 to download; `waited` are the milliseconds that went by before the
/// module was there. The function returns at once. Its promise resolves to what the call comes to, or
/// rejects with a plain object from which the JavaScript API makes its error; nothing else is ever
/// thrown. The generation, once a waiting call knows it, and the submit's key are also left in `given`, where
/// even a trap does not lose them.
#[wasm_bindgen]
pub fn connect(options: JsValue, merged: bool, random_uuid: JsValue) -> JsValue {
    let client = Client::new(options, merged, random_uuid);
    let call = move |method, subject, given, waited| client.call(method, subject, given, waited);
    Closure::<dyn Fn(u32, JsValue, JsValue, f64) -> Promise>::new(call).into_js_value()
}

/// Its options, and what its calls share.
pub(crate) struct Client {
    /// A copy of the caller's, so that each call reads the same.
    options: Value,
    /// Whether calls take the client's options too, as `generateAudio` does.
    merged: bool,
    /// Makes the key of a submit for which the caller gives none.
    random_uuid: Value,
    places: Option<Queue>,
}

impl Client {
    pub(crate) fn new(options: JsValue, merged: bool, random_uuid: JsValue) -> Self {
        let mut client = Self { options: Value(options), merged, random_uuid: Value(random_uuid), places: None };
        client.places = client.options().ok().and_then(|options| options.max_concurrent).map(Queue::new);
        client
    }

    pub(crate) fn call(&self, method: u32, subject: JsValue, given: JsValue, waited: f64) -> Promise {
        let goal = match method {
            0 => Goal::Generate,
            1 => Goal::Submit,
            2 => Goal::Check,
            3 => Goal::Wait,
            4 => Goal::Recover,
            _ => return promise(self.download(&Value(subject), &Value(given), millis(waited))),
        };
        promise(self.job(goal, &Value(subject), Value(given), millis(waited)))
    }

    fn options(&self) -> Result<ClientOptions<Value>, Error> {
        ClientOptions::read(&self.options, if self.merged { ALL } else { CLIENT })
    }

    fn download(&self, audio: &Value, given: &Value, waited: u64) -> Result<Boxed, Error> {
        let client = self.options()?;
        let mut options = CallOptions::read(given, DOWNLOAD, LONG)?;
        options.spend(waited);
        has_fetch(&client)?;
        Ok(Box::pin(Transfer::new(audio, options, client.fetch)?))
    }

    /// Reads everything that a call is given; nothing is sent where any of it is wrong.
    fn job(&self, goal: Goal, subject: &Value, given: Value, waited: u64) -> Result<Boxed, Error> {
        let client = self.options()?;
        let names = match goal {
            _ if self.merged => ALL,
            Goal::Generate | Goal::Wait => WAIT,
            Goal::Submit => SUBMIT,
            Goal::Check => REQUEST,
            Goal::Recover => RECOVER,
        };
        let mut options = CallOptions::read(&given, names, if goal == Goal::Check { SHORT } else { LONG })?;
        options.spend(waited);
        let call = self.build(goal, subject, &client, &mut options)?;
        if let Some(generation) = call.generation() {
            set(&given.0, "generation", &to_js(generation));
        }
        if let Some(key) = call.idempotency_key() {
            set(&given.0, "idempotencyKey", &key.into());
        }
        let keyed = !matches!(client.key, Key::None);
        let (href, page) = resolve(&client.base_url)?;
        let endpoint = Endpoint::new(&href, &page, keyed, client.recovery)?;
        has_fetch(&client)?;
        let (call, key) = match client.key {
            Key::None => (call, None),
            Key::Static(key) => (call.with_key(key), None),
            Key::Function(function) => (call.asking_for_key(), Some(function)),
        };
        let call = if options.on_submitting.is_some() { call.announcing() } else { call };
        // Deno's `fetch` repeats a buffered POST whose connection was reset.
        let deno = client.fetch.is_none() && global("Deno").is_object();
        let call = if client.stream_submit || deno { call.streaming() } else { call };
        let cancel = Cancel::new(options.signal.as_ref())?;
        let doing = match &self.places {
            Some(places) if call.is_counted() => Doing::Queueing(places.join()),
            _ => Doing::Beginning,
        };
        Ok(Box::pin(Job {
            goal,
            call,
            given,
            options,
            key,
            fetch: client.fetch,
            shared: open::shared(&endpoint.origin),
            endpoint,
            cancel,
            doing,
            upload: JsValue::UNDEFINED,
            places: [None, None],
            alarm: Alarm::default(),
            asleep: None,
            turns: ABORT_TURNS,
        }))
    }

    /// The call that is asked for.
    fn build(
        &self,
        goal: Goal,
        subject: &Value,
        client: &ClientOptions<Value>,
        options: &mut CallOptions<Value>,
    ) -> Result<Call, Error> {
        let mut call = Call::new(goal, options.timeout, options.pace);
        match (goal, client.recovery) {
            (Goal::Check | Goal::Wait, _) => call.ask(Generation::read(subject, now())?),
            (Goal::Recover, Some(recovery)) => {
                let key = idempotency::required(subject)?;
                call.recover(Lookup::of_past(recovery, key, options.submitted_at, now()));
            }
            (Goal::Recover, None) => {
                return Err(Error::invalid("`recovery` is missing".into()));
            }
            (Goal::Generate | Goal::Submit, recovery) => {
                let lookup = match recovery {
                    Some(recovery) => Some(self.lookup(recovery, options.idempotency_key.take())?),
                    None => None,
                };
                call.submit(AudioRequest::read(subject)?, lookup);
            }
        }
        Ok(call)
    }

    /// How a submit with that key, or one that is made for it, is looked up.
    fn lookup(&self, recovery: Recovery, given: Option<String>) -> Result<Lookup, Error> {
        let own = given.is_some();
        let made =
            || call(&self.random_uuid, &JsValue::UNDEFINED).ok().and_then(|uuid| idempotency::read(&Value(uuid)));
        match given.or_else(made) {
            Some(key) => Ok(Lookup::new(recovery, key, own)),
            None => Err(Error::with(Failure::Unsupported, "crypto".into())),
        }
    }
}

fn promise(call: Result<Boxed, Error>) -> Promise {
    match call {
        Ok(call) => spawn(call),
        Err(error) => Promise::reject(&rejection(&error, None)),
    }
}

fn has_fetch(client: &ClientOptions<Value>) -> Result<(), Error> {
    if fetch_function(client.fetch.as_ref()).is_some() {
        Ok(())
    } else {
        Err(Error::with(Failure::Unsupported, "fetch".into()))
    }
}

/// Lets the platform make the address absolute and normal; a relative one belongs to the page's or
/// worker's origin, which is given too.
fn resolve(address: &str) -> Result<(String, String), Error> {
    let resolved = |base: &JsValue| Url::new(address, base).map(|url| url.href());
    if let Ok(href) = resolved(&JsValue::UNDEFINED) {
        return Ok((href, String::new()));
    }
    let origin = global("origin");
    resolved(&origin).map(|href| (href, origin.as_string().unwrap_or_default())).map_err(|_| {
        Error::invalid(
            "`baseUrl` cannot be resolved; expected an absolute URL, or a path where the page or worker has an origin"
                .into(),
        )
    })
}
