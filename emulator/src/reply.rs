//! The successful responses of the service.

use serde_json::{Map, Value, json};

use crate::{
    CREDITS_PER_DOLLAR, Failure, Generation, IdStyle, Outcome, Status,
    file::{file_name, file_path, file_size},
};

/// The 2xx response to a submit or a poll, not yet serialised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reply<'a> {
    /// The generation that it describes.
    pub generation: &'a Generation,
    /// The current status.
    pub status: Status,
    /// Whether this is the response to a submit, which includes the price.
    pub submitted: bool,
}

/// The audio file of a completed generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioFile {
    /// The URL; absolute, unless the outcome says otherwise.
    pub url: String,
    /// `application/octet-stream`, as the service has it, though it is a WAV file.
    pub content_type: &'static str,
    /// The last segment of the URL.
    pub file_name: String,
    /// The size in bytes.
    pub file_size: u64,
}

impl Reply<'_> {
    /// The audio file, once completed; its URL begins with `base`.
    pub fn audio_file(&self, base: &str) -> Option<AudioFile> {
        if self.status != Status::Completed {
            return None;
        }
        let url = match &self.generation.outcome {
            Outcome::CompletesWithUrl(url) => url.to_string(),
            Outcome::Completes => format!("{base}{}", file_path(self.generation)),
            Outcome::CompletesWithoutUrl | Outcome::Fails(_) => return None,
        };
        Some(AudioFile {
            url,
            content_type: "application/octet-stream",
            file_name: file_name(self.generation),
            file_size: file_size(self.generation.seconds_total),
        })
    }

    /// The `error` field: `null` unless the generation failed.
    pub fn error(&self) -> Value {
        match (self.status, &self.generation.outcome) {
            (Status::Error, Outcome::Fails(failure)) => failure.to_json(),
            _ => Value::Null,
        }
    }

    /// The credits to report: on a submit and once completed. A failed generation is not billed.
    pub fn credits_used(&self) -> Option<u64> {
        (self.submitted || self.status == Status::Completed).then_some(self.generation.credits)
    }

    /// The JSON body; audio URLs begin with `base`.
    pub fn to_json(&self, base: &str, ids: IdStyle) -> Value {
        let mut body = Map::new();
        if self.submitted && ids == IdStyle::FirstRevision {
            body.insert("generation_id".into(), Value::from(&*self.generation.id));
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
        body.insert("id".into(), Value::from(&*self.generation.id));
        body.insert("meta".into(), meta);
        body.insert("status".into(), Value::from(self.status.as_str()));
        Value::Object(body)
    }
}

impl Failure {
    /// The `error` field.
    pub fn to_json(self) -> Value {
        const MESSAGE: &str = "The model failed to generate audio.";
        match self {
            Self::Null => Value::Null,
            Self::String => MESSAGE.into(),
            Self::NameMessage => json!({"name": "GenerationError", "message": MESSAGE}),
            Self::Message => json!({"message": MESSAGE}),
            Self::DetailString => json!({"detail": MESSAGE}),
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

/// Credits in dollars, as the response headers have them.
pub(crate) fn usd_text(credits: u64) -> String {
    usd(credits).to_string()
}
