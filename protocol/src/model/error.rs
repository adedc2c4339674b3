//! Everything that can go wrong, as it is reported to the caller.

use core::fmt;

use super::generation::Generation;
use super::text::concat;

/// Why a call failed: one pointer, so that returning it is cheap.
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Details>);

impl core::ops::Deref for Error {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl core::ops::DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

/// What happened, what it may have cost, and what can be resumed.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    /// What happened.
    pub failure: Failure,
    /// The message of the service or of the validator, without keys; may be empty.
    pub detail: String,
    /// The generation, once its id is known: pass it to `waitFor` to resume.
    pub generation: Option<Box<Generation>>,
    /// The HTTP status of the reply that decided, if one did.
    pub http_status: Option<u16>,
    /// The service's name for the request, from its body or its `x-inference-id` header.
    pub request_id: Option<String>,
    /// The key of a submit whose outcome is unknown, if one was sent: pass it to `recover`.
    pub idempotency_key: Option<String>,
    /// Whether the very call that failed can be repeated: it cannot bill twice, and may succeed.
    pub retryable: bool,
}

/// What happened. Each variant says what [`Details::detail`] holds, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// A bad request, option, snapshot or static key: the detail says which and why.
    InvalidArgument,
    /// The key function threw, rejected, or gave no usable key: the detail says which.
    CredentialsFailed,
    /// 401.
    Unauthorized,
    /// A JSON 403 that says that the credits are used up.
    OutOfCredits,
    /// Any other 403.
    Forbidden,
    /// Any other 4xx.
    Rejected,
    /// A redirect, which is never followed with a key.
    Redirected,
    /// 429 until the deadline of a submit.
    RateLimited,
    /// The browser says that it is offline.
    Offline,
    /// The outcome of the submit cannot be known.
    SubmitUnknown(UnknownReason),
    /// Too many consecutive 404s.
    NotFound,
    /// The service reports that the generation failed: its or its provider's message.
    GenerationFailed,
    /// Too many consecutive undocumented statuses: the last one.
    UnknownStatus,
    /// A 2xx to a submit without an id: the service's message.
    NoId,
    /// Too many consecutive `completed` replies without an http(s) URL.
    NoUrl,
    /// The timeout passed: the service's message with the last transient error.
    Deadline,
    /// `onSubmitting` threw or rejected: nothing was sent.
    OnSubmittingFailed,
    /// `onSubmitted` threw or rejected.
    OnSubmittedFailed,
    /// The file could not be fetched whole.
    DownloadFailed(DownloadFailure),
    /// The caller's signal.
    Aborted {
        /// A submit had been sent and its reply had not been read.
        submit_in_flight: bool,
    },
    /// The environment lacks something: its name.
    Unsupported,
}

/// Why the outcome of a submit is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownReason {
    /// The request failed without a reply.
    Network,
    /// The service or a gateway failed while it had the request, or gave up waiting for it.
    ServerError,
    /// The reply was lost, unreadable or longer than 1 MiB.
    Unreadable,
    /// No reply came in time.
    TimedOut,
}

/// Why a download failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownloadFailure {
    /// The request failed without a reply.
    Network,
    /// The server's status was not 2xx.
    Status,
    /// The transfer ended before the whole file had arrived.
    Truncated,
    /// What arrived is no audio.
    NotAudio,
}

/// What a failure cost, and whether the call can be repeated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cost {
    /// The generation, if there is one, goes on; else nothing was spent.
    AsKnown,
    /// The same, and the same call may succeed.
    Repeatable,
    /// Nothing was sent.
    NotSent,
    /// It may have been created and billed.
    Perhaps,
    /// A failed generation is not billed.
    NotBilled,
    /// Nothing, and the file is still there.
    File,
}

