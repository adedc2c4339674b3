//! Reading what the service answers, in every shape that it was seen to have.

use crate::generation::{AudioFile, MAX_ID, read_web_url};
use crate::json::{Json, Kind};
use crate::options::millis;
use crate::secret::Redactor;
use crate::text::{holds, is_blank, joined, whole_number};

/// The most bytes of a reply's body that are read.
pub const MAX_BODY: usize = 1 << 20;

/// One HTTP reply, read as far as it could be.
#[derive(Clone, Debug)]
pub struct Reply<J> {
    /// The HTTP status; 0 for a redirect that the browser hides.
    pub status: u16,
    /// Whether it is a redirect that was not followed.
    pub redirect: bool,
    /// The body.
    pub body: Body<J>,
    /// The `Retry-After` header, where it can be read.
    pub retry_after: Option<RetryAfter>,
    /// The `x-inference-id` header, where it can be read.
    pub inference_id: Option<String>,
    /// Whether a cache may give this reply again, as [`may_be_cached`] tells.
    pub cacheable: bool,
}

/// A reply's body.
#[derive(Clone, Debug)]
pub enum Body<J> {
    /// A whole JSON document has arrived, whatever became of the rest.
    Json(J),
    /// It was read whole, and is something else.
    Text,
    /// It broke off or was longer than [`MAX_BODY`].
    Broken,
}

