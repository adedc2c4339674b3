//! Fetching the finished file.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use protocol::error::{Download, Error, Failure};
use protocol::generation::web_address;
use protocol::options::CallOptions;
use protocol::time::Timer;
use wasm_bindgen::JsValue;

use crate::abort::Cancel;
use crate::alarm::{Alarm, Alert, LOOK};
use crate::clock::now;
use crate::file::File;
use crate::foreign::Value;
use crate::http::{Exchange, Init};
use crate::open;
use crate::outcome::rejection;
use crate::queue::{Place, Ticket};
use crate::to_js::to_js;

/// A download under way; ends with a Blob whose type comes from its bytes.
pub(crate) struct Transfer {
    fetch: Option<Value>,
    url: String,
    file_size: Option<f64>,
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
        let (url, file_size) = web_address(audio)?;
        Ok(Self {
            fetch,
            url,
            file_size,
            cancel: Cancel::new(options.signal.as_ref())?,
            on_progress: options.on_progress,
            deadline: Timer::start(now(), options.timeout),
            alarm: Alarm::default(),
            ticket: open::downloads().join(),
            place: None,
            exchange: None,
        })
    }
}

impl Future for Transfer {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.cancel.poll_aborted(cx) {
            return failed(Failure::Aborted { posting: false }, Some(&self.cancel.reason()), 0);
        }
        if self.place.is_none()
            && let Poll::Ready(place) = self.ticket.poll(cx)
        {
            self.place = Some(place);
            let init = to_js(&Init { method: "GET", credentials: "omit", cache: None, redirect: "follow" });
            let file = File::new(self.file_size, self.on_progress.take());
            match Exchange::start(self.fetch.as_ref(), &self.url, &init, Some(file)) {
                Ok(exchange) => self.exchange = Some(exchange),
                Err(reason) => return failed(Failure::DownloadFailed(Download::Network), Some(&reason), 0),
            }
        }
        if let Some(exchange) = &mut self.exchange
            && let Poll::Ready(reply) = exchange.poll(cx)
        {
            let why = if exchange.so_far().is_some() { Download::Cut } else { Download::Network };
            let status = match reply {
                Ok(reply) => reply.status,
                Err(reason) => return failed(Failure::DownloadFailed(why), Some(&reason), 0),
            };
            if !(200..300).contains(&status) {
                return failed(Failure::DownloadFailed(Download::Status), None, status);
            }
            return match exchange.file.take().map_or(Err(Download::Cut), File::into_blob) {
                Ok(blob) => Poll::Ready(Ok(blob)),
                Err(why) => failed(Failure::DownloadFailed(why), None, status),
            };
        }
        let deadline = self.deadline;
        if let Some(Alert::Elapsed) = self.alarm.poll(cx, LOOK, &mut || deadline.left(now())) {
            return failed(Failure::Deadline, None, 0);
        }
        Poll::Pending
    }
}

/// Ends with an error; `status` is 0 where there is none.
fn failed(failure: Failure, cause: Option<&JsValue>, status: u16) -> Poll<Result<JsValue, JsValue>> {
    let mut error = Error::of(failure);
    error.http_status = Some(status).filter(|status| *status > 0);
    Poll::Ready(Err(rejection(&error, cause)))
}
