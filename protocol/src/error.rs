//! Everything that can go wrong, as the caller is told it.

use core::fmt;

use crate::generation::Generation;
use crate::text::joined;

/// Why a call failed: one pointer, so that handing it on costs next to nothing.
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
    /// The generation, once its id is known: hand it to `waitFor` to resume.
    pub generation: Option<Box<Generation>>,
    /// The HTTP status of the reply that decided, if one did.
    pub http_status: Option<u16>,
    /// The service's name for the request, from its body or its `x-inference-id` header.
    pub request_id: Option<String>,
    /// Whether the very call that failed can be repeated: it cannot bill twice, and may succeed.
    pub retryable: bool,
}

/// What happened. Text inside is the service's or the validator's, free of keys and prompts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// A bad request, option, snapshot or static key.
    InvalidArgument(String),
    /// The key function threw, rejected, or gave no usable key; says which.
    CredentialsFailed(&'static str),
    /// 401.
    Unauthorized(String),
    /// A JSON 403 that says that the credits are used up.
    OutOfCredits(String),
    /// Any other 403.
    Forbidden(String),
    /// Any other 4xx.
    Rejected(String),
    /// A redirect, which is never followed with a key.
    Redirected,
    /// 429 until the deadline of a submit.
    RateLimited(String),
    /// The browser says that it is offline.
    Offline,
    /// The POST's outcome cannot be known.
    SubmitUnknown(Unknown),
    /// Too many 404s running.
    NotFound,
    /// The service says that the generation failed, in its or its provider's words.
    GenerationFailed(String),
    /// Too many undocumented statuses running; the last one.
    UnknownStatus(String),
    /// A 2xx to a submit without an id.
    NoId,
    /// Too many `completed` replies running without an http(s) URL.
    NoUrl,
    /// The call's time passed.
    Deadline,
    /// `onSubmit` threw or rejected.
    CallbackFailed,
    /// The file could not be fetched whole; says why.
    DownloadFailed(Download),
    /// The caller's signal, while a POST was under way or not.
    Aborted {
        /// A POST had been sent and its reply had not been read.
        posting: bool,
    },
    /// The environment lacks something; its name.
    Unsupported(&'static str),
}

impl Failure {
    /// Whether a reply of the service decided it.
    pub(crate) fn is_replied(&self) -> bool {
        match self {
            Self::Unauthorized(_)
            | Self::OutOfCredits(_)
            | Self::Forbidden(_)
            | Self::Rejected(_)
            | Self::Redirected
            | Self::RateLimited(_)
            | Self::SubmitUnknown(Unknown::Fault | Unknown::Unreadable)
            | Self::NotFound
            | Self::GenerationFailed(_)
            | Self::UnknownStatus(_)
            | Self::NoId
            | Self::NoUrl => true,
            Self::InvalidArgument(_)
            | Self::CredentialsFailed(_)
            | Self::Offline
            | Self::SubmitUnknown(Unknown::Network | Unknown::TimedOut)
            | Self::Deadline
            | Self::CallbackFailed
            | Self::DownloadFailed(_)
            | Self::Aborted { .. }
            | Self::Unsupported(_) => false,
        }
    }
}

/// Why the outcome of a POST cannot be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The request failed without a reply.
    Network,
    /// The service or a gateway answered with a fault of its own.
    Fault,
    /// The reply was lost, unreadable or longer than 1 MiB.
    Unreadable,
    /// No reply came in time.
    TimedOut,
}

/// Why a download failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Download {
    /// The request failed without a reply.
    Network,
    /// The server's status was not 2xx.
    Status,
    /// The transfer ended before the whole file had arrived.
    Cut,
}

impl Error {
    /// An error from before anything was sent.
    pub fn invalid(message: String) -> Self {
        Self::of(Failure::InvalidArgument(message))
    }

    /// An error that has nothing but its reason.
    pub fn of(failure: Failure) -> Self {
        let retryable = matches!(
            failure,
            Failure::CredentialsFailed(_)
                | Failure::RateLimited(_)
                | Failure::Offline
                | Failure::Deadline
                | Failure::DownloadFailed(_)
                | Failure::Aborted { posting: false }
        );
        Self(Box::new(Details { failure, generation: None, http_status: None, request_id: None, retryable }))
    }
}

