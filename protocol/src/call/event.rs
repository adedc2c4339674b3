//! What the driver reports to the state machine, and what the state machine asks of the driver.

use crate::model::api_key::ApiKey;
use crate::model::error::Error;
use crate::model::generation::Generation;
use crate::parse::reply::Reply;

/// What the caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Submit, then wait for the audio.
    Generate,
    /// One submit.
    Submit,
    /// One poll.
    Check,
    /// Wait for a generation that exists.
    Wait,
    /// Find out what became of an earlier submit.
    Recover,
}

/// Something that happened.
#[derive(Debug)]
pub enum Event<V> {
    /// The call may begin: its clock starts.
    Start {
        /// `navigator.onLine === false`, and the service is not this machine.
        offline: bool,
    },
    /// [`Call::poll_timeout`](super::Call::poll_timeout) has come down to 0.
    Timeout,
    /// The page became visible, returned from the back/forward cache or went online; or a gate opened.
    PageWoke {
        /// It went online.
        online: bool,
        /// Many calls were woken at once.
        many: bool,
    },
    /// The key function gave a key.
    KeyReceived(ApiKey),
    /// The key function failed; says how.
    KeyFailed(&'static str),
    /// There is a permit for the request.
    PermitAcquired {
        /// As in [`Event::Start`].
        offline: bool,
    },
    /// A reply arrived.
    Reply(Reply<V>),
    /// The time passed while the body of this reply was still arriving; it may hold a whole document.
    ReplyTruncated(Reply<V>),
    /// The request failed without a reply.
    NetworkError,
    /// The submit failed without a reply, and nobody had read the stream that was its body: nothing was sent.
    BodyNeverRead,
    /// `onSubmitting` or `onSubmitted` resolved.
    CallbackResolved,
    /// `onSubmitting` or `onSubmitted` threw or rejected.
    CallbackRejected,
    /// `onStatus` was called.
    OnStatusReturned,
    /// No timer can be set for a wait: the platform's function failed.
    TimerFailed,
    /// The caller's signal, and what had arrived of the reply to a request in flight.
    Aborted(Option<Reply<V>>),
}

/// What the driver is to do next. Whatever takes longer than [`Call::poll_timeout`](super::Call::poll_timeout) is
/// given up and reported as [`Event::Timeout`].
#[derive(Debug, PartialEq)]
pub enum Action {
    /// Wait for so many milliseconds, unless the page wakes.
    Wait(u64),
    /// Call the key function.
    RequestKey {
        /// The service refused the last key with a 401.
        after_unauthorized: bool,
    },
    /// Acquire a permit for a request. It is released with any action but `CallOnSubmitting` and a request.
    AcquirePermit,
    /// Call `onSubmitting` and await it.
    CallOnSubmitting,
    /// Send the POST that creates a generation.
    SendSubmit,
    /// Send the GET that asks for the generation.
    SendPoll,
    /// Send the GET that asks what became of the submit, to [`Call::lookup_url`](super::Call::lookup_url).
    SendLookup,
    /// Call `onSubmitted` with the generation and await it.
    CallOnSubmitted,
    /// Call `onStatus` with the generation.
    CallOnStatus,
    /// Settle the caller's promise.
    Settle(Result<Box<Generation>, Error>),
    /// Settle it with `undefined`: the submit never arrived, and may be sent again with the same key.
    SettleAbsent,
}
