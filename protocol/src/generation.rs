//! The snapshot of a generation: all that is known of it, as plain data.

use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::object_reader::{FirstError, ObjectReader, finish, record_first};
use crate::options::expected;
use crate::request::AudioRequest;
use crate::text::{concat, is_blank};
use crate::time::Now;
use crate::untrusted::{Kind, Untrusted};

/// Where a generation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Accepted, not begun.
    Queued,
    /// In progress.
    Generating,
    /// Done: the audio's URL is known.
    Completed,
    /// Failed, and not billed.
    Error,
}

impl Status {
    /// Parses the name used in snapshots.
    pub fn read(word: &str) -> Option<Self> {
        Some(match word {
            "queued" => Self::Queued,
            "generating" => Self::Generating,
            "completed" => Self::Completed,
            "error" => Self::Error,
            _ => return None,
        })
    }

    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Generating => false,
            Self::Completed | Self::Error => true,
        }
    }
}

/// What kind of transient error the last poll met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PollErrorCode {
    /// The request failed without a reply.
    Network,
    /// No reply within 30 s.
    Timeout,
    /// A transient status: 404, 408, 425, 5xx, or a 4xx page from an intermediary.
    Http,
    /// A reply that could not be read.
    Body,
    /// 429.
    RateLimited,
}

impl PollErrorCode {
    fn read(name: &str) -> Option<Self> {
        [Self::Network, Self::Timeout, Self::Http, Self::Body, Self::RateLimited]
            .into_iter()
            .find(|code| code.name() == name)
    }

    /// Its name in snapshots and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Http => "http",
            Self::Body => "body",
            Self::RateLimited => "rate_limited",
        }
    }
}

/// The transient error of the last poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PollError {
    /// Its kind.
    pub code: PollErrorCode,
    /// The reply's HTTP status, if there was a reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
}

/// What resuming needs to know of the polls so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Polling {
    /// Polls made so far.
    pub checks: u32,
    /// Consecutive transient errors.
    pub errors: u32,
    /// Consecutive 404s; a transient error neither counts nor resets them.
    pub not_found: u32,
    /// Consecutive undocumented statuses; likewise.
    pub unknown_status: u32,
    /// Consecutive `completed` replies without an http(s) URL; likewise.
    pub missing_url: u32,
    /// The transient error of the last poll, if it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<PollError>,
}

/// The audio file of a completed generation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioFile {
    /// An http(s) URL. Its lifetime is not documented: download promptly.
    pub url: String,
    /// The service's label; it says `application/octet-stream` for a WAV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The service's name for the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_size: Option<f64>,
    /// The id of the generation that made it.
    pub generation_id: String,
}

/// The snapshot of a generation. Contains no key; may be stored and passed between pages and workers.
///
/// Has the fields of `Generation` in the package's declarations.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Generation {
    /// The service's opaque id.
    pub id: String,
    /// The last known status.
    pub status: Status,
    /// When it was accepted, in epoch milliseconds.
    #[serde(serialize_with = "number")]
    pub submitted_at: u64,
    /// When to poll next, in epoch milliseconds; absent once final.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "some_number")]
    pub next_check_at: Option<u64>,
    /// When completion is expected, in epoch milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "some_number")]
    pub expected_at: Option<u64>,
    /// What was asked for, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<AudioRequest>,
    /// What the service says that it charged, in credits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credits_used: Option<f64>,
    /// What the service says that it charged, in US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_spent: Option<f64>,
    /// The audio, once completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<AudioFile>,
    /// The error message of the service or its provider, once failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What resuming needs to know of the polls so far.
    pub polling: Polling,
}

impl Generation {
    /// A generation of which only the id is known.
    pub fn new(id: String, now: Now) -> Self {
        Self {
            id,
            status: Status::Queued,
            submitted_at: now.wall,
            next_check_at: None,
            expected_at: None,
            request: None,
            credits_used: None,
            usd_spent: None,
            audio: None,
            error: None,
            polling: Polling::default(),
        }
    }

    /// Reads an id or a snapshot, stored perhaps by another version and edited perhaps by hand.
    ///
    /// Unknown fields are ignored, so that snapshots of later versions can be read.
    ///
    /// # Errors
    /// `invalid_argument`, naming the field that makes no sense.
    pub fn read<V: Untrusted>(value: &V, now: Now) -> Result<Box<Self>, Error> {
        let first_error = FirstError::default();
        let mut generation = Box::new(Self::new(String::new(), now));
        match value.kind() {
            Kind::String => generation.id = id(value, "the generation's id", &first_error),
            Kind::Object => {
                generation.id = id(&value.get("id"), "`generation.id`", &first_error);
                generation.fill(&ObjectReader { value, path: "generation.", first_error: &first_error });
            }
            _ => return Err(expected("the generation", value, "a snapshot or an id")),
        }
        finish(generation, &first_error)
    }