impl<J> Reply<J> {
    /// Whether the head alone tells what became of a submit: a refusal, or the id of what was accepted.
    pub(crate) fn decides_submit(&self) -> bool {
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
pub fn may_be_cached(status: u16, header: &dyn Fn(&str) -> Option<String>) -> bool {
    status == 410
        || match header("cache-control") {
            Some(control) => !holds(&control, "no-") && !holds(&control, "max-age=0"),
            None => header("expires").is_some() || header("last-modified").is_some(),
        }
}

/// The HTTP status of a reply by its shape, 0 where it has none: a mock may write it as a string, or
/// say no more than that all is `ok`.
pub fn read_status<J: Json>(response: &J) -> u16 {
    let status = response.get("status");
    let written = status.text().and_then(|text| whole_number(&text)).and_then(|status| u16::try_from(status).ok());
    match status.whole(0, 999).and_then(|status| u16::try_from(status).ok()).or(written) {
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
        if let Some(seconds) = whole_number(text) {
            return Some(seconds.saturating_mul(1_000).min(HOUR));
        }
        // `Date.parse` makes a date of nearly anything; a header's ends like this.
        (self.date.is_finite() && text.ends_with("GMT")).then(|| millis(self.date).saturating_sub(wall).min(HOUR))
    }
}

/// A status as the service words it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Word {
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

/// What a good reply says of a generation.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The job's id, if one is given.
    pub id: Option<String>,
    /// Its status: this alone decides.
    pub word: Word,
    /// The track's address and labels, where an http(s) one is given.
    pub audio: Option<AudioFile>,
    /// The words of its error, where there are any.
    pub error: Option<String>,
    /// What it was charged, in credits.
    pub credits_used: Option<f64>,
    /// What it was charged, in US dollars.
    pub usd_spent: Option<f64>,
}

impl Report {
    /// Reads a good reply to either request.
    pub fn read<J: Json>(body: &J, redactor: Redactor<'_>) -> Self {
        let file = body.get("audio_file");
        let usage = body.get("meta").get("usage");
        let label = |name| file.text_at(name).and_then(|text| redactor.label(&text));
        let url = file.text().or_else(|| file.text_at("url"));
        let status = body.text_at("status");
        Self {
            id: ["id", "generation_id"].iter().find_map(|name| id(&body.get(name))),
            word: match status.as_deref().map(|word| word.trim_ascii().to_ascii_lowercase()).as_deref() {
                None => Word::Missing,
                Some("queued" | "waiting") => Word::Queued,
                Some("generating" | "active" | "processing") => Word::Generating,
                Some("completed" | "complete" | "succeeded") => Word::Completed,
                Some("error" | "failed") => Word::Failed,
                Some(_) => Word::Unknown(redactor.redact(&status.unwrap_or_default())),
            },
            audio: url.as_deref().and_then(read_web_url).map(|url| AudioFile {
                url,
                content_type: label("content_type"),
                file_name: label("file_name"),
                file_size: amount(&file, "file_size"),
                generation_id: String::new(),
            }),
            error: said(&body.get("error"), redactor),
            credits_used: amount(&usage, "credits_used"),
            usd_spent: amount(&usage, "usd_spent"),
        }
    }
}

/// An id: a string, or a number that JavaScript can tell from its neighbours.
fn id<J: Json>(value: &J) -> Option<String> {
    const MAX_SAFE: f64 = 9_007_199_254_740_991.0;
    let number = value.number().filter(|number| (0.0..=MAX_SAFE).contains(number)).map(|_| value.digits());
    value.text().or(number).filter(|id| is_id(id))
}

/// `1e999` is JSON, and Infinity; a snapshot that held it could not be read again.
fn amount<J: Json>(object: &J, name: &str) -> Option<f64> {
    object.get(name).number().filter(|amount| *amount >= 0.0 && amount.is_finite())
}

/// What the body of an HTTP error says.
#[derive(Clone, Debug, Default)]
pub struct Complaint {
    /// The service's words, empty where it has none.
    pub words: String,
    /// Whether it says that the credits are used up.
    pub out_of_credits: bool,
    /// The service's name for the request.
    pub request_id: Option<String>,
}

impl Complaint {
    /// Reads the body of an HTTP error, of either generation.
    pub fn read<J: Json>(body: &J, redactor: Redactor<'_>) -> Self {
        let words = said(body, redactor).unwrap_or_default();
        let kind = body.get("error").get("data").text_at("kind").unwrap_or_default();
        let inner = said(&body.get("error"), redactor).unwrap_or_default();
        let lower = joined(&[words.as_str(), "; ", &inner]).to_ascii_lowercase();
        Self {
            out_of_credits: holds(&kind, "credit") || holds(&lower, "out of credits") || holds(&lower, "out of funds"),
            request_id: body.text_at("requestId").and_then(|id| redactor.label(&id)),
            words,
        }
    }
}

/// The words in an error of any of the shapes that were seen: a string, a list, `{message}`,
/// `{detail}`, `{msg}`, `{error}`, `{errors}`, `{constraints}`, `{name}`.
pub(crate) fn said<J: Json>(value: &J, redactor: Redactor<'_>) -> Option<String> {
    let mut text = String::new();
    gather(value, 0, &mut text);
    (!text.is_empty()).then(|| redactor.redact(&text))
}

/// Where there are more words than this, in bytes, the rest is left out.
const ENOUGH: usize = 4_000;

fn gather<J: Json>(value: &J, depth: u32, words: &mut String) {
    if depth > 4 || words.len() > ENOUGH {
        return;
    }
    match value.kind() {
        Kind::String => {
            if let Some(text) = value.text() {
                let text = text.trim_ascii();
                // Some errors say the same twice.
                if !holds(words, text) {
                    words.push_str(if words.is_empty() { "" } else { "; " });
                    words.push_str(text);
                }
            }
        }
        Kind::Array => {
            for index in 0..8 {
                gather(&value.at(index), depth + 1, words);
            }
        }
        Kind::Object => {
            let before = words.len();
            for name in ["message", "detail", "msg", "error", "errors", "constraints", "name", "title"] {
                let inner = value.get(name);
                gather(&inner, depth + 1, words);
                if matches!(name, "errors" | "constraints") && inner.kind() == Kind::Object {
                    // By field, or by the rule that was broken.
                    inner.each_name(&mut |name| gather(&inner.get(name), depth + 2, words));
                }
                if words.len() > before {
                    break;
                }
            }
        }
        _ => {}
    }
}
