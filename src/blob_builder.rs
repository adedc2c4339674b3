//! Collects a file from a stream into a Blob.

use js_sys::{Array, Uint8Array};
use protocol::{DownloadFailure, ReceivedFile, SIGNATURE_LENGTH};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::foreign::{Value, call_and_report};
use crate::to_js::to_js;

/// The chunks of a file, and what is known of it.
#[derive(Default)]
pub(crate) struct BlobBuilder {
    parts: Array,
    start: Vec<u8>,
    loaded: u32,
    /// The status and the `Content-Type` of its reply.
    pub(crate) status: u16,
    pub(crate) label: String,
    /// The `Content-Length`, and the same if it is reliable.
    pub(crate) total: Option<u32>,
    pub(crate) content_length: Option<u32>,
    /// The size reported by the service.
    expected: Option<f64>,
    ended: bool,
    on_progress: Option<Value>,
}

impl BlobBuilder {
    /// An empty file; `expected` is the size reported by the service.
    pub(crate) fn new(expected: Option<f64>, on_progress: Option<Value>) -> Self {
        Self { expected, on_progress, ..Self::default() }
    }

    /// Appends a chunk.
    pub(crate) fn take(&mut self, chunk: &Uint8Array) {
        #[derive(Serialize)]
        struct Progress {
            loaded: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            total: Option<u32>,
        }
        let missing = u32::try_from(SIGNATURE_LENGTH.saturating_sub(self.start.len())).unwrap_or_default();
        self.start.extend(chunk.subarray(0, missing).to_vec());
        self.loaded = self.loaded.saturating_add(chunk.length());
        self.parts.push(chunk);
        if let Some(callback) = &self.on_progress {
            call_and_report(callback, &to_js(&Progress { loaded: self.loaded, total: self.total }));
        }
    }

    /// The stream has ended.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// The Blob, if the file is complete and audio.
    pub(crate) fn into_blob(self) -> Result<JsValue, DownloadFailure> {
        #[derive(Serialize)]
        struct Label {
            r#type: &'static str,
        }
        if !self.ended {
            return Err(DownloadFailure::Truncated);
        }
        let arrived = ReceivedFile {
            status: self.status,
            label: &self.label,
            start: &self.start,
            loaded: self.loaded,
            file_size: self.expected,
            content_length: self.content_length,
        };
        let label = to_js(&Label { r#type: arrived.check()? });
        let blob = Blob::new_with_u8_array_sequence_and_options(&self.parts, label.unchecked_ref());
        blob.map(JsValue::from).map_err(|_| DownloadFailure::Truncated)
    }
}
