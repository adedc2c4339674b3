//! Reading the bodies of good replies, in every shape that was observed.

use super::error_body::error_text;
use super::untrusted::Untrusted;
use super::web_url::read_web_url;
use crate::model::api_key::Redactor;
use crate::model::generation::{AudioFile, Generation, Status};
use crate::model::text::is_blank;

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

impl Generation {
    /// Takes in a good reply. The status alone decides.
    pub(crate) fn apply(&mut self, status_body: StatusBody) {
        self.polling.errors = 0;
        self.polling.not_found = 0;
        self.polling.last_error = None;
        self.credits_used = status_body.credits_used.or(self.credits_used);
        self.usd_spent = status_body.usd_spent.or(self.usd_spent);
        if let RemoteStatus::Unknown(_) | RemoteStatus::Missing = status_body.status {
            self.polling.unknown_status = self.polling.unknown_status.saturating_add(1);
            return;
        }
        self.polling.unknown_status = 0;
        match (status_body.status, status_body.audio) {
            (RemoteStatus::Completed, None) => {
                self.polling.missing_url = self.polling.missing_url.saturating_add(1);
                return;
            }
            (RemoteStatus::Completed, Some(audio)) => {
                self.status = Status::Completed;
                self.audio = Some(AudioFile { generation_id: self.id.clone(), ..audio });
                self.next_check_at = None;
            }
            (RemoteStatus::Failed, _) => {
                self.status = Status::Error;
                self.error = status_body.error;
                self.next_check_at = None;
            }
            (RemoteStatus::Generating, _) => self.status = Status::Generating,
            (RemoteStatus::Queued | RemoteStatus::Missing | RemoteStatus::Unknown(_), _) => {
                self.status = Status::Queued;
            }
        }
        self.polling.missing_url = 0;
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

/// The longest id that is kept, in bytes: it has to fit into a URL.
const MAX_ID: usize = 1_024;

pub(crate) fn is_id(id: &str) -> bool {
    !is_blank(id) && id.len() <= MAX_ID
}