impl Details {
    /// The stable name of the failure, as `error.code` gives it.
    pub fn code(&self) -> &'static str {
        match self.failure {
            Failure::InvalidArgument(_) => "invalid_argument",
            Failure::CredentialsFailed(_) => "credentials_failed",
            Failure::Unauthorized(_) => "unauthorized",
            Failure::OutOfCredits(_) => "out_of_credits",
            Failure::Forbidden(_) => "forbidden",
            Failure::Rejected(_) | Failure::Redirected => "rejected",
            Failure::RateLimited(_) => "rate_limited",
            Failure::Offline => "offline",
            Failure::SubmitUnknown(_) => "submit_unknown",
            Failure::NotFound => "not_found",
            Failure::GenerationFailed(_) => "generation_failed",
            Failure::UnknownStatus(_) => "unknown_status",
            Failure::NoId | Failure::NoUrl => "bad_reply",
            Failure::Deadline => "deadline",
            Failure::CallbackFailed => "callback_failed",
            Failure::DownloadFailed(_) => "download_failed",
            Failure::Aborted { .. } => "aborted",
            Failure::Unsupported(_) => "unsupported",
        }
    }

    /// What happened, what it may have cost, and what to do, in one line.
    pub fn message(&self) -> String {
        let polling = if self.generation.is_some() {
            "; the generation itself may go on at the service: resume it with waitFor"
        } else {
            "; nothing was spent"
        };
        let (what, words, after) = match &self.failure {
            Failure::InvalidArgument(message) => (message.as_str(), "", "; nothing was sent"),
            Failure::CredentialsFailed(why) => return joined(&["the apiKey function ", why, polling]),
            Failure::Unauthorized(words) => ("the service refuses the API key (401)", words.as_str(), polling),
            Failure::OutOfCredits(words) => ("the account is out of credits: top it up (403)", words.as_str(), polling),
            Failure::Forbidden(words) => {
                ("the key may not do this, or the request was blocked on its way (403)", words.as_str(), polling)
            }
            Failure::Rejected(words) => ("the service rejects the request", words.as_str(), polling),
            Failure::Redirected => (
                "the reply is a redirect, which is not followed with a key: set baseUrl to the final address",
                "",
                polling,
            ),
            Failure::RateLimited(words) => {
                ("the service was too busy (429) until timeoutMs had passed", words.as_str(), polling)
            }
            Failure::Offline => ("the browser is offline", "", "; nothing was sent"),
            Failure::SubmitUnknown(unknown) => {
                let why = match unknown {
                    Unknown::Network => {
                        "the request failed without a reply (a request blocked by CORS, a CSP, an ad blocker or DNS looks the same)"
                    }
                    Unknown::Fault => "the service or a gateway failed while it had the request",
                    Unknown::Unreadable => "the reply could not be read",
                    Unknown::TimedOut => "no reply came before timeoutMs had passed",
                };
                (why, "", "; the generation may have been created and billed, so it is not sent again by itself")
            }
            Failure::NotFound => {
                ("the service does not know this generation (404, several times running)", "", polling)
            }
            Failure::GenerationFailed(words) => {
                ("the generation failed", words.as_str(), "; a failed generation is not billed, the service says")
            }
            Failure::UnknownStatus(word) => {
                ("the service keeps answering with a status that is not documented", word.as_str(), polling)
            }
            Failure::NoId => {
                let what = "the service accepted the request but gave no id, so its result cannot be asked for";
                (what, "", "; it may have been billed")
            }
            Failure::NoUrl => {
                ("the service says completed but gives no http(s) URL, several times running", "", polling)
            }
            Failure::Deadline => ("timeoutMs passed", "", polling),
            Failure::CallbackFailed => ("onSubmit threw or rejected", "", polling),
            Failure::DownloadFailed(why) => {
                let why = match why {
                    Download::Network => "the file could not be fetched",
                    Download::Status => "the file's server refuses",
                    Download::Cut => "the file did not arrive whole",
                };
                (why, "", "; nothing was spent: download it again, soon, since its URL may expire")
            }
            Failure::Aborted { posting: true } => {
                ("aborted while the request was under way", "", ": the generation may have been created and billed")
            }
            Failure::Aborted { posting: false } => ("aborted", "", polling),
            Failure::Unsupported(what) => {
                return joined(&["this environment has no usable ", what, "; nothing was sent"]);
            }
        };
        let quote = if words.is_empty() { ["", ""] } else { [": `", "`"] };
        joined(&[what, quote[0], words, quote[1], after])
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl core::error::Error for Error {}
