//! One HTTP exchange through the caller's or the browser's `fetch`, read by shape.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::{Function, JsString, Uint8Array};
use protocol::document::DocumentScanner;
use protocol::json::{Json, Kind};
use protocol::reply::{Body, MAX_BODY, Reply, RetryAfter, may_be_cached, read_status};
use protocol::text::whole_number;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::abort::Ours;
use crate::clock::date_parse;
use crate::file::File;
use crate::foreign::{Value, get, global, ignore, invoke, method, promised, set};

#[wasm_bindgen]
extern "C" {
    // Throws for what was transferred away, which the binding of js-sys does not expect.
    #[wasm_bindgen(js_name = Uint8Array)]
    type Bytes;
    #[wasm_bindgen(constructor, js_class = Uint8Array, catch)]
    fn new(buffer: &JsValue, offset: &JsValue, length: &JsValue) -> Result<Bytes, JsValue>;

    // The platform's decoder puts U+FFFD for what is no UTF-8, and gives a string that is parsed
    // where it is.
    type TextDecoder;
    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<TextDecoder, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn decode(this: &TextDecoder, bytes: &[u8]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse(text: &JsValue) -> Result<JsValue, JsValue>;
}

/// The options of `fetch`, as the platform spells them.
#[derive(Serialize)]
pub(crate) struct Init {
    pub(crate) method: &'static str,
    pub(crate) credentials: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache: Option<&'static str>,
    pub(crate) redirect: &'static str,
}

/// All headers of a request, but for the one more of a submit that can be looked up.
#[derive(Serialize)]
pub(crate) struct Headers {
    #[serde(rename = "Authorization", skip_serializing_if = "Option::is_none")]
    pub(crate) authorization: Option<String>,
    #[serde(rename = "Content-Type", skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<&'static str>,
}

const NO_REPLY: Reply<Value> =
    Reply { status: 0, redirect: false, body: Body::Broken, retry_after: None, inference_id: None, cacheable: true };

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
    scanner: DocumentScanner,
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
        Ok(Self {
            ours,
            stage: Stage::Head,
            pending,
            reply: NO_REPLY,
            response,
            bytes: Vec::new(),
            scanner: DocumentScanner::default(),
            file,
        })
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
                (Stage::Text, Ok(text)) if text.is_string() => {
                    // With it goes a byte order mark, which the platform's own `text()` drops.
                    self.text(&text.unchecked_into::<JsString>().trim_start());
                    None
                }
                (Stage::Json, Ok(value)) if value != JsValue::UNDEFINED => {
                    self.reply.body = Body::Json(Value(value));
                    None
                }
                (Stage::Text, _) => self.ask("json", Stage::Json),
                (Stage::Buffer, Ok(value)) => {
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

    /// What has arrived of a reply whose end is not waited for: nothing before its head.
    pub(crate) fn so_far(&mut self) -> Option<Reply<Value>> {
        if matches!(self.stage, Stage::Head) { None } else { Some(self.reply()) }
    }

    /// The reply as far as it was read, which is then its reader's.
    fn reply(&mut self) -> Reply<Value> {
        core::mem::replace(&mut self.reply, NO_REPLY)
    }

    /// Whether a whole JSON document has arrived, though its stream goes on.
    pub(crate) fn has_document(&self) -> bool {
        matches!(self.reply.body, Body::Json(_))
    }

    fn head(&mut self, response: JsValue) -> Option<JsValue> {
        let response = Value(response);
        let status = read_status(&response);
        let response = response.0;
        let hidden = get(&response, "type") == "opaqueredirect";
        let headers = get(&response, "headers");
        let header = |name: &str| header(&headers, name);
        self.reply.status = status;
        self.reply.redirect = hidden || (300..400).contains(&status);
        self.reply.retry_after =
            header("retry-after").map(|text| RetryAfter { date: date_parse(&text).unwrap_or(f64::NAN), text });
        self.reply.inference_id = header("x-inference-id");
        self.reply.cacheable = may_be_cached(status, &header);
        if self.reply.redirect {
            self.reply.body = Body::Text;
            return None;
        }
        if let Some(file) = &mut self.file {
            if !(200..300).contains(&status) {
                return None;
            }
            file.status = status;
            file.label = header("content-type").unwrap_or_default();
            // Of another origin's reply, only the length can be read and not the encoding that changed it.
            let encoded = header("content-encoding").is_some() || get(&response, "type") == "cors";
            file.total =
                header("content-length").as_deref().and_then(whole_number).and_then(|total| u32::try_from(total).ok());
            file.content_length = file.total.filter(|_| !encoded);
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
        if get(result, "done") == JsValue::TRUE {
            return self.end();
        }
        if self.take(&get(result, "value")) { self.ask("read", Stage::Chunk) } else { None }
    }

    /// Takes in a piece, unless it is none or the reply grows too long.
    fn take(&mut self, piece: &JsValue) -> bool {
        let Some(piece) = bytes(piece) else { return false };
        if let Some(file) = &mut self.file {
            file.take(&piece);
            return true;
        }
        if self.has_document() {
            // Nothing that follows changes what it says.
            return true;
        }
        let piece = piece.to_vec();
        let before = self.bytes.len();
        let end = self.scanner.feed(&piece);
        self.bytes.extend(piece);
        if let Some(end) = end {
            self.bytes.truncate(before.saturating_add(end));
            self.decode();
        }
        self.bytes.len() <= MAX_BODY
    }

    fn end(&mut self) -> Option<JsValue> {
        if let Some(file) = &mut self.file {
            self.reply.body = Body::Text;
            file.end();
            return None;
        }
        if !self.has_document() {
            self.decode();
        }
        None
    }

    fn decode(&mut self) {
        if let Ok(text) = TextDecoder::new().and_then(|decoder| decoder.decode(&core::mem::take(&mut self.bytes))) {
            self.text(&text);
        }
    }

    fn text(&mut self, text: &JsValue) {
        self.reply.body = parse(text).map_or(Body::Text, |value| Body::Json(Value(value)));
    }
}

/// The bytes of a piece, whatever kind of buffer or view it is.
fn bytes(piece: &JsValue) -> Option<Uint8Array> {
    let length = get(piece, "byteLength");
    length.as_f64()?;
    // A view has its bytes somewhere in a buffer; a buffer has all of them, from undefined to undefined.
    let buffer = get(piece, "buffer");
    let bytes = if buffer.is_object() {
        Bytes::new(&buffer, &get(piece, "byteOffset"), &length)
    } else {
        Bytes::new(piece, &buffer, &buffer)
    };
    bytes.ok().map(JsCast::unchecked_into)
}

/// A header of that name, which a mock may keep in a plain object.
fn header(headers: &JsValue, name: &str) -> Option<String> {
    if let Some(get) = method(headers, "get") {
        return get.call1(headers, &JsValue::from_str(name)).ok()?.as_string();
    }
    let mut value = None;
    let headers = Value(headers.clone());
    if headers.kind() == Kind::Object {
        headers.each_name(&mut |known| {
            if known.eq_ignore_ascii_case(name) {
                value = headers.get(known).text();
            }
        });
    }
    value
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Stage::Chunk = self.stage {
            // A stream that is no network's is not ended by our signal.
            ignore(invoke(&self.response, "cancel"));
        }
    }
}
