//! One HTTP exchange through the caller's or the browser's `fetch`.

use js_sys::{ArrayBuffer, Function, JSON, Reflect, Uint8Array};
use protocol::json::{Json, Kind};
use protocol::reply::{Body, Reply, RetryAfter};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::abort::Ours;
use crate::foreign::{Value, get, global, invoke, method, settled};

/// A longer reply is not read to its end, in bytes.
const LONGEST_REPLY: usize = 1 << 20;

/// The options of `fetch`, as the platform spells them.
#[derive(Serialize)]
pub(crate) struct Init<'a> {
    pub(crate) method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) headers: Option<Headers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<&'a str>,
    pub(crate) credentials: &'static str,
    pub(crate) cache: &'static str,
    pub(crate) redirect: &'static str,
}

/// The only headers that are ever sent: a preflight asks for nothing else.
#[derive(Serialize)]
pub(crate) struct Headers {
    #[serde(rename = "Authorization", skip_serializing_if = "Option::is_none")]
    pub(crate) authorization: Option<String>,
    #[serde(rename = "Content-Type", skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<&'static str>,
}

/// The caller's `fetch`, or the global one as it is now.
pub(crate) fn fetch_function(own: Option<&Value>) -> Option<Function> {
    own.map_or_else(|| global("fetch"), |own| own.0.clone()).dyn_into().ok()
}

/// Starts a request and waits for the reply's head. Dropping `ours` aborts it.
pub(crate) async fn send(fetch: Option<&Value>, url: &str, init: &Init<'_>, ours: &Ours) -> Result<JsValue, JsValue> {
    let fetch = fetch_function(fetch).ok_or(JsValue::UNDEFINED)?;
    let init = serde_wasm_bindgen::to_value(init).map_err(JsValue::from)?;
    Reflect::set(&init, &"signal".into(), &ours.signal())?;
    settled(fetch.call2(&JsValue::UNDEFINED, &url.into(), &init)?).await
}

/// Reads a reply by its shape.
pub(crate) async fn read(response: JsValue) -> Reply<Value> {
    let status = Value(get(&response, "status")).whole(0, 999).unwrap_or(0);
    let hidden = get(&response, "type").as_string().as_deref() == Some("opaqueredirect");
    let redirect = hidden || (300..400).contains(&status);
    let headers = get(&response, "headers");
    Reply {
        status: u16::try_from(status).unwrap_or(0),
        redirect,
        retry_after: header(&headers, "retry-after").map(|text| RetryAfter { date: js_sys::Date::parse(&text), text }),
        inference_id: header(&headers, "x-inference-id"),
        body: if redirect { Body::Text } else { body(&response).await },
    }
}

fn header(headers: &JsValue, name: &str) -> Option<String> {
    method(headers, "get")?.call1(headers, &name.into()).ok()?.as_string()
}

async fn body(response: &JsValue) -> Body<Value> {
    let text = match method(&get(response, "body"), "getReader") {
        Some(_) => whole_text(response).await,
        // A mock may have no stream.
        None => settled(invoke(response, "text").unwrap_or_default()).await.ok().and_then(|text| text.as_string()),
    };
    match text {
        Some(text) => match JSON::parse(&text) {
            Ok(value) => Body::Json(Value(value)),
            Err(_) => Body::Text,
        },
        None => match invoke(response, "json") {
            Ok(given) => match settled(given).await.map(Value) {
                Ok(value) if value.kind() != Kind::Undefined => Body::Json(value),
                _ => Body::Broken,
            },
            Err(_) => Body::Broken,
        },
    }
}

async fn whole_text(response: &JsValue) -> Option<String> {
    let mut bytes = Vec::new();
    let mut chunks = Chunks::of(response).ok()?;
    while let Some(chunk) = chunks.next().await.ok()? {
        if bytes.len() + chunk.length() as usize > LONGEST_REPLY {
            return None;
        }
        bytes.extend(chunk.to_vec());
    }
    String::from_utf8(bytes).ok()
}

#[wasm_bindgen]
extern "C" {
    // Throws for what was transferred away, which the binding of js-sys does not expect.
    #[wasm_bindgen(js_name = Uint8Array)]
    type Bytes;
    #[wasm_bindgen(constructor, js_class = Uint8Array, catch)]
    fn new(source: &JsValue) -> Result<Bytes, JsValue>;
}

/// A reply's body, chunk by chunk; a mock without a stream gives all at once. Dropped before its
/// end, it is cancelled.
pub(crate) struct Chunks<'a> {
    response: &'a JsValue,
    reader: Option<JsValue>,
    done: bool,
}

impl<'a> Chunks<'a> {
    /// Takes the body's reader.
    pub(crate) fn of(response: &'a JsValue) -> Result<Self, JsValue> {
        let body = get(response, "body");
        let reader = method(&body, "getReader").map(|open| open.call0(&body)).transpose()?;
        Ok(Self { response, reader, done: false })
    }

    /// The next chunk, or none at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Uint8Array>, JsValue> {
        let value = match &self.reader {
            _ if self.done => return Ok(None),
            Some(reader) => {
                let result = settled(invoke(reader, "read")?).await?;
                if get(&result, "done").is_truthy() {
                    self.done = true;
                    return Ok(None);
                }
                get(&result, "value")
            }
            None => {
                self.done = true;
                settled(invoke(self.response, "arrayBuffer")?).await?
            }
        };
        if self.reader.is_none() && value.is_object() || ArrayBuffer::is_view(&value) {
            return Bytes::new(&value).map(|bytes| Some(bytes.unchecked_into()));
        }
        Err(JsValue::UNDEFINED)
    }
}

impl Drop for Chunks<'_> {
    fn drop(&mut self) {
        if let (false, Some(reader)) = (self.done, &self.reader) {
            // Whatever comes of it: a rejection here has nobody to hear it.
            if let Ok(promise) = invoke(reader, "cancel") {
                wasm_bindgen_futures::spawn_local(async move { drop(settled(promise).await) });
            }
        }
    }
}
