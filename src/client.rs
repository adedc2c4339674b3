//! The module's one export: a client, and its calls.

use js_sys::Promise;
use protocol::{
    ALL_OPTIONS, AudioRequest, CHECK_TIMEOUT_MS, CLIENT_OPTIONS, Call, CallOptions, ClientOptions, DEFAULT_TIMEOUT_MS,
    DOWNLOAD_OPTIONS, Endpoint, Error, Failure, Generation, Goal, KeySource, Lookup, RECOVER_OPTIONS, REQUEST_OPTIONS,
    Recovery, SUBMIT_OPTIONS, WAIT_OPTIONS, millis, read_idempotency_key, require_idempotency_key,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::abort::AbortListener;
use crate::call_driver::{ABORT_MICROTASKS, CallDriver, Operation};
use crate::clock::now;
use crate::download_driver::DownloadDriver;
use crate::foreign::{Value, call, global, set};
use crate::http::fetch_function;
use crate::origin_registry;
use crate::rejection::rejection;
use crate::semaphore::Semaphore;
use crate::task::{BoxedCall, spawn};
use crate::timer::WaitTimer;
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

/// Creates a client and returns the function that makes its calls: `(method, subject, given, waited)`.
///
/// Never fails: every call rejects if the options are invalid. The method is 0 to generate,
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

/// The options of a client, and the permits of its calls.
pub(crate) struct Client {
    /// A copy of the caller's options, so that each call reads the same.
    options: Value,
    /// Whether calls take the client's options too, as `generateAudio` does.
    merged: bool,
    /// Makes the key of a submit if the caller gives none.
    random_uuid: Value,
    permits: Option<Semaphore>,
}

impl Client {
    pub(crate) fn new(options: JsValue, merged: bool, random_uuid: JsValue) -> Self {
        let mut client = Self { options: Value(options), merged, random_uuid: Value(random_uuid), permits: None };
        client.permits = client.options().ok().and_then(|options| options.max_concurrent).map(Semaphore::new);
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
        promise(self.start_call(goal, &Value(subject), Value(given), millis(waited)))
    }

    fn options(&self) -> Result<ClientOptions<Value>, Error> {
        ClientOptions::read(&self.options, if self.merged { ALL_OPTIONS } else { CLIENT_OPTIONS })
    }

    fn download(&self, audio: &Value, given: &Value, waited: u64) -> Result<BoxedCall, Error> {
        let client = self.options()?;
        let mut options = CallOptions::read(given, DOWNLOAD_OPTIONS, DEFAULT_TIMEOUT_MS)?;
        options.spend(waited);
        has_fetch(&client)?;
        Ok(Box::pin(DownloadDriver::new(audio, options, client.fetch)?))
    }

    /// Reads all arguments of a call; nothing is sent if any is invalid.
    fn start_call(&self, goal: Goal, subject: &Value, given: Value, waited: u64) -> Result<BoxedCall, Error> {
        let client = self.options()?;
        let names = match goal {
            _ if self.merged => ALL_OPTIONS,
            Goal::Generate | Goal::Wait => WAIT_OPTIONS,
            Goal::Submit => SUBMIT_OPTIONS,
            Goal::Check => REQUEST_OPTIONS,
            Goal::Recover => RECOVER_OPTIONS,
        };
        let mut options =
            CallOptions::read(&given, names, if goal == Goal::Check { CHECK_TIMEOUT_MS } else { DEFAULT_TIMEOUT_MS })?;
        options.spend(waited);
        let call = self.build(goal, subject, &client, &mut options)?;
        if let Some(generation) = call.generation() {
            set(&given.0, "generation", &to_js(generation));
        }
        if let Some(key) = call.idempotency_key() {
            set(&given.0, "idempotencyKey", &key.into());
        }
        let keyed = !matches!(client.key, KeySource::None);
        let (href, page) = resolve(&client.base_url)?;
        let endpoint = Endpoint::new(&href, &page, keyed, client.recovery)?;
        has_fetch(&client)?;
        let (call, key) = match client.key {
            KeySource::None => (call, None),
            KeySource::Static(key) => (call.with_key(key), None),
            KeySource::Function(function) => (call.with_key_function(), Some(function)),
        };
        let call = if options.on_submitting.is_some() { call.with_on_submitting() } else { call };
        // Deno's `fetch` repeats a buffered POST whose connection was reset.
        let deno = client.fetch.is_none() && global("Deno").is_object();
        let call = if client.stream_submit || deno { call.with_streamed_submits() } else { call };
        let abort_listener = AbortListener::new(options.signal.as_ref())?;
        let operation = match &self.permits {
            Some(permits) if call.is_counted() => Operation::AcquiringClientPermit(permits.acquire()),
            _ => Operation::Starting,
        };
        Ok(Box::pin(CallDriver {
            goal,
            call,
            given,
            options,
            key,
            fetch: client.fetch,
            shared: origin_registry::state_of(&endpoint.origin),
            endpoint,
            abort_listener,
            operation,
            upload: JsValue::UNDEFINED,
            permits: [None, None],
            timer: WaitTimer::default(),
            wake_listener: None,
            abort_microtasks: ABORT_MICROTASKS,
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
        let mut call = Call::new(goal, options.timeout, options.poll_interval);
        match (goal, client.recovery) {
            (Goal::Check | Goal::Wait, _) => call.ask(Generation::read(subject, now())?),
            (Goal::Recover, Some(recovery)) => {
                let key = require_idempotency_key(subject)?;
                call.recover(Lookup::for_past_submit(recovery, key, options.submitted_at, now()));
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

    /// The look-up of a submit with that key, or with a new one.
    fn lookup(&self, recovery: Recovery, given: Option<String>) -> Result<Lookup, Error> {
        let own = given.is_some();
        let made =
            || call(&self.random_uuid, &JsValue::UNDEFINED).ok().and_then(|uuid| read_idempotency_key(&Value(uuid)));
        match given.or_else(made) {
            Some(key) => Ok(Lookup::new(recovery, key, own)),
            None => Err(Error::with(Failure::Unsupported, "crypto".into())),
        }
    }
}

fn promise(call: Result<BoxedCall, Error>) -> Promise {
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

/// Lets the platform resolve and normalise the URL; for a relative one also returns the origin of the page or
/// worker.
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
