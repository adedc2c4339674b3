//! Fetching the finished file.

use std::pin::pin;

use js_sys::{Array, Uint8Array};
use protocol::error::{Download, Error, Failure};
use protocol::generation::web_address;
use protocol::json::Json;
use protocol::media::{SIGNATURE, content_type, is_whole};
use protocol::options::CallOptions;
use protocol::time::Timer;
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag};

use crate::abort::{Cancel, Ours};
use crate::clock::now;
use crate::foreign::{Value, get, method, notify};
use crate::http::{self, Chunks, Init};
use crate::open;
use crate::outcome::{plain, rejection};
use crate::race::{Raced, race};

/// Resolves to a Blob whose type comes from its bytes.
pub(crate) async fn download(
    audio: &Value,
    options: CallOptions<Value>,
    fetch: Option<&Value>,
) -> Result<JsValue, JsValue> {
    let url = web_address(audio).map_err(|error| rejection(&error, None))?;
    if http::fetch_function(fetch).is_none() {
        return Err(rejection(&Error::of(Failure::Unsupported("fetch")), None));
    }
    let cancel = Cancel::new(options.signal.as_ref()).map_err(|error| rejection(&error, None))?;
    let deadline = Timer::start(now(), options.timeout);
    let transfer = pin!(async {
        let _place = open::requests().enter().await;
        transfer(fetch, &url, options.on_progress.as_ref()).await
    });
    match race(transfer, &|| deadline.left(now()), &cancel).await {
        Raced::Ready(Ok(blob)) => Ok(blob),
        Raced::Ready(Err(Broken { why, status, cause })) => {
            let mut error = Error::of(Failure::DownloadFailed(why));
            error.http_status = status;
            Err(rejection(&error, cause.as_ref()))
        }
        Raced::Elapsed => Err(rejection(&Error::of(Failure::Deadline), None)),
        Raced::Aborted => Err(rejection(&Error::of(Failure::Aborted { posting: false }), Some(&cancel.reason()))),
    }
}

/// A transfer that came to nothing.
struct Broken {
    why: Download,
    status: Option<u16>,
    cause: Option<JsValue>,
}

async fn transfer(fetch: Option<&Value>, url: &str, on_progress: Option<&Value>) -> Result<JsValue, Broken> {
    let ours = Ours::new();
    let init =
        Init { method: "GET", headers: None, body: None, credentials: "omit", cache: "default", redirect: "follow" };
    let failed = |why| move |cause| Broken { why, status: None, cause: Some(cause) };
    let response = http::send(fetch, url, &init, &ours).await.map_err(failed(Download::Network))?;
    let status = Value(get(&response, "status")).whole(0, 999).and_then(|status| u16::try_from(status).ok());
    if !matches!(status, Some(200..=299)) {
        return Err(Broken { why: Download::Status, status, cause: None });
    }
    let headers = get(&response, "headers");
    let total = method(&headers, "get").and_then(|read| read.call1(&headers, &"content-length".into()).ok());
    let total = total.and_then(|text| text.as_string()).and_then(|text| text.parse::<u32>().ok());
    let (parts, start, loaded) = collect(&response, total, on_progress).await.map_err(failed(Download::Cut))?;
    if !is_whole(loaded, total) {
        return Err(Broken { why: Download::Cut, status, cause: None });
    }
    ours.done();
    let label = BlobPropertyBag::new();
    label.set_type(content_type(&start).unwrap_or_default());
    Blob::new_with_u8_array_sequence_and_options(&parts, &label).map(JsValue::from).map_err(failed(Download::Cut))
}

/// The file's pieces, its first bytes and its length.
async fn collect(
    response: &JsValue,
    total: Option<u32>,
    on_progress: Option<&Value>,
) -> Result<(Array, Vec<u8>, u32), JsValue> {
    #[derive(Serialize)]
    struct Progress {
        loaded: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<u32>,
    }
    let (parts, mut start, mut loaded) = (Array::new(), Vec::new(), 0_u32);
    let mut chunks = Chunks::of(response)?;
    while let Some(chunk) = chunks.next().await? {
        let missing = u32::try_from(SIGNATURE.saturating_sub(start.len())).unwrap_or_default();
        start.extend(Uint8Array::subarray(&chunk, 0, missing).to_vec());
        loaded = loaded.saturating_add(chunk.length());
        parts.push(&chunk);
        if let Some(callback) = on_progress {
            notify(callback, &plain(&Progress { loaded, total }));
        }
    }
    Ok((parts, start, loaded))
}
