//! Reading snapshots of generations.

use super::object_reader::{FirstError, ObjectReader, expected, finish, record_first};
use super::untrusted::{Kind, Untrusted};
use super::web_url::is_web_url;
use crate::model::error::Error;
use crate::model::generation::{AudioFile, Generation, PollError, PollErrorCode, Polling, Status};
use crate::model::request::AudioRequest;
use crate::model::text::{concat, is_blank};
use crate::model::time::Now;

impl Generation {
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

fn id<V: Untrusted>(value: &V, what: &str, first_error: &FirstError) -> String {
    let text = value.as_string();
    match &text {
        Some(text) if !is_blank(text) => {}
        Some(_) => record_first(first_error, Error::invalid(concat(&[what, " is blank; expected the service's id"]))),
        None => record_first(first_error, expected(what, value, "the service's id, a string")),
    }
    text.unwrap_or_default()
}
