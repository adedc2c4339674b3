//! Drives a download.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use protocol::{CallOptions, DownloadFailure, Error, Failure, Timer, read_audio_source};
use wasm_bindgen::JsValue;

use crate::abort::AbortListener;
use crate::blob_builder::BlobBuilder;
use crate::clock::now;
use crate::foreign::Value;
use crate::http::{Exchange, Init};
use crate::origin_registry;
use crate::rejection::rejection;
use crate::semaphore::{Acquire, Permit};
use crate::timer::{CLOCK_CHECK_INTERVAL, TimerOutcome, WaitTimer};
use crate::to_js::to_js;

/// A download in progress; resolves to a Blob whose type is derived from its bytes.
pub(crate) struct DownloadDriver {
    fetch: Option<Value>,
    url: String,
    file_size: Option<f64>,
    on_progress: Option<Value>,
    abort_listener: AbortListener,
    deadline: Timer,
    timer: WaitTimer,
    acquire: Acquire,
    permit: Option<Permit>,
    exchange: Option<Exchange>,
}

impl DownloadDriver {
    /// Reads the arguments of the call.
    pub(crate) fn new(audio: &Value, options: CallOptions<Value>, fetch: Option<Value>) -> Result<Self, Error> {
        let (url, file_size) = read_audio_source(audio)?;
        Ok(Self {
            fetch,
            url,
            file_size,
            abort_listener: AbortListener::new(options.signal.as_ref())?,
            on_progress: options.on_progress,
            deadline: Timer::start(now(), options.timeout),
            timer: WaitTimer::default(),
            acquire: origin_registry::download_permits().acquire(),
            permit: None,
            exchange: None,
        })
    }
}

impl Future for DownloadDriver {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.abort_listener.poll_aborted(cx) {
            return failed(Failure::Aborted { submit_in_flight: false }, Some(&self.abort_listener.reason()), 0);
        }
        if self.permit.is_none()
            && let Poll::Ready(permit) = self.acquire.poll(cx)
        {
            self.permit = Some(permit);
            let init = to_js(&Init { method: "GET", credentials: "omit", cache: None, redirect: "follow" });
            let file = BlobBuilder::new(self.file_size, self.on_progress.take());
            match Exchange::start(self.fetch.as_ref(), &self.url, &init, Some(file)) {
                Ok(exchange) => self.exchange = Some(exchange),
                Err(reason) => return failed(Failure::DownloadFailed(DownloadFailure::Network), Some(&reason), 0),
            }
        }
        if let Some(exchange) = &mut self.exchange
            && let Poll::Ready(reply) = exchange.poll(cx)
        {
            let why = if exchange.take_partial_reply().is_some() {
                DownloadFailure::Truncated
            } else {
                DownloadFailure::Network
            };
            let status = match reply {
                Ok(reply) => reply.status,
                Err(reason) => return failed(Failure::DownloadFailed(why), Some(&reason), 0),
            };
            if !(200..300).contains(&status) {
                return failed(Failure::DownloadFailed(DownloadFailure::Status), None, status);
            }
            return match exchange.file.take().map_or(Err(DownloadFailure::Truncated), BlobBuilder::into_blob) {
                Ok(blob) => Poll::Ready(Ok(blob)),
                Err(why) => failed(Failure::DownloadFailed(why), None, status),
            };
        }
        let deadline = self.deadline;
        if let Some(TimerOutcome::Elapsed) = self.timer.poll(cx, CLOCK_CHECK_INTERVAL, &mut || deadline.left(now())) {
            return failed(Failure::Deadline, None, 0);
        }
        Poll::Pending
    }
}

/// Rejects with an error; `status` is 0 if there is none.
fn failed(failure: Failure, cause: Option<&JsValue>, status: u16) -> Poll<Result<JsValue, JsValue>> {
    let mut error = Error::of(failure);
    error.http_status = Some(status).filter(|status| *status > 0);
    Poll::Ready(Err(rejection(&error, cause)))
}
