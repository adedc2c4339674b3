//! Collects a file from a stream into a Blob.

use js_sys::{Array, Uint8Array};
use protocol::{ReceivedFile, SIGNATURE_LENGTH};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::foreign::{Value, call_and_report};
use crate::to_js::to_js;

/// The chunks of a file, and what is known of it.
#[derive(Default)]
pub(crate) struct BlobBuilder {
    parts: Array,
    pub(crate) received: ReceivedFile,
    on_progress: Option<Value>,
}

impl BlobBuilder {
    /// An empty file; `file_size` is the size reported by the service.
    pub(crate) fn new(file_size: Option<f64>, on_progress: Option<Value>) -> Self {
        let received = ReceivedFile { file_size, ..ReceivedFile::default() };
        Self { parts: Array::new(), received, on_progress }
    }

    /// Appends a chunk.
    pub(crate) fn take(&mut self, chunk: &Uint8Array) {
        #[derive(Serialize)]
        struct Progress {
            loaded: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            total: Option<u32>,
        }
        let file = &mut self.received;
        let missing = u32::try_from(SIGNATURE_LENGTH.saturating_sub(file.start.len())).unwrap_or_default();
        file.start.extend(chunk.subarray(0, missing).to_vec());
        file.loaded = file.loaded.saturating_add(chunk.length());
        self.parts.push(chunk);
        if let Some(callback) = &self.on_progress {
            call_and_report(callback, &to_js(&Progress { loaded: file.loaded, total: file.total }));
        }
    }

    /// The stream has ended.
    pub(crate) fn end(&mut self) {
        self.received.ended = true;
    }

    /// The Blob, with this media type.
    pub(crate) fn into_blob(self, content_type: &'static str) -> Result<JsValue, JsValue> {
        #[derive(Serialize)]
        struct Options {
            r#type: &'static str,
        }
        let options = to_js(&Options { r#type: content_type });
        Blob::new_with_u8_array_sequence_and_options(&self.parts, options.unchecked_ref()).map(JsValue::from)
    }
}
