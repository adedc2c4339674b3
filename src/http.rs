//! One HTTP exchange through the caller's or the browser's `fetch`, read by shape.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::{Function, JsString, Object, Uint8Array};
use protocol::{Body, BodyReader, HttpRequest, Kind, Purpose, Reply, Untrusted};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::abort::AbortOnDrop;
use crate::blob_builder::BlobBuilder;
use crate::clock::date_parse;
use crate::foreign::{Value, call_method, get, global, ignore, method, set, to_future};

#[wasm_bindgen]
extern "C" {
    // Throws for a transferred buffer, which the binding of js-sys does not expect.
    #[wasm_bindgen(js_name = Uint8Array)]
    type Bytes;
    #[wasm_bindgen(constructor, js_class = Uint8Array, catch)]
    fn new(buffer: &JsValue, offset: &JsValue, length: &JsValue) -> Result<Bytes, JsValue>;

    // The platform's decoder replaces invalid UTF-8 with U+FFFD; its string is parsed without being copied to Rust.
    type TextDecoder;
    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<TextDecoder, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn decode(this: &TextDecoder, bytes: &[u8]) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn parse(text: &JsValue) -> Result<JsValue, JsValue>;
}

/// The options of `fetch` for a request.
pub(crate) fn init(request: &HttpRequest) -> JsValue {
    let headers = JsValue::from(Object::new());
    for (name, value) in &request.headers {
        set(&headers, name, &value.into());
    }
    let init = JsValue::from(Object::new());
    set(&init, "headers", &headers);
    let body = request.body.as_deref();
    for (name, value) in [
        ("method", Some(request.method)),
        ("redirect", Some(request.redirect)),
        ("credentials", Some(request.credentials)),
        ("cache", request.cache),
        ("body", body),
    ] {
        if let Some(value) = value {
            set(&init, name, &value.into());
        }
    }
    init
}

/// The caller's `fetch`, or the global one as it is now.
pub(crate) fn fetch_function(own: Option<&Value>) -> Option<Function> {
    own.map_or_else(|| global("fetch"), |own| own.0.clone()).dyn_into().ok()
}

/// A request in flight. It is aborted when dropped before its end.
pub(crate) struct Exchange {
    pub(crate) purpose: Purpose,
    abort_on_drop: AbortOnDrop,
    stage: Stage,
    pending: JsFuture,
    reply: Reply<Value>,
    response: JsValue,
    body: BodyReader,
    /// Collects the body, if it is a file.
    pub(crate) file: Option<BlobBuilder>,
}

#[derive(Clone, Copy)]
enum Stage {
    /// The status and the headers of the reply.
    Head,
    /// The next chunk of its stream.
    Chunk,
    /// The whole file, from a mock that has no stream.
    Buffer,
    /// The text of a reply, from such a mock.
    Text,
    /// The JSON of a reply, from such a mock.
    Json,
    /// It has been read as far as possible.
    Over,
}

impl Exchange {
    /// Sends the request.
    pub(crate) fn start(
        fetch: Option<&Value>,
        request: &HttpRequest,
        init: &JsValue,
        file: Option<BlobBuilder>,
    ) -> Result<Self, JsValue> {
        let fetch = fetch_function(fetch).ok_or(JsValue::UNDEFINED)?;
        let abort_on_drop = AbortOnDrop::new();
        set(init, "signal", &abort_on_drop.signal());
        let pending = to_future(&fetch.call2(&JsValue::UNDEFINED, &request.url.as_str().into(), init)?);
        let response = JsValue::UNDEFINED;
        Ok(Self {
            purpose: request.purpose,
            abort_on_drop,
            stage: Stage::Head,
            pending,
            reply: Reply::default(),
            response,
            body: BodyReader::default(),
            file,
        })
    }

