//! The snapshot of a generation: all that is known of it, as plain data.

use serde::{Serialize, Serializer};

use super::request::AudioRequest;
use super::time::Now;

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
    pub(crate) fn read(name: &str) -> Option<Self> {
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
    /// The request, if it is known.
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
