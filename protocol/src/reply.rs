//! Reading what the service answers, in every shape that it was seen to have.

use crate::generation::{AudioFile, is_web_url};
use crate::json::{Json, Kind};
use crate::options::millis;
use crate::secret::Hidden;
use crate::text::{brief, holds, joined};

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
}

/// A reply's body.
#[derive(Clone, Debug)]
pub enum Body<J> {
    /// It was read whole, and is JSON.
    Json(J),
    /// It was read whole, and is something else.
    Text,
    /// It broke off or was longer than 1 MiB.
    Broken,
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
        let text = self.text.trim();
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            let digit = |byte: u8| u64::from(byte.saturating_sub(b'0'));
            let seconds = text.bytes().fold(0_u64, |sum, byte| sum.saturating_mul(10).saturating_add(digit(byte)));
            return (!text.is_empty()).then(|| seconds.saturating_mul(1_000).min(HOUR));
        }
        self.date.is_finite().then(|| millis(self.date).saturating_sub(wall).min(HOUR))
    }
}

/// A status as the service words it.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    Missing,
    /// Anything else.
    Unknown(String),
}

/// What a good reply says of a generation.
#[derive(Clone, Debug)]
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
    /// Reads a good reply to either request. What is hidden is scrubbed from the service's words.
    pub fn read<J: Json>(body: &J, hidden: Hidden<'_>) -> Self {
        let file = body.get("audio_file");
        let usage = body.get("meta").get("usage");
        let words = |value: &J| value.text().map(|text| hidden.scrub(&text));
        Self {
            id: ["id", "generation_id"]
                .iter()
                .find_map(|name| body.get(name).text().filter(|id| !id.trim().is_empty())),
            word: match body.get("status").text().as_deref() {
                None => Word::Missing,
                Some("queued" | "waiting") => Word::Queued,
                Some("generating" | "active" | "processing") => Word::Generating,
                Some("completed" | "complete" | "succeeded") => Word::Completed,
                Some("error" | "failed") => Word::Failed,
                Some(other) => Word::Unknown(brief(&hidden.scrub(other))),
            },
            audio: file.get("url").text().filter(|url| is_web_url(url)).map(|url| AudioFile {
                url,
                content_type: words(&file.get("content_type")),
                file_name: words(&file.get("file_name")),
                file_size: amount(&file, "file_size"),
                generation_id: String::new(),
            }),
            error: said(&body.get("error"), hidden),
            credits_used: amount(&usage, "credits_used"),
            usd_spent: amount(&usage, "usd_spent"),
        }
    }
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
    pub fn read<J: Json>(body: &J, hidden: Hidden<'_>) -> Self {
        let words = said(body, hidden).unwrap_or_default();
        let kind = body.get("error").get("data").get("kind").text().unwrap_or_default();
        let inner = said(&body.get("error"), hidden).unwrap_or_default();
        let lower = joined(&[words.as_str(), "; ", &inner]).to_ascii_lowercase();
        Self {
            out_of_credits: holds(&kind, "credit") || holds(&lower, "out of credits") || holds(&lower, "out of funds"),
            request_id: body.get("requestId").text().map(|id| brief(&hidden.scrub(&id))),
            words,
        }
    }
}

/// The words in an error of any of the shapes that were seen: a string, a list, `{message}`,
/// `{detail}`, `{msg}`, `{error}`, `{name}`.
///
/// Scrubbed before they are cut, so that no half of a key is left at the cut.
fn said<J: Json>(value: &J, hidden: Hidden<'_>) -> Option<String> {
    let mut text = String::new();
    gather(value, 0, &mut text);
    (!text.is_empty()).then(|| brief(&hidden.scrub(&text)))
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
                let text = text.trim();
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
            for name in ["message", "detail", "msg", "error", "name", "title"] {
                gather(&value.get(name), depth + 1, words);
                if words.len() > before {
                    break;
                }
            }
        }
        _ => {}
    }
}
