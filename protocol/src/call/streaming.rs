//! Whether the body of a submit is a stream. Engines repeat a POST by themselves, below `fetch`, if its
//! connection fails; with a stream as its body they cannot.

use super::{Action, Call, Context};
use crate::model::error::UnknownReason;
use crate::model::rng::Rng;
use crate::policy::gate::Method;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyMode {
    /// The body is passed as a whole.
    Buffered,
    /// It is a stream if the platform can send one.
    Streamable,
    /// That of the submit in flight is a stream.
    Streamed,
}

impl Call {
    /// With a stream as the body of each submit, until one fails for being a stream.
    #[must_use]
    pub fn with_streamed_submits(mut self) -> Self {
        self.body_mode = BodyMode::Streamable;
        self
    }

    /// The submit that is about to leave was given a stream as its body.
    pub fn on_body_streamed(&mut self) {
        self.body_mode = BodyMode::Streamed;
    }

    /// Whether the next submit is to be streamed.
    pub(super) fn stream_next_body(&mut self) -> bool {
        let streams = self.body_mode != BodyMode::Buffered;
        if streams {
            self.body_mode = BodyMode::Streamable;
        }
        streams
    }

    /// The submit failed before its body was read.
    pub(super) fn on_body_never_read(&mut self, context: &mut Context<'_, impl Rng>) -> Action {
        if self.fall_back_to_buffered() {
            return self.prepare_request(Method::Submit, context);
        }
        self.on_outcome_unknown(UnknownReason::Network, None, context)
    }

    /// The submit was refused, perhaps because its body was a stream. Returns whether it was one; the next one
    /// is not.
    pub(super) fn fall_back_to_buffered(&mut self) -> bool {
        let streamed = self.body_mode == BodyMode::Streamed;
        if streamed {
            self.body_mode = BodyMode::Buffered;
        }
        streamed
    }
}
