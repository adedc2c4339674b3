//! Replies to the client's requests, and what the contract says that they mean.
//!
//! Whoever makes an answer states its meaning; it is not read from the answer, so that the protocol's reading
//! can disagree with it.

mod lookup_answers;
mod service_answers;

use std::sync::Arc;

use emulator::IdStyle;
use protocol::{Body, Reply as Read, RetryAfter};
use serde_json::Value;

use crate::fault::STREAM_REFUSALS;
use crate::reply_value::{ReplyValue, StatusReply};
use crate::sim_rng::SimRng;

pub(crate) use lookup_answers::{logs_answer, state_answer, unsupported_answer};
pub(crate) use service_answers::{faulty_answer, plain_error, service_answer};

/// What a good reply says of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportedStatus {
    Pending,
    Completed,
    Failed,
    /// Completed, without an http(s) URL.
    CompletedWithoutUrl,
    /// A status that is not documented.
    Undocumented,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// The POST was accepted, and the id is there.
    Accepted(ReportedStatus),
    /// The POST was accepted, and there is no id.
    AcceptedWithoutId,
    /// Whether the POST was accepted cannot be known.
    Unknown,
    /// The POST failed because its body was a stream, or may have: it can be sent again without one.
    StreamFailed,
    /// A GET's good reply.
    Status(ReportedStatus),
    /// 404 to a GET.
    NotFound,
    /// A transient error of a GET.
    Transient,
    /// 401.
    Unauthorized,
    /// 429, and how long it asks to wait.
    RateLimited(RetryHint),
    /// Refused for good, with this code.
    Refused(&'static str),
    /// A server knows nothing of the key of a look-up, and has forgotten nothing for so long.
    NeverArrived(u64),
    /// It cannot say, and has forgotten nothing for so long.
    Undecided(u64),
    /// It replies with a state that does not exist, and has forgotten nothing for so long.
    InvalidState(u64),
    /// A page of the logs does not have the key; whether another may follow.
    NotInLogs(bool),
}

/// How long a 429 asks to wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RetryHint {
    None,
    Milliseconds(u64),
    /// Epoch milliseconds.
    Until(u64),
}

/// What the client gets.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) meaning: Meaning,
    pub(crate) status: u16,
    redirect: bool,
    retry_after: Option<RetryAfter>,
    /// The id in its head.
    inference_id: Option<Arc<str>>,
    /// Its document is whole, and its stream stays open.
    pub(crate) open: bool,
    content: Content,
}

/// A reply's body.
#[derive(Clone, Debug)]
enum Content {
    /// There is no reply at all.
    NoReply,
    Truncated,
    NotJson,
    Borrowed(&'static Value),
    Owned(Value),
    Status(StatusReply),
}

/// The request that is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestInfo {
    pub(crate) create: bool,
    pub(crate) key: Option<usize>,
    pub(crate) ids: IdStyle,
    /// The service's time of day.
    pub(crate) wall: u64,
    /// Whether bodies may repeat the key.
    pub(crate) echo: bool,
    /// Whether good bodies are written out as JSON values.
    pub(crate) thorough: bool,
}

impl Answer {
    fn new(meaning: Meaning, status: u16, content: Content) -> Self {
        Self { meaning, status, redirect: false, retry_after: None, inference_id: None, open: false, content }
    }

    /// Adds the id of the accepted generation to the head; the body may not contain it.
    pub(crate) fn set_header_id(&mut self, id: &Arc<str>) {
        if (200..300).contains(&self.status) {
            self.inference_id = Some(Arc::clone(id));
            if matches!(self.meaning, Meaning::AcceptedWithoutId | Meaning::Unknown) {
                self.meaning = Meaning::Accepted(ReportedStatus::Pending);
            }
        }
    }

    /// The same as the answer to a submit that can be looked up.
    pub(crate) fn keyed(self) -> Self {
        let meaning = match (self.status, self.meaning) {
            (409, Meaning::Refused(_)) | (_, Meaning::AcceptedWithoutId) => Meaning::Unknown,
            (_, meaning) => meaning,
        };
        Self { meaning, ..self }
    }

    pub(crate) fn is_redirect(&self) -> bool {
        self.redirect
    }

    /// Whether it is a network error.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self.content, Content::NoReply)
    }

    /// Whether there is a body to wait for: that of a redirect is not read.
    pub(crate) fn has_body(&self) -> bool {
        !self.redirect && !self.is_lost()
    }

    /// What is left of it if only its head arrives.
    pub(crate) fn cut(self, create: bool) -> Self {
        if self.open {
            return self;
        }
        let meaning = match (self.status, self.meaning) {
            (400..=499, Meaning::RateLimited(_) | Meaning::StreamFailed) => self.meaning,
            (400..=499, _) if create => service_answers::page(self.status, create),
            _ if create && self.inference_id.is_some() => Meaning::Accepted(ReportedStatus::Pending),
            _ if create => Meaning::Unknown,
            _ => Meaning::Transient,
        };
        Self { meaning, content: Content::Truncated, ..self }
    }

    /// The same as the answer to a POST whose body was a stream.
    pub(crate) fn streamed(self) -> Self {
        let refused = STREAM_REFUSALS.contains(&self.status);
        Self { meaning: if refused { Meaning::StreamFailed } else { self.meaning }, ..self }
    }

    /// The reply as the driver would report it.
    pub(crate) fn read(&self) -> Read<ReplyValue<'_>> {
        Read {
            status: self.status,
            redirect: self.redirect,
            body: match &self.content {
                Content::NoReply | Content::NotJson => Body::NotJson,
                Content::Truncated => Body::Incomplete,
                Content::Borrowed(value) => Body::Json(ReplyValue::Value(value)),
                Content::Owned(value) => Body::Json(ReplyValue::Value(value)),
                Content::Status(status_reply) => Body::Json(ReplyValue::Status(status_reply)),
            },
            retry_after: self.retry_after.clone(),
            inference_id: self.inference_id.as_deref().map(Into::into),
            cacheable: false,
        }
    }
}

/// URLs that a completed generation may have; the first two are valid.
pub(crate) fn address(rng: &mut SimRng) -> Arc<str> {
    let odd = ["http://cdn/x.wav", "HTTPS://cdn.aimlapi.com/x", "ftp://cdn/x", "", "/x.wav", "https://", "data:,x"];
    rng.pick(&odd).into()
}

/// Whether it is an http(s) URL with a host.
pub(crate) fn is_valid_url(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty())
}
