//! A reply's body on its way out, watched to its end.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::ledger::Watch;

/// Small enough that a client which goes away is noticed before the last one.
const CHUNK: usize = 64 * 1024;

/// The body.
#[derive(Debug)]
pub(crate) struct Outgoing {
    rest: Bytes,
    then: Then,
    pause: Option<Pin<Box<Sleep>>>,
    watch: Watch,
}

/// What follows the last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    End,
    /// The connection closes, so many bytes before the end that was announced.
    Close {
        missing: u64,
    },
    /// The same bytes again.
    Repeat,
}

impl Outgoing {
    /// All of it.
    pub(crate) fn whole(bytes: Bytes, watch: Watch) -> Self {
        let mut body = Self { rest: bytes, then: Then::End, pause: None, watch };
        body.note_the_end();
        body
    }

    /// The first `sent` bytes of what is announced as more.
    pub(crate) fn truncated(bytes: &Bytes, sent: u64, watch: Watch) -> Self {
        let full = bytes.len() as u64;
        let rest = bytes.slice(..usize::try_from(sent).unwrap_or(usize::MAX).min(bytes.len()));
        let missing = full.saturating_sub(sent).max(1);
        Self { rest, then: Then::Close { missing }, pause: None, watch }
    }

    /// A body that goes on until the client has enough.
    pub(crate) fn endless(bytes: Bytes, watch: Watch) -> Self {
        Self { rest: bytes, then: Then::Repeat, pause: None, watch }
    }

    fn note_the_end(&mut self) {
        if self.rest.is_empty() && self.then == Then::End {
            self.watch.end();
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        if let Some(pause) = &mut this.pause {
            ready!(pause.as_mut().poll(context));
            this.pause = None;
            if let Then::Close { .. } = this.then {
                this.watch.end();
                return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
            }
        }
        if this.then == Then::Repeat {
            // Often enough to be endless, seldom enough to leave the machine alone.
            this.pause = Some(Box::pin(sleep(Duration::from_millis(1))));
            return Poll::Ready(Some(Ok(Frame::data(this.rest.clone()))));
        }
        if this.rest.is_empty() {
            if this.then == Then::End {
                return Poll::Ready(None);
            }
            // What was sent reaches the client before the connection closes.
            this.pause = Some(Box::pin(sleep(Duration::from_millis(20))));
            return self.poll_frame(context);
        }
        let chunk = this.rest.split_to(CHUNK.min(this.rest.len()));
        this.note_the_end();
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.then == Then::End
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        match self.then {
            Then::End => SizeHint::with_exact(rest),
            Then::Close { missing } => SizeHint::with_exact(rest + missing),
            Then::Repeat => SizeHint::default(),
        }
    }
}
