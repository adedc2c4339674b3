//! Replies as the protocol reads them, without writing and parsing JSON.

use std::sync::Arc;

use emulator::{AudioFile, IdStyle, Reply, Status};
use protocol::{Kind, Untrusted};
use serde_json::Value;

/// A foreign value, borrowed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ReplyValue<'a> {
    /// `undefined`.
    Absent,
    /// `null`.
    Null,
    /// A number.
    Number(f64),
    /// A string.
    Text(&'a str),
    /// Any JSON.
    Value(&'a Value),
    /// The same, but for what the second one says.
    Overlaid(&'a Value, &'static Value),
    /// A good reply.
    Status(&'a StatusReply),
    /// Its `audio_file`.
    Audio(&'a AudioFile),
    /// Its `meta`.
    Meta(u64),
    /// Its `meta.usage`.
    Usage(u64),
}

/// A good reply of the service, perhaps altered by a fault.
#[derive(Clone, Debug, Default)]
pub(crate) struct StatusReply {
    pub(crate) id: Arc<str>,
    /// The reply is of the first revision: `generation_id` and nothing else.
    pub(crate) first_revision: bool,
    pub(crate) status: Option<&'static str>,
    pub(crate) audio: Option<AudioFile>,
    pub(crate) error: Option<&'static Value>,
    pub(crate) credits: Option<u64>,
}

impl StatusReply {
    /// What the service says, but for the words of an error, which are passed in.
    pub(crate) fn new(reply: &Reply<'_>, base: &str, ids: IdStyle, failure: Option<&'static Value>) -> Self {
        let id = Arc::clone(&reply.generation.id);
        if reply.submitted && ids == IdStyle::FirstRevision {
            return Self { id, first_revision: true, ..Self::default() };
        }
        Self {
            id,
            first_revision: false,
            status: Some(reply.status.as_str()),
            audio: reply.audio_file(base),
            error: failure.filter(|_| reply.status == Status::Error),
            credits: reply.credits_used(),
        }
    }

    fn get(&self, name: &str) -> ReplyValue<'_> {
        match name {
            _ if self.first_revision => match name {
                "generation_id" => ReplyValue::Text(&self.id),
                _ => ReplyValue::Absent,
            },
            "id" => ReplyValue::Text(&self.id),
            "status" => self.status.map_or(ReplyValue::Absent, ReplyValue::Text),
            "audio_file" => self.audio.as_ref().map_or(ReplyValue::Null, ReplyValue::Audio),
            "error" => self.error.map_or(ReplyValue::Null, ReplyValue::Value),
            "meta" => self.credits.map_or(ReplyValue::Null, ReplyValue::Meta),
            _ => ReplyValue::Absent,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes and prices are far below 2^52")]
impl Untrusted for ReplyValue<'_> {
    fn kind(&self) -> Kind {
        match self {
            Self::Absent => Kind::Undefined,
            Self::Null => Kind::Null,
            Self::Number(_) => Kind::Number,
            Self::Text(_) => Kind::String,
            Self::Value(value) => Some(*value).kind(),
            Self::Status(_) | Self::Audio(_) | Self::Meta(_) | Self::Usage(_) | Self::Overlaid(..) => Kind::Object,
        }
    }

    fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Value(value) => value.as_f64(),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some((*text).to_owned()),
            Self::Value(value) => value.as_str().map(str::to_owned),
            _ => None,
        }
    }

    fn get(&self, name: &str) -> Self {
        match *self {
            Self::Value(value) => value.get(name).map_or(ReplyValue::Absent, ReplyValue::Value),
            Self::Overlaid(value, over) => {
                over.get(name).or_else(|| value.get(name)).map_or(ReplyValue::Absent, ReplyValue::Value)
            }
            Self::Status(status_reply) => status_reply.get(name),
            Self::Audio(audio) => match name {
                "url" => ReplyValue::Text(&audio.url),
                "content_type" => ReplyValue::Text(audio.content_type),
                "file_name" => ReplyValue::Text(&audio.file_name),
                "file_size" => ReplyValue::Number(audio.file_size as f64),
                _ => ReplyValue::Absent,
            },
            Self::Meta(credits) if name == "usage" => ReplyValue::Usage(credits),
            Self::Usage(credits) => match name {
                "credits_used" => ReplyValue::Number(credits as f64),
                "usd_spent" => ReplyValue::Number(credits as f64 / emulator::CREDITS_PER_DOLLAR as f64),
                _ => ReplyValue::Absent,
            },
            _ => ReplyValue::Absent,
        }
    }

    fn at(&self, index: u32) -> Self {
        match *self {
            Self::Value(value) => value.get(index as usize).map_or(ReplyValue::Absent, ReplyValue::Value),
            _ => ReplyValue::Absent,
        }
    }

    fn for_each_key(&self, show: &mut dyn FnMut(&str)) {
        if let Self::Value(value) = self {
            Some(*value).for_each_key(show);
        }
    }

    fn is_true(&self) -> bool {
        matches!(self, Self::Value(Value::Bool(true)))
    }

    fn is_plain_object(&self) -> bool {
        true
    }

    fn number_text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Value(value) => value.to_string(),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use emulator::{Config, Failure, Key, Outcome, ScriptedOutcome, Service, Submission};

    use super::*;
    use protocol::Redactor;
    use protocol::StatusBody;

    #[test]
    fn a_reply_value_reads_like_the_json_of_the_service() {
        for ids in [IdStyle::Model, IdStyle::FirstRevision] {
            for outcome in [Outcome::Completes, Outcome::CompletesWithoutUrl, Outcome::Fails(Failure::DetailList)] {
                let mut service = Service::new(Config { ids, ..Config::default() });
                service.next_outcome = ScriptedOutcome { outcome, ends_immediately: false };
                let request = Submission { prompt: "x", ..Submission::default() };
                let id = Arc::clone(&service.submit(0, Key::Demo, &request).unwrap().generation.id);
                for at in [0, 10_000, 100_000] {
                    let reply = service.poll(at, Key::Demo, &id).unwrap();
                    for submitted in [true, false] {
                        let reply = Reply { submitted, ..reply };
                        let failure: &'static Value = Box::leak(Box::new(Failure::DetailList.to_json()));
                        let status_reply = StatusReply::new(&reply, "https://cdn", ids, Some(failure));
                        let written = reply.to_json("https://cdn", ids);
                        let (short, long) = (
                            StatusBody::read(&ReplyValue::Status(&status_reply), Redactor::default()),
                            StatusBody::read(&Some(&written), Redactor::default()),
                        );
                        assert_eq!(format!("{short:?}"), format!("{long:?}"));
                    }
                }
            }
        }
    }
}
