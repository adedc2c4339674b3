//! A response body that can be cut short or endless, and that records when it has been sent.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::request_recorder::RequestRecorder;

/// Small enough that a client which disconnects is noticed before the last chunk.
const CHUNK: usize = 64 * 1024;

/// The body of a response to the service's endpoints.
#[derive(Debug)]
pub(crate) struct ResponseBody {
    remaining: Bytes,
    ending: Ending,
    pause: Option<Pin<Box<Sleep>>>,
    recorder: RequestRecorder,
}

/// What follows the last of the remaining bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The end of the body.
    Complete,
    /// The connection closes this many bytes before the announced end.
    Truncated { missing: u64 },
    /// The same bytes again.
    Repeat,
}

impl ResponseBody {
    /// All of `bytes`.
    pub(crate) fn complete(bytes: Bytes, recorder: RequestRecorder) -> Self {
        let mut body = Self { remaining: bytes, ending: Ending::Complete, pause: None, recorder };
        body.record_end();
        body
    }

    /// The first `sent` bytes of `bytes`, whose whole length is announced.
    pub(crate) fn truncated(bytes: &Bytes, sent: u64, recorder: RequestRecorder) -> Self {
        let full = bytes.len() as u64;
        let remaining = bytes.slice(..usize::try_from(sent).unwrap_or(usize::MAX).min(bytes.len()));
        let missing = full.saturating_sub(sent).max(1);
        Self { remaining, ending: Ending::Truncated { missing }, pause: None, recorder }
    }

    /// `bytes` again and again, until the client disconnects.
    pub(crate) fn endless(bytes: Bytes, recorder: RequestRecorder) -> Self {
        Self { remaining: bytes, ending: Ending::Repeat, pause: None, recorder }
    }

    fn record_end(&mut self) {
        if self.is_complete() {
            self.recorder.end();
        }
    }

    fn is_complete(&self) -> bool {
        self.remaining.is_empty() && self.ending == Ending::Complete
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        if let Some(pause) = &mut this.pause {
            ready!(pause.as_mut().poll(context));
            this.pause = None;
            if let Ending::Truncated { .. } = this.ending {
                this.recorder.end();
                return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
            }
        }
        if this.ending == Ending::Repeat {
            // A pause keeps an endless body from taking the whole processor.
            this.pause = Some(Box::pin(sleep(Duration::from_millis(1))));
            return Poll::Ready(Some(Ok(Frame::data(this.remaining.clone()))));
        }
        if this.remaining.is_empty() {
            if this.ending == Ending::Complete {
                return Poll::Ready(None);
            }
            // The bytes that were sent must reach the client before the connection closes.
            this.pause = Some(Box::pin(sleep(Duration::from_millis(20))));
            return self.poll_frame(context);
        }
        let chunk = this.remaining.split_to(CHUNK.min(this.remaining.len()));
        this.record_end();
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.is_complete()
    }

    fn size_hint(&self) -> SizeHint {
        let remaining = self.remaining.len() as u64;
        match self.ending {
            Ending::Complete => SizeHint::with_exact(remaining),
            Ending::Truncated { missing } => SizeHint::with_exact(remaining + missing),
            Ending::Repeat => SizeHint::default(),
        }
    }
}
