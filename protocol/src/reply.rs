//! Reading the service's replies, in every shape that was observed.

use crate::api_key::Redactor;
use crate::generation::{AudioFile, MAX_ID, read_web_url};
use crate::options::millis;
use crate::text::{concat, contains, is_blank, parse_digits};
use crate::untrusted::{Kind, Untrusted};

/// The most bytes of a reply's body that are read.
pub const MAX_BODY: usize = 1 << 20;

/// One HTTP reply, read as far as it could be.
#[derive(Clone, Debug)]
pub struct Reply<V> {
    /// The HTTP status; 0 for a redirect that the browser hides.
    pub status: u16,
    /// Whether it is a redirect that was not followed.
    pub redirect: bool,
    /// The body.
    pub body: Body<V>,
    /// The `Retry-After` header, where it can be read.
    pub retry_after: Option<RetryAfter>,
    /// The `x-inference-id` header, where it can be read.
    pub inference_id: Option<String>,
    /// Whether a cache may give this reply again, as [`is_cacheable`] tells.
    pub cacheable: bool,
}

/// A reply's body.
#[derive(Clone, Debug)]
pub enum Body<V> {
    /// A whole JSON document has arrived, whatever became of the rest.
    Json(V),
    /// It was read whole, and is something else.
    NotJson,
    /// It broke off or was longer than [`MAX_BODY`].
    Incomplete,
}

impl<V> Reply<V> {
    /// Whether the head alone tells what became of a submit: a refusal, or the id of what was accepted.
    pub(crate) fn settles_submit_outcome(&self) -> bool {
        match self.status {
            200..=299 => matches!(self.body, Body::Json(_)) || self.id().is_some(),
            408 => false,
            status => (400..=499).contains(&status),
        }
    }

    /// The id in the head, which the service documents as the generation's.
    pub(crate) fn id(&self) -> Option<String> {
        self.inference_id.clone().filter(|id| is_id(id))
    }
}

pub(crate) fn is_id(id: &str) -> bool {
    !is_blank(id) && id.len() <= MAX_ID
}

/// Whether a browser's cache may give a reply again without asking the service, by its status and by
/// those of its headers that pages may always read.
///
/// That is not asked of each request, since Chromium sends a preflight before every one that does.
pub fn is_cacheable(status: u16, header: &dyn Fn(&str) -> Option<String>) -> bool {
    status == 410
        || match header("cache-control") {
            Some(control) => !contains(&control, "no-") && !contains(&control, "max-age=0"),
            None => header("expires").is_some() || header("last-modified").is_some(),
        }
}

/// The HTTP status of a reply by its shape, 0 where it has none: a mock may write it as a string, or
/// say no more than that all is `ok`.
pub fn read_status<V: Untrusted>(response: &V) -> u16 {
    let status = response.get("status");
    let written = status.as_string().and_then(|text| parse_digits(&text)).and_then(|status| u16::try_from(status).ok());
    match status.as_integer_in(0, 999).and_then(|status| u16::try_from(status).ok()).or(written) {
        None if status.is_absent() && response.get("ok").is_true() => 200,
        status => status.unwrap_or(0),
    }
}

/// A `Retry-After` header.
#[derive(Clone, Debug)]
pub struct RetryAfter {
    /// As sent: seconds, or a date.
    pub text: String,
    /// As `Date.parse` reads it.
    pub date: f64,
}

impl RetryAfter {
    /// The wait that is asked for, in milliseconds, an hour at most.
    pub fn wait(&self, wall: u64) -> Option<u64> {
        const HOUR: u64 = 3_600_000;
        let text = self.text.trim_ascii();
        if let Some(seconds) = parse_digits(text) {
            return Some(seconds.saturating_mul(1_000).min(HOUR));
        }
        // `Date.parse` makes a date of nearly anything; a header's ends like this.
        (self.date.is_finite() && text.ends_with("GMT")).then(|| millis(self.date).saturating_sub(wall).min(HOUR))
    }
}

/// A status as the service reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RemoteStatus {
    /// `queued`, or no status at all.
    Queued,
    /// `generating`, and what sibling endpoints call it.
    Generating,
    /// `completed`, and what sibling endpoints call it.
    Completed,
    /// `error`, and what sibling endpoints call it.
    Failed,
    /// No status.
    #[default]
    Missing,
    /// Anything else.
    Unknown(String),
}

/// What a 2xx body says about a generation.
#[derive(Clone, Debug, Default)]
pub struct StatusBody {
    /// The job's id, if one is given.
    pub id: Option<String>,
    /// Its status: this alone decides.
    pub status: RemoteStatus,
    /// The track's address and labels, where an http(s) one is given.
    pub audio: Option<AudioFile>,
    /// The message of its error, if any.
    pub error: Option<String>,
    /// What it was charged, in credits.
    pub credits_used: Option<f64>,
    /// What it was charged, in US dollars.
    pub usd_spent: Option<f64>,
}

