//! What the driver tells the machine, and what the machine tells the driver.

use crate::error::Error;
use crate::generation::Generation;
use crate::reply::Reply;
use crate::secret::Secret;

/// What the caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Submit, then wait.
    Generate,
    /// One POST.
    Submit,
    /// One GET.
    Check,
    /// Wait for a generation that exists.
    Wait,
    /// Find out what became of a submit.
    Recover,
}

/// Something that happened.
#[derive(Debug)]
pub enum Event<J> {
    /// The call has its place: its clock starts.
    Begin {
        /// `navigator.onLine === false`, and the service is not this machine.
        offline: bool,
    },
    /// The time of a sleep, or the limit of anything else, has passed.
    Elapsed,
    /// The page became visible, returned from the back/forward cache or went online; or a gate opened.
    Woken {
        /// It went online.
        online: bool,
        /// Many jobs were woken at once.
        many: bool,
    },
    /// The key function gave a key.
    Key(Secret),
    /// The key function failed; says how.
    NoKey(&'static str),
    /// There is a place among the open requests.
    Entered {
        /// As in [`Event::Begin`].
        offline: bool,
    },
    /// A reply arrived.
    Reply(Reply<J>),
    /// The limit passed while the body of this reply was still arriving; it may hold a whole document.
    Cut(Reply<J>),
    /// The request failed without a reply.
    Lost,
    /// The submit failed without a reply, and nobody had read the stream that was its body: nothing was sent.
    Unread,
    /// `onSubmitting` or `onSubmitted` is done.
    Stored,
    /// `onSubmitting` or `onSubmitted` threw or rejected.
    StoreFailed,
    /// `onStatus` was called.
    Reported,
    /// No timer can be set for a sleep: the platform's function failed.
    TimerFailed,
    /// The caller's signal, and what was there of the reply to a request under way.
    Aborted(Option<Reply<J>>),
}

/// What the driver is to do next. Whatever takes longer than [`Call::limit`](super::Call::limit) is given up and
/// reported as [`Event::Elapsed`].
#[derive(Debug, PartialEq)]
pub enum Next {
    /// Sleep for so many milliseconds, wakeable.
    Sleep(u64),
    /// Ask the key function.
    AskKey {
        /// The last key was refused with a 401.
        after_unauthorized: bool,
    },
    /// Take a place among the open requests. It is given back with any `Next` but `Announce`
    /// and a request.
    Enter,
    /// Call `onSubmitting` and await it.
    Announce,
    /// Send the POST.
    Post,
    /// Send the GET.
    Get,
    /// Send the GET that asks what became of the submit, to [`Call::lookup_url`](super::Call::lookup_url).
    LookUp,
    /// Call `onSubmitted` with the generation and await it.
    Store,
    /// Call `onStatus` with the generation.
    Report,
    /// Settle the caller's promise.
    Settle(Result<Box<Generation>, Error>),
    /// Settle it with nothing: the submit never arrived, and may be sent again with the same key.
    SettleAbsent,
}
