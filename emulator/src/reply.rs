//! What the service says of a job.

use serde_json::{Map, Value, json};

use crate::{
    CREDITS_PER_DOLLAR, Failure, IdStyle, Job, Outcome, Status,
    file::{file_name, file_path, file_size},
};

/// The reply of 2xx to a submit or a poll, not yet written as JSON.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reply<'a> {
    /// The job it tells of.
    pub job: &'a Job,
    /// Its status now.
    pub status: Status,
    /// Is this the answer to a submit? It then carries the price.
    pub submitted: bool,
}

/// Where the audio is, and what the service says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioFile {
    /// An absolute URL, unless the job's outcome says otherwise.
    pub url: String,
    /// `application/octet-stream`: wrong, as the service's is.
    pub content_type: &'static str,
    /// The last part of the URL.
    pub file_name: String,
    /// Bytes.
    pub file_size: u64,
}

impl Reply<'_> {
    /// The audio, once completed; its URL begins with `base`.
    pub fn audio_file(&self, base: &str) -> Option<AudioFile> {
        if self.status != Status::Completed {
            return None;
        }
        let url = match &self.job.outcome {
            Outcome::CompletesWithUrl(url) => url.to_string(),
            Outcome::Completes => format!("{base}{}", file_path(self.job)),
            Outcome::CompletesWithoutUrl | Outcome::Fails(_) => return None,
        };
        Some(AudioFile {
            url,
            content_type: "application/octet-stream",
            file_name: file_name(self.job),
            file_size: file_size(self.job.seconds_total),
        })
    }

    /// What went wrong, in the shape the job's outcome names; `null` unless it failed.
    pub fn error(&self) -> Value {
        match (self.status, &self.job.outcome) {
            (Status::Error, Outcome::Fails(failure)) => failure.to_json(),
            _ => Value::Null,
        }
    }

    /// Credits to tell: on a submit and once completed. What failed is not billed.
    pub fn credits_used(&self) -> Option<u64> {
        (self.submitted || self.status == Status::Completed).then_some(self.job.credits)
    }

    /// The JSON body; `base` is what audio URLs begin with.
    pub fn to_json(&self, base: &str, ids: IdStyle) -> Value {
        let mut body = Map::new();
        if self.submitted && ids == IdStyle::FirstRevision {
            body.insert("generation_id".into(), Value::from(&*self.job.id));
            return Value::Object(body);
        }
        let audio = self.audio_file(base).map_or(Value::Null, |audio| {
            json!({"url": audio.url, "content_type": audio.content_type,
                "file_name": audio.file_name, "file_size": audio.file_size})
        });
        let meta = self
            .credits_used()
            .map_or(Value::Null, |credits| json!({"usage": {"credits_used": credits, "usd_spent": usd(credits)}}));
        body.insert("audio_file".into(), audio);
        body.insert("error".into(), self.error());
        body.insert("id".into(), Value::from(&*self.job.id));
        body.insert("meta".into(), meta);
        body.insert("status".into(), Value::from(self.status.as_str()));
        Value::Object(body)
    }
}

impl Failure {
    /// The `error` field.
    pub fn to_json(self) -> Value {
        const WORDS: &str = "The model failed to generate audio.";
        match self {
            Self::Null => Value::Null,
            Self::String => WORDS.into(),
            Self::NameMessage => json!({"name": "GenerationError", "message": WORDS}),
            Self::Message => json!({"message": WORDS}),
            Self::DetailString => json!({"detail": WORDS}),
            Self::DetailList => json!({"detail": [{"loc": ["body", "prompt"],
                "msg": "prompt could not be processed", "type": "value_error"}]}),
        }
    }
}

/// Credits in dollars.
#[allow(clippy::cast_precision_loss, reason = "prices are far below 2^52")]
pub(crate) fn usd(credits: u64) -> f64 {
    credits as f64 / CREDITS_PER_DOLLAR as f64
}

/// Credits in dollars, as a header has them.
pub(crate) fn usd_text(credits: u64) -> String {
    usd(credits).to_string()
}