impl Failure {
    /// What happened, as the first part of the message.
    fn summary(self) -> &'static str {
        match self {
            Self::InvalidArgument => "",
            Self::CredentialsFailed => "the apiKey function ",
            Self::Unauthorized => "the service refuses the API key (401)",
            Self::OutOfCredits => "the account is out of credits: top it up (403)",
            Self::Forbidden => "the key may not do this, or the request was blocked on its way (403)",
            Self::Rejected => "the service rejects the request",
            Self::Redirected => {
                "the reply is a redirect, which is not followed with a key: set `baseUrl` to the final address"
            }
            Self::RateLimited => "the service was too busy (429) until timeoutMs had passed",
            Self::Offline => "the browser is offline",
            Self::SubmitUnknown(UnknownReason::Network) => {
                "the request failed without a reply (one blocked by CORS, a CSP, an ad blocker or DNS looks the same)"
            }
            Self::SubmitUnknown(UnknownReason::ServerError) => {
                "the service or a gateway failed while it had the request"
            }
            Self::SubmitUnknown(UnknownReason::Unreadable) => "the reply could not be read",
            Self::SubmitUnknown(UnknownReason::TimedOut) => "no whole reply came in time",
            Self::NotFound => "the service does not know this generation (404, several times in a row)",
            Self::GenerationFailed => "the generation failed",
            Self::UnknownStatus => "the service keeps answering with a status that is not documented",
            Self::NoId => "the service accepted the request but gave no id, so its result cannot be asked for",
            Self::NoUrl => "the service says completed but gives no http(s) URL, several times in a row",
            Self::Deadline => "timeoutMs passed",
            Self::OnSubmittingFailed => "onSubmitting threw or rejected",
            Self::OnSubmittedFailed => "onSubmitted threw or rejected",
            Self::DownloadFailed(DownloadFailure::Network) => "the file could not be fetched",
            Self::DownloadFailed(DownloadFailure::Status) => "the file's server refuses",
            Self::DownloadFailed(DownloadFailure::Truncated) => "the file did not arrive whole",
            Self::DownloadFailed(DownloadFailure::NotAudio) => "what arrived is no audio",
            Self::Aborted { submit_in_flight: true } => "aborted while the request was under way",
            Self::Aborted { submit_in_flight: false } => "aborted",
            Self::Unsupported => "this environment has no usable ",
        }
    }

    fn cost(self) -> Cost {
        match self {
            Self::InvalidArgument => Cost::NotSent,
            Self::CredentialsFailed
            | Self::RateLimited
            | Self::Offline
            | Self::Deadline
            | Self::Aborted { submit_in_flight: false } => Cost::Repeatable,
            Self::Unauthorized
            | Self::OutOfCredits
            | Self::Forbidden
            | Self::Rejected
            | Self::Redirected
            | Self::NotFound
            | Self::UnknownStatus
            | Self::NoUrl
            | Self::OnSubmittingFailed
            | Self::OnSubmittedFailed
            | Self::Unsupported => Cost::AsKnown,
            Self::SubmitUnknown(_) | Self::NoId | Self::Aborted { submit_in_flight: true } => Cost::Perhaps,
            Self::GenerationFailed => Cost::NotBilled,
            Self::DownloadFailed(_) => Cost::File,
        }
    }

    /// Whether the same call may succeed without costing twice, if nothing more is known of it.
    pub(crate) fn is_repeatable(self) -> bool {
        matches!(self.cost(), Cost::Repeatable | Cost::File)
    }

    /// Whether a reply of the service decided it.
    pub(crate) fn is_from_reply(self) -> bool {
        match self {
            Self::InvalidArgument
            | Self::CredentialsFailed
            | Self::Offline
            | Self::SubmitUnknown(UnknownReason::Network | UnknownReason::TimedOut)
            | Self::Deadline
            | Self::OnSubmittingFailed
            | Self::OnSubmittedFailed
            | Self::DownloadFailed(DownloadFailure::Network)
            | Self::Aborted { .. }
            | Self::Unsupported => false,
            Self::Unauthorized
            | Self::OutOfCredits
            | Self::Forbidden
            | Self::Rejected
            | Self::Redirected
            | Self::RateLimited
            | Self::SubmitUnknown(UnknownReason::ServerError | UnknownReason::Unreadable)
            | Self::NotFound
            | Self::GenerationFailed
            | Self::UnknownStatus
            | Self::NoId
            | Self::NoUrl
            | Self::DownloadFailed(_) => true,
        }
    }
}

impl Error {
    /// An error from before anything was sent.
    pub fn invalid(message: String) -> Self {
        Self::with(Failure::InvalidArgument, message)
    }

    /// An error without a detail.
    pub fn of(failure: Failure) -> Self {
        Self::with(failure, String::new())
    }

    /// An error with a detail.
    pub fn with(failure: Failure, detail: String) -> Self {
        let retryable = failure.is_repeatable();
        Self(Box::new(Details {
            failure,
            detail,
            generation: None,
            http_status: None,
            request_id: None,
            idempotency_key: None,
            retryable,
        }))
    }
}

impl Details {
    /// The stable name of the failure, as `error.code` gives it.
    pub fn code(&self) -> &'static str {
        match self.failure {
            Failure::InvalidArgument => "invalid_argument",
            Failure::CredentialsFailed => "credentials_failed",
            Failure::Unauthorized => "unauthorized",
            Failure::OutOfCredits => "out_of_credits",
            Failure::Forbidden => "forbidden",
            Failure::Rejected | Failure::Redirected => "rejected",
            Failure::RateLimited => "rate_limited",
            Failure::Offline => "offline",
            Failure::SubmitUnknown(_) => "submit_unknown",
            Failure::NotFound => "not_found",
            Failure::GenerationFailed => "generation_failed",
            Failure::UnknownStatus => "unknown_status",
            Failure::NoId | Failure::NoUrl => "bad_reply",
            Failure::Deadline => "deadline",
            Failure::OnSubmittingFailed | Failure::OnSubmittedFailed => "callback_failed",
            Failure::DownloadFailed(_) => "download_failed",
            Failure::Aborted { .. } => "aborted",
            Failure::Unsupported => "unsupported",
        }
    }

    /// What happened, what it may have cost, and what to do, in one line.
    pub fn message(&self) -> String {
        let mut what = self.failure.summary();
        let known = self.generation.as_ref();
        if self.failure == Failure::Rejected && self.http_status == Some(404) && known.is_none() {
            what = "nothing answers here (404): is `baseUrl` right?";
        }
        let mut message = String::from(what);
        if let (Failure::Deadline, Some(error)) = (self.failure, known.and_then(|known| known.polling.last_error)) {
            message.push_str("; the last poll failed: ");
            message.push_str(error.code.name());
        }
        let own = matches!(self.failure, Failure::InvalidArgument | Failure::CredentialsFailed | Failure::Unsupported);
        let [before, after] = if own || self.detail.is_empty() { ["", ""] } else { [": `", "`"] };
        let money = match self.failure.cost() {
            Cost::AsKnown | Cost::Repeatable if known.is_some() => {
                "; the generation itself may go on at the service: resume it with waitFor"
            }
            Cost::AsKnown | Cost::Repeatable => "; nothing was spent",
            Cost::NotSent => "; nothing was sent",
            Cost::Perhaps => "; the generation may have been created and billed, so it is not sent again by itself",
            Cost::NotBilled => "; a failed generation is not billed, the service says",
            Cost::File => "; nothing was spent: download it again, soon, since its URL may expire",
        };
        let more = if self.idempotency_key.is_some() { ": `recover` may tell" } else { "" };
        concat(&[&message, before, &self.detail, after, money, more])
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl core::error::Error for Error {}
