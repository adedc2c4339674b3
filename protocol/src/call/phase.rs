//! Where a call stands: what it is about, and what it waits for.

use super::lookup::Lookup;
use super::poll::PollOutcome;
use crate::model::audio_source::AudioSource;
use crate::model::generation::Generation;
use crate::model::request::AudioRequest;
use crate::model::time::{Stopwatch, Timer};
use crate::policy::gate::Method;

/// What a call is about. Only a submit has a request, and only a poll has a generation.
#[derive(Debug)]
pub(super) enum Phase {
    /// The submit has not been accepted yet: it is to be sent, in flight, or looked up.
    Submit(Box<Submission>),
    /// The submit of an earlier call is looked up.
    Recover(Box<Lookup>),
    /// The generation is known.
    Poll(Box<Generation>),
    /// A file is downloaded.
    Download(Box<AudioSource>),
    /// The caller's promise has settled.
    Settled,
}

/// A request, and how its outcome is looked up if it is unknown.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) request: AudioRequest,
    pub(super) lookup: Option<Lookup>,
}

/// What a call waits for.
#[derive(Debug)]
pub(super) enum Step {
    /// The start of the call.
    Created,
    /// A gate to open, or the shortest interval between two polls to pass.
    AwaitingGate(Timer, Method),
    /// The time of the next poll or look-up.
    AwaitingPollTime(Timer),
    /// The key function.
    AwaitingKey { request: Method, after_401: bool },
    /// A permit for the request.
    AwaitingPermit(Method),
    /// `onSubmitting`.
    AwaitingOnSubmitting,
    /// The reply to a submit; the timer counts if the submit can be looked up.
    AwaitingSubmitReply(Timer),
    /// The reply to a poll or a look-up.
    AwaitingPollReply(Stopwatch),
    /// The file.
    AwaitingFile,
    /// `onSubmitted`.
    AwaitingOnSubmitted,
    /// `onStatus`, after a poll with this outcome.
    AwaitingOnStatus(PollOutcome),
}

impl Phase {
    /// The generation, once it is known.
    pub(super) fn generation(&self) -> Option<&Generation> {
        match self {
            Self::Poll(generation) => Some(generation),
            _ => None,
        }
    }

    /// The same to be changed.
    pub(super) fn generation_mut(&mut self) -> Option<&mut Generation> {
        match self {
            Self::Poll(generation) => Some(generation),
            _ => None,
        }
    }

    /// The look-up of a submit whose generation is not known.
    pub(super) fn lookup(&self) -> Option<&Lookup> {
        match self {
            Self::Submit(submission) => submission.lookup.as_ref(),
            Self::Recover(lookup) => Some(lookup),
            _ => None,
        }
    }

    /// The same to be changed.
    pub(super) fn lookup_mut(&mut self) -> Option<&mut Lookup> {
        match self {
            Self::Submit(submission) => submission.lookup.as_mut(),
            Self::Recover(lookup) => Some(lookup),
            _ => None,
        }
    }

    /// Whether nothing more will happen to the generation.
    pub(super) fn is_final(&self) -> bool {
        self.generation().is_some_and(|generation| generation.status.is_final())
    }

    /// Whether the outcome of the submit is still to be found out.
    pub(super) fn is_unknown(&self) -> bool {
        self.lookup().is_some_and(Lookup::is_unknown)
    }
}
