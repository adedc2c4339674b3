//! Whether the body of a submit is a stream. Engines send a POST again by themselves, below `fetch`,
//! where its connection fails; with a stream for its body they cannot.

use super::{Call, Next, Turn};
use crate::error::Unknown;
use crate::gate::Method;
use crate::time::Dice;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Upload {
    /// All of it is handed over at once.
    Buffered,
    /// It is a stream where the platform can send one.
    Streamable,
    /// Of the submit under way it is a stream.
    Streamed,
}

impl Call {
    /// With a stream for the body of each submit, until one comes to nothing for being a stream.
    #[must_use]
    pub fn streaming(mut self) -> Self {
        self.upload = Upload::Streamable;
        self
    }

    /// Before each submit leaves: `make` makes a stream of its body, if it is to be one, and tells whether
    /// the platform can send one.
    pub fn try_stream(&mut self, make: impl FnOnce() -> bool) {
        if self.upload != Upload::Buffered {
            self.upload = if make() { Upload::Streamed } else { Upload::Streamable };
        }
    }

    /// The submit failed before its body was read.
    pub(super) fn unread(&mut self, turn: &mut Turn<'_, impl Dice>) -> Next {
        if self.blames_stream() {
            return self.attempt(Method::Submit, turn);
        }
        self.outcome_unknown(Unknown::Network, None, turn)
    }

    /// The submit came to nothing, and its body may be why if it was a stream. Tells whether it was;
    /// the next one's is not.
    pub(super) fn blames_stream(&mut self) -> bool {
        let streamed = self.upload == Upload::Streamed;
        if streamed {
            self.upload = Upload::Buffered;
        }
        streamed
    }
}
