//! What the client gets for a request, and what the contract makes of it.
//!
//! The meaning is told by whoever makes the answer, not read from it: the protocol's reading and
//! this one must be able to disagree.

mod looked;
mod made;

use std::sync::Arc;

use emulator::IdStyle;
use protocol::reply::{Body, Reply as Read, RetryAfter};
use serde_json::Value;

use crate::chance::Chance;
use crate::fault::STREAM_REFUSALS;
use crate::view::{Told, View};

pub(crate) use looked::{ignorant, logged, told};
pub(crate) use made::{faulty, plain_error, said};

/// What a good reply says of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Pending,
    Completed,
    Failed,
    /// Completed, without an http(s) URL.
    Blank,
    /// A status that is not documented.
    Strange,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// The POST was accepted, and the id is there.
    Accepted(Said),
    /// The POST was accepted, and there is no id.
    Nameless,
    /// Whether the POST was accepted cannot be known.
    Unknown,
    /// The POST came to nothing because its body was a stream, or may have: it can be sent without.
    InVain,
    /// A GET's good reply.
    Said(Said),
    /// 404 to a GET.
    Missed,
    /// A fault of a GET that passes.
    Passing,
    /// 401.
    Unauthorized,
    /// 429, and how long it asks to wait.
    Limited(Asked),
    /// Refused for good, with this code.
    Refused(&'static str),
    /// A server knows nothing of the key of a look-up, and has forgotten nothing for so long.
    Absent(u64),
    /// It cannot say, and has forgotten nothing for so long.
    Undecided(u64),
    /// It says what is no answer, and that it has forgotten nothing for so long.
    Unclear(u64),
    /// A page of the logs does not have the key; whether another may follow.
    Unlisted(bool),
}

/// How long a 429 asks to wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Asked {
    Nothing,
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
    Nothing,
    Broken,
    Text,
    Lent(&'static Value),
    Owned(Value),
    Told(Told),
}

/// The request that is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
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

    /// What the head says of a job that the service accepted, where the body may say nothing.
    pub(crate) fn name(&mut self, id: &Arc<str>) {
        if (200..300).contains(&self.status) {
            self.inference_id = Some(Arc::clone(id));
            if matches!(self.meaning, Meaning::Nameless | Meaning::Unknown) {
                self.meaning = Meaning::Accepted(Said::Pending);
            }
        }
    }

    /// To a submit that can be looked up: what may have become of it is found out.
    pub(crate) fn keyed(self) -> Self {
        let meaning = match (self.status, self.meaning) {
            (409, Meaning::Refused(_)) | (_, Meaning::Nameless) => Meaning::Unknown,
            (_, meaning) => meaning,
        };
        Self { meaning, ..self }
    }

    pub(crate) fn is_redirect(&self) -> bool {
        self.redirect
    }

    /// Whether it is a network error.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self.content, Content::Nothing)
    }

    /// Whether there is a body to wait for: that of a redirect is not read.
    pub(crate) fn has_body(&self) -> bool {
        !self.redirect && !self.is_lost()
    }

    /// What is left of it where only its head arrives.
    pub(crate) fn cut(self, create: bool) -> Self {
        if self.open {
            return self;
        }
        let meaning = match (self.status, self.meaning) {
            (400..=499, Meaning::Limited(_) | Meaning::InVain) => self.meaning,
            (400..=499, _) if create => made::page(self.status, create),
            _ if create && self.inference_id.is_some() => Meaning::Accepted(Said::Pending),
            _ if create => Meaning::Unknown,
            _ => Meaning::Passing,
        };
        Self { meaning, content: Content::Broken, ..self }
    }

    /// The same as the answer to a POST whose body was a stream.
    pub(crate) fn streamed(self) -> Self {
        let refused = STREAM_REFUSALS.contains(&self.status);
        Self { meaning: if refused { Meaning::InVain } else { self.meaning }, ..self }
    }

    /// As the driver would hand it over.
    pub(crate) fn read(&self) -> Read<View<'_>> {
        Read {
            status: self.status,
            redirect: self.redirect,
            body: match &self.content {
                Content::Nothing | Content::Text => Body::Text,
                Content::Broken => Body::Broken,
                Content::Lent(value) => Body::Json(View::Value(value)),
                Content::Owned(value) => Body::Json(View::Value(value)),
                Content::Told(told) => Body::Json(View::Told(told)),
            },
            retry_after: self.retry_after.clone(),
            inference_id: self.inference_id.as_deref().map(Into::into),
            cacheable: false,
        }
    }
}

/// Addresses that a completed job may have; the first two are sound.
pub(crate) fn address(chance: &mut Chance) -> Arc<str> {
    let odd = ["http://cdn/x.wav", "HTTPS://cdn.aimlapi.com/x", "ftp://cdn/x", "", "/x.wav", "https://", "data:,x"];
    chance.pick(&odd).into()
}

/// Whether it is an http(s) URL with a host.
pub(crate) fn is_sound(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty())
}
