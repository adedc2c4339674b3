//! The module's one export: a client, and its calls.

use js_sys::Promise;
use protocol::{
    Call, CallOptions, ClientOptions, Endpoint, Error, Failure, Goal, KeySource, Subject, millis, read_idempotency_key,
};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::abort::AbortListener;
use crate::blob_builder::BlobBuilder;
use crate::call_driver::{ABORT_MICROTASKS, CallDriver, Operation};
use crate::clock::now;
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
    // One constructor, for a URL with a base or without.
    #[wasm_bindgen(js_name = URL)]
    type Url;
    #[wasm_bindgen(constructor, js_class = URL, catch)]
    fn new(address: &str, base: &JsValue) -> Result<Url, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn href(this: &Url) -> String;
}

/// Creates a client and returns the function that makes its calls: `(method, subject, options, waited)`.
///
/// Never fails: every call rejects if the options are invalid. `random_uuid` makes idempotency keys. The
/// method is 0 to generate, 1 to submit, 2 to check, 3 to wait, 4 to recover, 5 to download, 6 to generate with
/// one object of options that are the client's and the call's. `waited` is how many milliseconds passed before
/// the module was loaded. The function returns at once. Its promise resolves to the result of the call, or
/// rejects with a plain object from which the JavaScript API makes its error; nothing else is ever thrown.
/// The generation, once a waiting call knows it, and the submit's key are also set on the options object,
/// where they survive even a trap.
#[wasm_bindgen]
pub fn connect(options: JsValue, random_uuid: JsValue) -> JsValue {
    let client = Client::new(options, random_uuid);
    let call = move |method, subject, options_object, waited| client.call(method, subject, options_object, waited);
    Closure::<dyn Fn(u32, JsValue, JsValue, f64) -> Promise>::new(call).into_js_value()
}

/// The options of a client, and the permits of its calls.
pub(crate) struct Client {
    /// A copy of the caller's options, so that each call reads the same.
    options: Value,
    /// Makes the key of a submit if the caller gives none.
    random_uuid: Value,
    permits: Option<Semaphore>,
}

impl Client {
    pub(crate) fn new(options: JsValue, random_uuid: JsValue) -> Self {
        let mut client = Self { options: Value(options), random_uuid: Value(random_uuid), permits: None };
        client.permits = client.options(false).ok().and_then(|options| options.max_concurrent).map(Semaphore::new);
        client
    }

    pub(crate) fn call(&self, method: u32, subject: JsValue, options_object: JsValue, waited: f64) -> Promise {
        let goal = match method {
            0 | 6 => Goal::Generate,
            1 => Goal::Submit,
            2 => Goal::Check,
            3 => Goal::Wait,
            4 => Goal::Recover,
            _ => Goal::Download,
        };
        match self.start_call(goal, method == 6, &Value(subject), Value(options_object), millis(waited)) {
            Ok(call) => spawn(call),
            Err(error) => Promise::reject(&rejection(&error, None)),
        }
    }

    fn options(&self, merged: bool) -> Result<ClientOptions<Value>, Error> {
        ClientOptions::read(&self.options, merged)
    }

    /// Reads all arguments of a call, whose options may be `merged` with the client's; nothing is sent if any is invalid.
    fn start_call(
        &self,
        goal: Goal,
        merged: bool,
        subject: &Value,
        options_object: Value,
        waited: u64,
    ) -> Result<BoxedCall, Error> {
        let client = self.options(merged)?;
        let mut options = CallOptions::read(&options_object, goal, merged)?;
        options.spend(waited);
        let make_key =
            || call(&self.random_uuid, &JsValue::UNDEFINED).ok().and_then(|uuid| read_idempotency_key(&Value(uuid)));
        let subject = Subject::read(goal, subject, client.recovery, &mut options, now(), make_key)?;
        if let Some(generation) = subject.generation() {
            set(&options_object.0, "generation", &to_js(generation));
        }
        if let Some(key) = subject.idempotency_key() {
            set(&options_object.0, "idempotencyKey", &key.into());
        }
        let endpoint = if goal == Goal::Download {
            Endpoint::default()
        } else {
            let (href, page_origin) = resolve(&client.base_url)?;
            Endpoint::new(&href, &page_origin, !matches!(client.key, KeySource::None), client.recovery)?
        };
        if fetch_function(client.fetch.as_ref()).is_none() {
            return Err(Error::with(Failure::Unsupported, "fetch".into()));
        }
        let origin_state = origin_registry::state_of(&endpoint.origin);
        let file = subject.file_size().map(|file_size| BlobBuilder::new(file_size, options.on_progress.take()));
        let call = Call::new(goal, endpoint, subject, options.timeout, options.poll_interval);
        let (call, key) = match client.key {
            KeySource::None => (call, None),
            KeySource::Static(key) => (call.with_key(key), None),
            KeySource::Function(function) => (call.with_key_function(), Some(function)),
        };
        let call = if options.on_submitting.is_some() { call.with_on_submitting() } else { call };
        // Deno's `fetch` repeats a buffered POST whose connection was reset.
        let is_deno = client.fetch.is_none() && global("Deno").is_object();
        let call = if client.stream_submit || is_deno { call.with_streamed_submits() } else { call };
        let abort_listener = AbortListener::new(options.signal.as_ref())?;
        let operation = match &self.permits {
            Some(permits) if call.is_counted() => Operation::AcquiringClientPermit(permits.acquire()),
            _ => Operation::Starting,
        };
        Ok(Box::pin(CallDriver {
            goal,
            call,
            options_object,
            options,
            key,
            fetch: client.fetch,
            origin_state,
            file,
            abort_listener,
            operation,
            streamed_init: JsValue::UNDEFINED,
            permits: [None, None],
            timer: WaitTimer::default(),
            wake_listener: None,
            abort_microtasks: ABORT_MICROTASKS,
        }))
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