    /// The reply, once its body has been read as far as possible, or why there is none.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Reply<Value>, JsValue>> {
        loop {
            let Poll::Ready(arrived) = Pin::new(&mut self.pending).poll(cx) else { return Poll::Pending };
            let next = match (self.stage, arrived) {
                (Stage::Head, Err(reason)) => {
                    self.abort_on_drop.disarm();
                    return Poll::Ready(Err(reason));
                }
                (Stage::Chunk | Stage::Buffer, Err(reason)) if self.file.is_some() => return Poll::Ready(Err(reason)),
                (Stage::Head, Ok(response)) => self.head(response),
                (Stage::Chunk, Ok(result)) => self.chunk(&result),
                (Stage::Text, Ok(text)) if text.is_string() => {
                    // This removes a byte order mark too, as the platform's own `text()` does.
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
            let Some(promise) = next else {
                if !matches!(self.reply.body, Body::Incomplete) {
                    self.stage = Stage::Over;
                    self.abort_on_drop.disarm();
                }
                return Poll::Ready(Ok(self.reply()));
            };
            self.pending = to_future(&promise);
        }
    }

    /// The part of a reply that has arrived, from its head on.
    pub(crate) fn take_partial_reply(&mut self) -> Option<Reply<Value>> {
        self.has_head().then(|| self.reply())
    }

    /// Takes the reply as far as it was read.
    fn reply(&mut self) -> Reply<Value> {
        core::mem::take(&mut self.reply)
    }

    /// Whether the head of the reply has arrived.
    pub(crate) fn has_head(&self) -> bool {
        !matches!(self.stage, Stage::Head)
    }

    /// Whether a whole JSON document has arrived, even if its stream goes on.
    pub(crate) fn has_document(&self) -> bool {
        matches!(self.reply.body, Body::Json(_))
    }

    fn head(&mut self, response: JsValue) -> Option<JsValue> {
        let headers = get(&response, "headers");
        let response = Value(response);
        let header = |name: &str| header(&headers, name);
        self.reply = Reply::read_head(&response, &header, |text| date_parse(text).unwrap_or(f64::NAN));
        let has_body = match &mut self.file {
            Some(file) => file.received.read_head(self.reply.status, &response, &header),
            None => !self.reply.redirect,
        };
        if !has_body {
            return None;
        }
        let response = response.0;
        self.response = response;
        match call_method(&get(&self.response, "body"), "getReader") {
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
        call_method(&self.response, name).ok()
    }

    fn chunk(&mut self, result: &JsValue) -> Option<JsValue> {
        if get(result, "done") == JsValue::TRUE {
            return self.end();
        }
        if self.take(&get(result, "value")) { self.ask("read", Stage::Chunk) } else { None }
    }

    /// Appends a chunk; returns false if it is none, or if the reply becomes too long.
    fn take(&mut self, chunk: &JsValue) -> bool {
        let Some(chunk) = bytes(chunk) else { return false };
        if let Some(file) = &mut self.file {
            file.take(&chunk);
            return true;
        }
        if self.has_document() {
            return true;
        }
        if self.body.push(&chunk.to_vec()) {
            self.decode();
        }
        !self.body.is_too_long()
    }

    fn end(&mut self) -> Option<JsValue> {
        if let Some(file) = &mut self.file {
            self.reply.body = Body::NotJson;
            file.end();
            return None;
        }
        if !self.has_document() {
            self.decode();
        }
        None
    }

    fn decode(&mut self) {
        if let Ok(text) = TextDecoder::new().and_then(|decoder| decoder.decode(&self.body.take())) {
            self.text(&text);
        }
    }

    fn text(&mut self, text: &JsValue) {
        self.reply.body = parse(text).map_or(Body::NotJson, |value| Body::Json(Value(value)));
    }
}

/// The bytes of a chunk, whatever kind of buffer or view it is.
fn bytes(chunk: &JsValue) -> Option<Uint8Array> {
    let length = get(chunk, "byteLength");
    length.as_f64()?;
    // A view is a part of a buffer; a buffer is read whole: its offset and length are undefined.
    let buffer = get(chunk, "buffer");
    let bytes = if buffer.is_object() {
        Bytes::new(&buffer, &get(chunk, "byteOffset"), &length)
    } else {
        Bytes::new(chunk, &buffer, &buffer)
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
        headers.for_each_key(&mut |known| {
            if known.eq_ignore_ascii_case(name) {
                value = headers.get(known).as_string();
            }
        });
    }
    value
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Stage::Chunk = self.stage {
            // Our signal does not end a stream that does not come from the network.
            ignore(call_method(&self.response, "cancel"));
        }
    }
}
