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
use crate::alarm::{Alarm, LOOK};
use crate::clock::now;
use crate::file::File;
use crate::foreign::Value;
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
            let file = File::new(self.on_progress.clone());
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
