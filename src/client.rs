//! The module's one export: a client and its calls.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use js_sys::Promise;
use protocol::call::{Call, Goal};
use protocol::endpoint::Endpoint;
use protocol::error::{Error, Failure};
use protocol::generation::Generation;
use protocol::options::{ALL, CLIENT, CallOptions, ClientOptions, DOWNLOAD, Key, LONG, SHORT, STEP, WAIT};
use protocol::request::AudioRequest;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::future_to_promise;
use web_sys::Url;

use crate::abort::Cancel;
use crate::alarm::Alarm;
use crate::clock::now;
use crate::download::Transfer;
use crate::foreign::{Value, get};
use crate::http::fetch_function;
use crate::job::{Doing, Job};
use crate::open;
use crate::outcome::rejection;
use crate::queue::Queue;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = "import type { AudioFile, Generation } from '../../npm/types.js';";

/// A client of the service: its options, and the calls made with them.
///
/// Every method returns at once. Its promise rejects with a plain object from which the package's
/// face makes its error; nothing else is ever thrown.
#[wasm_bindgen]
pub struct Client {
    /// A copy that the face made, so that each call reads the same.
    options: Value,
    /// Whether calls take the client's options too, as `generateAudio` does.
    merged: bool,
    places: Option<Queue>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

#[wasm_bindgen]
impl Client {
    /// Never fails: a mistake in the options is what every call rejects with.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue, merged: bool) -> Self {
        let mut client = Self { options: Value(options), merged, places: None };
        client.places = client.options().ok().and_then(|options| options.max_concurrent).map(Queue::new);
        client
    }

    /// Submits and waits; resolves to the URL. One POST, which may be billed.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn generate(&self, request: JsValue, options: JsValue) -> Promise {
        self.start(Goal::Generate, request, options)
    }

    /// Sends one POST, which may be billed; resolves to the first snapshot.
    #[wasm_bindgen(unchecked_return_type = "Promise<Generation>")]
    pub fn submit(&self, request: JsValue, options: JsValue) -> Promise {
        self.start(Goal::Submit, request, options)
    }

    /// Sends one GET; resolves to the next snapshot. Costs nothing.
    #[wasm_bindgen(unchecked_return_type = "Promise<Generation>")]
    pub fn check(&self, generation: JsValue, options: JsValue) -> Promise {
        self.start(Goal::Check, generation, options)
    }

    /// Checks until the generation is final; resolves to its audio. Costs nothing.
    #[wasm_bindgen(js_name = waitFor, unchecked_return_type = "Promise<AudioFile>")]
    pub fn wait_for(&self, generation: JsValue, options: JsValue) -> Promise {
        self.start(Goal::Wait, generation, options)
    }

    /// Fetches the file, without the key; resolves to a Blob. Costs nothing.
    #[wasm_bindgen(unchecked_return_type = "Promise<Blob>")]
    pub fn download(&self, audio: JsValue, options: JsValue) -> Promise {
        promise(self.options().and_then(|client| {
            let options = CallOptions::read(&Value(options), DOWNLOAD, LONG)?;
            has_fetch(&client)?;
            Ok(Box::pin(Transfer::new(&Value(audio), options, client.fetch)?) as Boxed)
        }))
    }
}

impl Client {
    fn options(&self) -> Result<ClientOptions<Value>, Error> {
        ClientOptions::read(&self.options, if self.merged { ALL } else { CLIENT })
    }

    fn start(&self, goal: Goal, subject: JsValue, options: JsValue) -> Promise {
        promise(self.job(goal, &Value(subject), &Value(options)).map(|job| Box::pin(job) as Boxed))
    }

    /// Reads everything that a call is given; nothing is sent where any of it is wrong.
    fn job(&self, goal: Goal, subject: &Value, options: &Value) -> Result<Job, Error> {
        let client = self.options()?;
        let names = match goal {
            _ if self.merged => ALL,
            Goal::Generate | Goal::Wait => WAIT,
            Goal::Submit | Goal::Check => STEP,
        };
        let options = CallOptions::read(options, names, if goal == Goal::Check { SHORT } else { LONG })?;
        let call = match goal {
            Goal::Generate | Goal::Submit => {
                Call::submitting(goal, AudioRequest::read(subject)?, options.timeout, options.pace)
            }
            Goal::Check | Goal::Wait => {
                Call::asking(goal, Generation::read(subject, now())?, options.timeout, options.pace)
            }
        };
        let keyed = !matches!(client.key, Key::None);
        let endpoint = Endpoint::new(&resolve(&client.base_url)?, keyed)?;
        has_fetch(&client)?;
        let (call, key) = match client.key {
            Key::None => (call, None),
            Key::Static(key) => (call.with_key(key), None),
            Key::Function(function) => (call.asking_for_key(), Some(function)),
        };
        let cancel = Cancel::new(options.signal.as_ref())?;
        let doing = match &self.places {
            Some(places) if matches!(goal, Goal::Generate | Goal::Wait) => Doing::Queueing(places.join()),
            _ => Doing::Beginning,
        };
        Ok(Job {
            goal,
            call,
            options,
            key,
            fetch: client.fetch,
            shared: open::shared(&endpoint.origin),
            endpoint,
            cancel,
            doing,
            places: [None, None],
            alarm: Alarm::default(),
            asleep: None,
        })
    }
}

/// Boxed, so that the module holds one executor's code for all.
type Boxed = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

fn promise(call: Result<Boxed, Error>) -> Promise {
    match call {
        Ok(call) => future_to_promise(call),
        Err(error) => Promise::reject(&rejection(&error, None)),
    }
}

fn has_fetch(client: &ClientOptions<Value>) -> Result<(), Error> {
    if fetch_function(client.fetch.as_ref()).is_some() { Ok(()) } else { Err(Error::of(Failure::Unsupported("fetch"))) }
}

/// Lets the platform make the address absolute and normal; a relative one belongs to the page's or
/// worker's origin.
fn resolve(address: &str) -> Result<String, Error> {
    let url = Url::new(address).or_else(|_| {
        let origin = get(&js_sys::global(), "origin").as_string().unwrap_or_default();
        Url::new_with_base(address, &origin)
    });
    url.map(|url| url.href()).map_err(|_| {
        Error::invalid("`baseUrl` cannot be resolved; expected an absolute URL, or a path where there is a page or a worker with an origin".into())
    })
}
