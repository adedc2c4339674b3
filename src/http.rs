//! One HTTP exchange through the caller's or the browser's `fetch`, read by shape.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::{ArrayBuffer, Function, JSON, Uint8Array};
use protocol::json::Json;
use protocol::reply::{Body, Reply, RetryAfter};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::abort::Ours;
use crate::file::File;
use crate::foreign::{Value, get, global, ignore, invoke, method, promised, set};

/// A longer reply is not read to its end, in bytes.
const LONGEST_REPLY: usize = 1 << 20;

#[wasm_bindgen]
extern "C" {
    // Throws for what was transferred away, which the binding of js-sys does not expect.
    #[wasm_bindgen(js_name = Uint8Array)]
    type Bytes;
    #[wasm_bindgen(constructor, js_class = Uint8Array, catch)]
    fn new(source: &JsValue) -> Result<Bytes, JsValue>;
}

/// The options of `fetch`, as the platform spells them.
#[derive(Serialize)]
pub(crate) struct Init {
    pub(crate) method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) headers: Option<Headers>,
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

const NO_REPLY: Reply<Value> =
    Reply { status: 0, redirect: false, body: Body::Broken, retry_after: None, inference_id: None };

/// The caller's `fetch`, or the global one as it is now.
pub(crate) fn fetch_function(own: Option<&Value>) -> Option<Function> {
    own.map_or_else(|| global("fetch"), |own| own.0.clone()).dyn_into().ok()
}

/// A request under way. Dropped before its end, it is aborted.
pub(crate) struct Exchange {
    ours: Ours,
    stage: Stage,
    pending: JsFuture,
    reply: Reply<Value>,
    response: JsValue,
    bytes: Vec<u8>,
    /// Where the body goes, if it is a file.
    pub(crate) file: Option<File>,
}

#[derive(Clone, Copy)]
enum Stage {
    /// Of the reply, its status and headers.
    Head,
    /// Of its stream, the next piece.
    Chunk,
    /// A mock has no stream: of a file, all of it.
    Buffer,
    /// Its text,
    Text,
    /// or its JSON.
    Json,
    /// It has been read as far as it could be.
    Over,
}

impl Exchange {
    /// Sends the request.
    pub(crate) fn start(fetch: Option<&Value>, url: &str, init: &JsValue, file: Option<File>) -> Result<Self, JsValue> {
        let fetch = fetch_function(fetch).ok_or(JsValue::UNDEFINED)?;
        let ours = Ours::new();
        set(init, "signal", &ours.signal());
        let pending = promised(&fetch.call2(&JsValue::UNDEFINED, &url.into(), init)?);
        let response = JsValue::UNDEFINED;
        Ok(Self { ours, stage: Stage::Head, pending, reply: NO_REPLY, response, bytes: Vec::new(), file })
    }

