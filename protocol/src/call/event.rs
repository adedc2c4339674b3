//! What the driver reports to the state machine, and what the state machine asks of the driver.

use crate::http::request::{HttpRequest, Purpose};
use crate::model::api_key::ApiKey;
use crate::model::error::{DownloadFailure, Error};
use crate::model::generation::Generation;
use crate::parse::reply::Reply;

/// Something that happened.
#[derive(Debug)]
pub enum Event<V> {
    /// The call may begin: its clock starts.
    Start {
        /// `navigator.onLine === false`.
        offline: bool,
    },
    /// [`Call::poll_timeout`](super::Call::poll_timeout) has come down to 0.
    Timeout,
    /// The page became visible, returned from the back/forward cache or went online; or a gate opened.
    PageWoke {
        /// It went online.
        online: bool,
        /// How many calls were woken at once.
        waiting: usize,
    },
    /// The key function gave a key.
    KeyReceived(ApiKey),
    /// The key function failed.
    KeyFailed(KeyFailure),
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
    /// The transfer of a file has ended.
    FileReceived {
        /// The HTTP status of its reply.
        status: u16,
        /// What [`ReceivedFile::check`](crate::ReceivedFile::check) says of it.
        content_type: Result<&'static str, DownloadFailure>,
    },
    /// The transfer of a file failed after its head had arrived.
    FileTruncated,
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

/// How a key function failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFailure {
    /// It threw.
    Threw,
    /// Its promise rejected.
    Rejected,
    /// It returned no key.
    Unusable,
}

impl KeyFailure {
    /// For the message of the error.
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::Threw => "threw",
            Self::Rejected => "rejected",
            Self::Unusable => "gave no usable key: expected a string of visible ASCII characters",
        }
    }
}

/// What the driver is to do next. Whatever takes longer than [`Call::poll_timeout`](super::Call::poll_timeout) is
/// given up and reported as [`Event::Timeout`].
#[derive(Debug, PartialEq)]
pub enum Action {
    /// Wait until the time has passed, unless the page wakes.
    Wait,
    /// Call the key function.
    RequestKey {
        /// The service refused the last key with a 401.
        after_unauthorized: bool,
    },
    /// Acquire a permit for a request. It is released with any action but `CallOnSubmitting` and a request.
    AcquirePermit,
    /// Call `onSubmitting` and await it.
    CallOnSubmitting,
    /// Send this request. If its body is streamed, tell [`Call::on_body_streamed`](super::Call::on_body_streamed).
    Send(Box<HttpRequest>),
    /// Call `onSubmitted` with the generation and await it.
    CallOnSubmitted,
    /// Call `onStatus` with the generation.
    CallOnStatus,
    /// Settle the caller's promise.
    Settle(Result<Box<Generation>, Error>),
    /// Settle it with the file, whose media type this is; empty if unknown.
    SettleFile(&'static str),
    /// Settle it with `undefined`: the submit never arrived, and may be sent again with the same key.
    SettleAbsent,
}

impl Action {
    /// What the request is for, if it is one.
    pub fn purpose(&self) -> Option<Purpose> {
        match self {
            Self::Send(request) => Some(request.purpose),
            _ => None,
        }
    }
}
