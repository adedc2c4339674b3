//! A file on its way from a stream to a Blob.

use js_sys::{Array, Uint8Array};
use protocol::media::{SIGNATURE, content_type, is_whole};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::foreign::{Value, notify};
use crate::outcome::plain;

/// A file as it arrives.
#[derive(Default)]
pub(crate) struct File {
    parts: Array,
    start: Vec<u8>,
    loaded: u32,
    /// The length that the server announced.
    pub(crate) announced: Option<u32>,
    ended: bool,
    on_progress: Option<Value>,
}

impl File {
    /// Nothing yet.
    pub(crate) fn new(on_progress: Option<Value>) -> Self {
        Self { on_progress, ..Self::default() }
    }

    /// Takes in the next piece.
    pub(crate) fn take(&mut self, chunk: &Uint8Array) {
        #[derive(Serialize)]
        struct Progress {
            loaded: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            total: Option<u32>,
        }
        let missing = u32::try_from(SIGNATURE.saturating_sub(self.start.len())).unwrap_or_default();
        self.start.extend(chunk.subarray(0, missing).to_vec());
        self.loaded = self.loaded.saturating_add(chunk.length());
        self.parts.push(chunk);
        if let Some(callback) = &self.on_progress {
            notify(callback, &plain(&Progress { loaded: self.loaded, total: self.announced }));
        }
    }

    /// The stream came to its end.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// The whole file, if it is whole.
    pub(crate) fn into_blob(self) -> Option<JsValue> {
        #[derive(Serialize)]
        struct Label {
            r#type: &'static str,
        }
        if !self.ended || !is_whole(self.loaded, self.announced) {
            return None;
        }
        let label = plain(&Label { r#type: content_type(&self.start).unwrap_or_default() });
        Blob::new_with_u8_array_sequence_and_options(&self.parts, label.unchecked_ref()).ok().map(JsValue::from)
    }
}
