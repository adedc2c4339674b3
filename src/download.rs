//! Fetching the finished file.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::{Array, Uint8Array};
use protocol::error::{Download, Error, Failure};
use protocol::generation::web_address;
use protocol::media::{SIGNATURE, content_type, is_whole};
use protocol::options::CallOptions;
use protocol::time::Timer;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::abort::Cancel;
use crate::alarm::{Alarm, LOOK};
use crate::clock::now;
use crate::foreign::{Value, notify};
use crate::http::{Exchange, Init};
use crate::open;
use crate::outcome::{plain, rejection};
use crate::queue::{Place, Ticket};

/// A download under way; ends with a Blob whose type comes from its bytes.
pub(crate) struct Transfer {
    fetch: Option<Value>,
    url: String,
    on_progress: Option<Value>,
    cancel: Cancel,
    deadline: Timer,
    alarm: Alarm,
    ticket: Ticket,
    place: Option<Place>,
    exchange: Option<Exchange>,
}

impl Transfer {
    /// Reads what the call is given.
    pub(crate) fn new(audio: &Value, options: CallOptions<Value>, fetch: Option<Value>) -> Result<Self, Error> {
        Ok(Self {
            fetch,
            url: web_address(audio)?,
            cancel: Cancel::new(options.signal.as_ref())?,
            on_progress: options.on_progress,
            deadline: Timer::start(now(), options.timeout),
            alarm: Alarm::default(),
            ticket: open::requests().join(),
            place: None,
            exchange: None,
        })
    }

    fn advance(&mut self, cx: &mut Context<'_>) -> Result<Poll<JsValue>, (Failure, Option<JsValue>, Option<u16>)> {
        if self.cancel.poll_aborted(cx) {
            return Err((Failure::Aborted { posting: false }, Some(self.cancel.reason()), None));
        }
        if self.place.is_none()
            && let Poll::Ready(place) = self.ticket.poll(cx)
        {
            self.place = Some(place);
            let init = plain(&Init {
                method: "GET",
                headers: None,
                credentials: "omit",
                cache: "default",
                redirect: "follow",
            });
            let file = File { on_progress: self.on_progress.clone(), ..File::default() };
            let exchange = Exchange::start(self.fetch.as_ref(), &self.url, &init, Some(file));
            self.exchange = Some(exchange.map_err(lost)?);
        }
        if let Some(exchange) = &mut self.exchange
            && let Poll::Ready(reply) = exchange.poll(cx)
        {
            let why = if exchange.cut().is_some() { Download::Cut } else { Download::Network };
            let status = reply.map_err(|reason| (Failure::DownloadFailed(why), Some(reason), None))?.status;
            if !(200..300).contains(&status) {
                return Err((Failure::DownloadFailed(Download::Status), None, Some(status)));
            }
            let blob = exchange.file.take().and_then(File::into_blob);
            return blob.map(Poll::Ready).ok_or((Failure::DownloadFailed(Download::Cut), None, None));
        }
        let deadline = self.deadline;
        if self.alarm.poll(cx, LOOK, &|| deadline.left(now())) {
            Err((Failure::Deadline, None, None))
        } else {
            Ok(Poll::Pending)
        }
    }
}

fn lost(reason: JsValue) -> (Failure, Option<JsValue>, Option<u16>) {
    (Failure::DownloadFailed(Download::Network), Some(reason), None)
}

impl Future for Transfer {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.advance(cx) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(blob)) => Poll::Ready(Ok(blob)),
            Err((failure, cause, status)) => {
                let mut error = Error::of(failure);
                error.http_status = status.filter(|status| *status > 0);
                Poll::Ready(Err(rejection(&error, cause.as_ref())))
            }
        }
    }
}

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
    fn into_blob(self) -> Option<JsValue> {
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