    fn fill<V: Untrusted>(&mut self, snapshot: &ObjectReader<'_, V>) {
        let ObjectReader { value, first_error, .. } = *snapshot;
        self.status = snapshot.keyword("status", Status::read).unwrap_or(Status::Queued);
        self.submitted_at = snapshot.timestamp("submittedAt").unwrap_or(self.submitted_at);
        self.next_check_at = snapshot.timestamp("nextCheckAt").filter(|_| !self.status.is_final());
        self.expected_at = snapshot.timestamp("expectedAt");
        self.credits_used = snapshot.non_negative("creditsUsed");
        self.usd_spent = snapshot.non_negative("usdSpent");
        self.error = snapshot.string("error");
        let request = value.get("request");
        if !request.is_absent() {
            self.request = Some(AudioRequest::known(&request, first_error));
        }
        let polling = value.get("polling");
        match polling.kind() {
            Kind::Undefined | Kind::Null => {}
            Kind::Object => self.polling = polling_of(&polling, first_error),
            _ => snapshot.report_invalid("polling", "an object"),
        }
        if self.status == Status::Completed {
            self.audio = self.audio_of(&value.get("audio"), first_error);
        }
    }

    fn audio_of<V: Untrusted>(&self, value: &V, first_error: &FirstError) -> Option<AudioFile> {
        let Some(url) = value.string_at("url").filter(|url| is_web_url(url)) else {
            let why = "`generation.audio.url` is not an http(s) URL, though the status is completed";
            record_first(first_error, Error::invalid(why.into()));
            return None;
        };
        let audio = ObjectReader { value, path: "generation.audio.", first_error };
        Some(AudioFile {
            url,
            content_type: audio.string("contentType"),
            file_name: audio.string("fileName"),
            file_size: audio.non_negative("fileSize"),
            generation_id: self.id.clone(),
        })
    }
}

fn polling_of<V: Untrusted>(value: &V, first_error: &FirstError) -> Polling {
    let polling = ObjectReader { value, path: "generation.polling.", first_error };
    let error = value.get("lastError");
    let mut last_error = None;
    if !error.is_absent() {
        let error = ObjectReader { value: &error, path: "generation.polling.lastError.", first_error };
        let status =
            error.integer_in("httpStatus", 0, 999, "an HTTP status").and_then(|status| u16::try_from(status).ok());
        last_error = error.keyword("code", PollErrorCode::read).map(|code| PollError { code, http_status: status });
    }
    Polling {
        checks: polling.count("checks"),
        errors: polling.count("errors"),
        not_found: polling.count("notFound"),
        unknown_status: polling.count("unknownStatus"),
        missing_url: polling.count("missingUrl"),
        last_error,
    }
}

/// Whether the text is an absolute http(s) URL, as far as an audio URL must be.
pub fn is_web_url(url: &str) -> bool {
    let after = |scheme: &str| {
        let (start, rest) = url.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let host = after("https://").or_else(|| after("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.starts_with(['/', '?', '#']))
        && url.bytes().all(|byte| byte > b' ' && byte != 0x7F)
}

/// The longest URL that is kept, in bytes.
const MAX_URL: usize = 16_384;

/// An http(s) URL as a browser would read it: white space around it and line breaks in it are dropped,
/// spaces encoded. None for anything else.
pub(crate) fn read_web_url(text: &str) -> Option<String> {
    let mut url = String::new();
    for letter in text.trim_ascii().chars() {
        match letter {
            '\t' | '\n' | '\r' => {}
            ' ' => url.push_str("%20"),
            letter => url.push(letter),
        }
    }
    (url.len() <= MAX_URL && is_web_url(&url)).then_some(url)
}

/// Whether the authority of a web URL contains user information.
fn carries_credentials(url: &str) -> bool {
    let mut bytes = url.bytes().skip(8);
    bytes.find(|byte| b"@/\\?#".contains(byte)) == Some(b'@')
}

/// Reads what a download is given: the URL of a file, and its size in bytes if known, from an
/// [`AudioFile`], a snapshot, a `URL` object or a string.
///
/// # Errors
/// `invalid_argument` for anything but an http(s) URL, and for credentials in it.
pub fn web_address<V: Untrusted>(audio: &V) -> Result<(String, Option<f64>), Error> {
    let file = audio.get("audio");
    let size = [audio.get("fileSize"), file.get("fileSize")].iter().find_map(Untrusted::as_number);
    let url = if audio.kind() == Kind::Object {
        [audio.get("url"), audio.get("href"), file.get("url")].iter().find_map(Untrusted::as_string)
    } else {
        audio.as_string()
    };
    match url.as_deref().and_then(read_web_url) {
        Some(url) if carries_credentials(&url) => Err(Error::invalid("the audio's URL carries credentials".into())),
        Some(url) => Ok((url, size)),
        None => Err(Error::invalid(
            "the audio is no http(s) URL and has none; expected an AudioFile, a completed generation or a URL".into(),
        )),
    }
}

/// The longest id that is kept, in bytes: it has to fit into a URL.
pub(crate) const MAX_ID: usize = 1_024;

fn id<V: Untrusted>(value: &V, what: &str, first_error: &FirstError) -> String {
    let text = value.as_string();
    match &text {
        Some(text) if !is_blank(text) => {}
        Some(_) => record_first(first_error, Error::invalid(concat(&[what, " is blank; expected the service's id"]))),
        None => record_first(first_error, expected(what, value, "the service's id, a string")),
    }
    text.unwrap_or_default()
}

/// JavaScript's numbers are doubles; milliseconds since 1970 fit them exactly.
#[expect(clippy::cast_precision_loss, reason = "moments are far below 2^53")]
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")
)]
fn number<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(*value as f64)
}

#[expect(clippy::ref_option, reason = "the signature that serde calls")]
fn some_number<S: Serializer>(value: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    number(&value.unwrap_or(0), serializer)
}