impl StatusBody {
    /// Reads the body of a 2xx to a submit or a poll.
    pub fn read<V: Untrusted>(body: &V, redactor: Redactor<'_>) -> Self {
        let file = body.get("audio_file");
        let usage = body.get("meta").get("usage");
        let label = |name| file.string_at(name).and_then(|text| redactor.label(&text));
        let url = file.as_string().or_else(|| file.string_at("url"));
        let status = body.string_at("status");
        Self {
            id: ["id", "generation_id"].iter().find_map(|name| id(&body.get(name))),
            status: match status.as_deref().map(|word| word.trim_ascii().to_ascii_lowercase()).as_deref() {
                None => RemoteStatus::Missing,
                Some("queued" | "waiting") => RemoteStatus::Queued,
                Some("generating" | "active" | "processing") => RemoteStatus::Generating,
                Some("completed" | "complete" | "succeeded") => RemoteStatus::Completed,
                Some("error" | "failed") => RemoteStatus::Failed,
                Some(_) => RemoteStatus::Unknown(redactor.redact(&status.unwrap_or_default())),
            },
            audio: url.as_deref().and_then(read_web_url).map(|url| AudioFile {
                url,
                content_type: label("content_type"),
                file_name: label("file_name"),
                file_size: amount(&file, "file_size"),
                generation_id: String::new(),
            }),
            error: error_text(&body.get("error"), redactor),
            credits_used: amount(&usage, "credits_used"),
            usd_spent: amount(&usage, "usd_spent"),
        }
    }
}

/// An id: a string, or a number that JavaScript can tell from its neighbours.
fn id<V: Untrusted>(value: &V) -> Option<String> {
    const MAX_SAFE: f64 = 9_007_199_254_740_991.0;
    let number = value.as_number().filter(|number| (0.0..=MAX_SAFE).contains(number)).map(|_| value.number_text());
    value.as_string().or(number).filter(|id| is_id(id))
}

/// `1e999` is JSON, and Infinity; a snapshot that held it could not be read again.
fn amount<V: Untrusted>(object: &V, name: &str) -> Option<f64> {
    object.get(name).as_number().filter(|amount| *amount >= 0.0 && amount.is_finite())
}

/// What the body of an HTTP error says.
#[derive(Clone, Debug, Default)]
pub struct ErrorBody {
    /// The service's message; may be empty.
    pub message: String,
    /// Whether it says that the credits are used up.
    pub out_of_credits: bool,
    /// The service's name for the request.
    pub request_id: Option<String>,
}

impl ErrorBody {
    /// Reads the body of an HTTP error, of either generation.
    pub fn read<V: Untrusted>(body: &V, redactor: Redactor<'_>) -> Self {
        let message = error_text(body, redactor).unwrap_or_default();
        let kind = body.get("error").get("data").string_at("kind").unwrap_or_default();
        let inner = error_text(&body.get("error"), redactor).unwrap_or_default();
        let lower = concat(&[message.as_str(), "; ", &inner]).to_ascii_lowercase();
        Self {
            out_of_credits: contains(&kind, "credit")
                || contains(&lower, "out of credits")
                || contains(&lower, "out of funds"),
            request_id: body.string_at("requestId").and_then(|id| redactor.label(&id)),
            message,
        }
    }
}

/// The message of an error in any of the observed shapes: a string, a list, `{message}`, `{detail}`, `{msg}`,
/// `{error}`, `{errors}`, `{constraints}`, `{name}`, `{title}`.
pub(crate) fn error_text<V: Untrusted>(value: &V, redactor: Redactor<'_>) -> Option<String> {
    let mut text = String::new();
    collect_messages(value, 0, &mut text);
    (!text.is_empty()).then(|| redactor.redact(&text))
}

/// Messages are collected up to about this many bytes.
const MAX_COLLECTED: usize = 4_000;

fn collect_messages<V: Untrusted>(value: &V, depth: u32, message: &mut String) {
    if depth > 4 || message.len() > MAX_COLLECTED {
        return;
    }
    match value.kind() {
        Kind::String => {
            if let Some(text) = value.as_string() {
                let text = text.trim_ascii();
                // Some errors repeat their message.
                if !contains(message, text) {
                    message.push_str(if message.is_empty() { "" } else { "; " });
                    message.push_str(text);
                }
            }
        }
        Kind::Array => {
            for index in 0..8 {
                collect_messages(&value.at(index), depth + 1, message);
            }
        }
        Kind::Object => {
            let before = message.len();
            for name in ["message", "detail", "msg", "error", "errors", "constraints", "name", "title"] {
                let inner = value.get(name);
                collect_messages(&inner, depth + 1, message);
                if matches!(name, "errors" | "constraints") && inner.kind() == Kind::Object {
                    // By field, or by the rule that was broken.
                    inner.for_each_key(&mut |name| collect_messages(&inner.get(name), depth + 2, message));
                }
                if message.len() > before {
                    break;
                }
            }
        }
        _ => {}
    }
}
