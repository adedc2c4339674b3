//! Whether the body of a submit is a stream. Engines send a POST again by themselves, below `fetch`,
//! where its connection fails; with a stream for its body they cannot.

use super::{Action, Call, Context};
use crate::model::error::UnknownReason;
use crate::model::rng::Rng;
use crate::policy::gate::Method;

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
    pub fn with_streamed_submits(mut self) -> Self {
        self.upload = Upload::Streamable;
        self
    }

    /// Before each submit leaves: `make` makes a stream of its body, if it is to be one, and tells whether
    /// the platform can send one.
    pub fn choose_submit_body(&mut self, make: impl FnOnce() -> bool) {
        if self.upload != Upload::Buffered {
            self.upload = if make() { Upload::Streamed } else { Upload::Streamable };
        }
    }

    /// The submit failed before its body was read.
    pub(super) fn on_body_never_read(&mut self, context: &mut Context<'_, impl Rng>) -> Action {
        if self.fall_back_to_buffered() {
            return self.prepare_request(Method::Submit, context);
        }
        self.on_outcome_unknown(UnknownReason::Network, None, context)
    }

    /// The submit came to nothing, and its body may be why if it was a stream. Tells whether it was;
    /// the next one's is not.
    pub(super) fn fall_back_to_buffered(&mut self) -> bool {
        let streamed = self.upload == Upload::Streamed;
        if streamed {
            self.upload = Upload::Buffered;
        }
        streamed
    }
}