    /// The reply, once its body has been read as far as it could be; or why there is none.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Reply<Value>, JsValue>> {
        loop {
            let Poll::Ready(arrived) = Pin::new(&mut self.pending).poll(cx) else { return Poll::Pending };
            let more = match (self.stage, arrived) {
                (Stage::Head, Err(reason)) => {
                    self.ours.done();
                    return Poll::Ready(Err(reason));
                }
                (Stage::Chunk | Stage::Buffer, Err(reason)) if self.file.is_some() => return Poll::Ready(Err(reason)),
                (Stage::Head, Ok(response)) => self.head(response),
                (Stage::Chunk, Ok(result)) => self.chunk(&result),
                (Stage::Text, Ok(text)) => match text.as_string() {
                    Some(text) => self.text(&text),
                    None => self.ask("json", Stage::Json),
                },
                (Stage::Json, Ok(value)) if !value.is_undefined() => {
                    self.reply.body = Body::Json(Value(value));
                    None
                }
                (Stage::Text, Err(_)) => self.ask("json", Stage::Json),
                (Stage::Buffer, Ok(value)) if value.is_object() => {
                    self.take(&value);
                    self.end()
                }
                _ => None,
            };
            let Some(given) = more else {
                if !matches!(self.reply.body, Body::Broken) {
                    self.stage = Stage::Over;
                    self.ours.done();
                }
                return Poll::Ready(Ok(self.reply()));
            };
            self.pending = promised(&given);
        }
    }

    /// What is there of a reply that is cut short: its head, if that has arrived.
    pub(crate) fn cut(&mut self) -> Option<Reply<Value>> {
        if matches!(self.stage, Stage::Head) { None } else { Some(self.reply()) }
    }

    /// The reply as far as it was read, which is then its reader's.
    fn reply(&mut self) -> Reply<Value> {
        core::mem::replace(&mut self.reply, NO_REPLY)
    }

    fn head(&mut self, response: JsValue) -> Option<JsValue> {
        let status = Value(get(&response, "status")).whole(0, 999).unwrap_or(0);
        let hidden = get(&response, "type") == "opaqueredirect";
        let headers = get(&response, "headers");
        let header = |name| method(&headers, "get")?.call1(&headers, &JsValue::from_str(name)).ok()?.as_string();
        self.reply.status = u16::try_from(status).unwrap_or(0);
        self.reply.redirect = hidden || (300..400).contains(&status);
        self.reply.retry_after =
            header("retry-after").map(|text| RetryAfter { date: js_sys::Date::parse(&text), text });
        self.reply.inference_id = header("x-inference-id");
        if self.reply.redirect {
            self.reply.body = Body::Text;
            return None;
        }
        if let Some(file) = &mut self.file {
            if !(200..300).contains(&status) {
                return None;
            }
            file.announced = header("content-length").as_deref().and_then(digits);
        }
        self.response = response;
        match invoke(&get(&self.response, "body"), "getReader") {
            Ok(reader) => {
                self.response = reader;
                self.ask("read", Stage::Chunk)
            }
            // A mock may have no stream.
            Err(_) if self.file.is_some() => self.ask("arrayBuffer", Stage::Buffer),
            Err(_) => self.ask("text", Stage::Text).or_else(|| self.ask("json", Stage::Json)),
        }
    }

    fn ask(&mut self, name: &str, stage: Stage) -> Option<JsValue> {
        self.stage = stage;
        invoke(&self.response, name).ok()
    }

    fn chunk(&mut self, result: &JsValue) -> Option<JsValue> {
        if get(result, "done").is_truthy() {
            return self.end();
        }
        let value = get(result, "value");
        if ArrayBuffer::is_view(&value) && self.take(&value) { self.ask("read", Stage::Chunk) } else { None }
    }

    /// Takes in a piece, unless it is none or the reply grows too long.
    fn take(&mut self, piece: &JsValue) -> bool {
        let Ok(piece) = Bytes::new(piece) else { return false };
        let piece: Uint8Array = piece.unchecked_into();
        if let Some(file) = &mut self.file {
            file.take(&piece);
            return true;
        }
        self.bytes.extend(piece.to_vec());
        self.bytes.len() <= LONGEST_REPLY
    }

    fn end(&mut self) -> Option<JsValue> {
        if let Some(file) = &mut self.file {
            self.reply.body = Body::Text;
            file.end();
            return None;
        }
        let bytes = core::mem::take(&mut self.bytes);
        String::from_utf8(bytes).ok().and_then(|text| self.text(&text))
    }

    fn text(&mut self, text: &str) -> Option<JsValue> {
        self.reply.body = JSON::parse(text.strip_prefix('\u{feff}').unwrap_or(text))
            .map_or(Body::Text, |value| Body::Json(Value(value)));
        None
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Stage::Chunk = self.stage {
            // A stream that is no network's is not ended by our signal.
            ignore(invoke(&self.response, "cancel"));
        }
    }
}

fn digits(text: &str) -> Option<u32> {
    text.bytes().try_fold(0_u32, |sum, byte| {
        byte.is_ascii_digit().then(|| sum.saturating_mul(10).saturating_add(u32::from(byte - b'0')))
    })
}
