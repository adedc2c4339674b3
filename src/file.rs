//! A file on its way from a stream to a Blob.

use js_sys::{Array, Uint8Array};
use protocol::error::Download;
use protocol::media::{Arrived, SIGNATURE};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::foreign::{Value, notify};
use crate::to_js::to_js;

/// A file as it arrives.
#[derive(Default)]
pub(crate) struct File {
    parts: Array,
    start: Vec<u8>,
    loaded: u32,
    /// The status of its reply, and the label.
    pub(crate) status: u16,
    pub(crate) label: String,
    /// The `Content-Length`, and the same where it can be relied on.
    pub(crate) total: Option<u32>,
    pub(crate) content_length: Option<u32>,
    /// The length that the service told.
    expected: Option<f64>,
    ended: bool,
    on_progress: Option<Value>,
}

impl File {
    /// Nothing yet of a file that is said to have so many bytes.
    pub(crate) fn new(expected: Option<f64>, on_progress: Option<Value>) -> Self {
        Self { expected, on_progress, ..Self::default() }
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
            notify(callback, &to_js(&Progress { loaded: self.loaded, total: self.total }));
        }
    }

    /// The stream came to its end.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// The whole file, if it is whole, and audio.
    pub(crate) fn into_blob(self) -> Result<JsValue, Download> {
        #[derive(Serialize)]
        struct Label {
            r#type: &'static str,
        }
        if !self.ended {
            return Err(Download::Cut);
        }
        let arrived = Arrived {
            status: self.status,
            label: &self.label,
            start: &self.start,
            loaded: self.loaded,
            file_size: self.expected,
            content_length: self.content_length,
        };
        let label = to_js(&Label { r#type: arrived.check()? });
        let blob = Blob::new_with_u8_array_sequence_and_options(&self.parts, label.unchecked_ref());
        blob.map(JsValue::from).map_err(|_| Download::Cut)
    }
}
