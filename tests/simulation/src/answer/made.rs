//! How answers are made, of what the service says and of what happens to that on its way.

use emulator::{ApiError, Failure, IdStyle, Outcome, Reply, Status};
use protocol::RetryAfter;

use super::{Answer, Content, Meaning, ReportedStatus, RequestInfo, RetryHint, is_valid_url};
use crate::bodies::BODIES;
use crate::fault::{FaultEffect, RetryAfterHeader};
use crate::reply_value::StatusReply;
use crate::sim_rng::SimRng;

/// The base of audio URLs.
const CDN: &str = "https://cdn.aimlapi.com";

/// What a fault makes of a request, whatever the service says; none for what bends its words.
pub(crate) fn faulty_answer(effect: FaultEffect, asked: RequestInfo, rng: &mut SimRng) -> Option<Answer> {
    let unknown = if asked.create { Meaning::Unknown } else { Meaning::Transient };
    Some(match effect {
        FaultEffect::Normal
        | FaultEffect::StreamStaysOpen
        | FaultEffect::UndocumentedStatus
        | FaultEffect::CompletedWithoutUrl
        | FaultEffect::UselessJson
        | FaultEffect::MisleadingFields
        | FaultEffect::SiblingStatus => {
            return None;
        }
        FaultEffect::NetworkError | FaultEffect::NoReply => Answer::new(unknown, 0, Content::NoReply),
        FaultEffect::BodyNeverRead => Answer::new(Meaning::StreamFailed, 0, Content::NoReply),
        FaultEffect::TruncatedBody => Answer::new(unknown, 200, Content::Truncated),
        FaultEffect::Redirect(status) => {
            // What this redirect leads to is the answer to a POST that was heeded.
            let meaning = if asked.create && status == 303 { Meaning::Unknown } else { Meaning::Refused("rejected") };
            Answer { redirect: true, ..Answer::new(meaning, status, Content::NotJson) }
        }
        FaultEffect::RateLimited(wait) => limited(wait, asked, rng),
        FaultEffect::HtmlPage(status) => Answer::new(page(status, asked.create), status, Content::NotJson),
        FaultEffect::JsonError(status) => error(status, asked, rng),
    })
}

/// What the service says, perhaps bent.
pub(crate) fn service_answer(
    result: Result<Reply<'_>, ApiError>,
    effect: FaultEffect,
    asked: RequestInfo,
    rng: &mut SimRng,
) -> Answer {
    match result {
        Ok(reply) => Answer { open: effect == FaultEffect::StreamStaysOpen, ..good(&reply, effect, asked, rng) },
        Err(ApiError::Unauthorized) => Answer { meaning: Meaning::Unauthorized, ..error(401, asked, rng) },
        Err(ApiError::OutOfCredits) => {
            let body = BODIES.out_of_credits(usize::from(asked.create));
            Answer::new(Meaning::Refused("out_of_credits"), 403, Content::Borrowed(body))
        }
        Err(refusal) => error(refusal.status(), asked, rng),
    }
}

pub(super) fn page(status: u16, create: bool) -> Meaning {
    match status {
        401 => Meaning::Unauthorized,
        429 => Meaning::RateLimited(RetryHint::None),
        404 if !create => Meaning::NotFound,
        403 if create => Meaning::Refused("forbidden"),
        408 if create => Meaning::Unknown,
        400..=499 if create => Meaning::Refused("rejected"),
        _ if create => Meaning::Unknown,
        _ => Meaning::Transient,
    }
}

/// An error of the server half's own; it asks those to wait who are too early.
pub(crate) fn plain_error(status: u16, asked: RequestInfo, rng: &mut SimRng) -> Answer {
    let early = (status == 409).then(|| RetryAfter { text: "2".into(), date: f64::NAN });
    Answer { retry_after: early, ..error(status, asked, rng) }
}

pub(super) fn error(status: u16, asked: RequestInfo, rng: &mut SimRng) -> Answer {
    let style = usize::try_from(rng.within(0, 3)).unwrap_or_default();
    let plain = BODIES.error(status, style);
    let key = asked.key.filter(|_| asked.echo && rng.one_in(2));
    let body = key.map(|key| BODIES.echo(key, usize::from(status) + style)).or(plain);
    let mut meaning = match status {
        401 => Meaning::Unauthorized,
        404 if !asked.create => Meaning::NotFound,
        408 if asked.create => Meaning::Unknown,
        408 | 425 if !asked.create => Meaning::Transient,
        403 => Meaning::Refused("forbidden"),
        400..=499 => Meaning::Refused("rejected"),
        _ if asked.create => Meaning::Unknown,
        _ => Meaning::Transient,
    };
    let mut content = body.map_or(Content::NotJson, Content::Borrowed);
    if status == 403 && rng.one_in(2) {
        meaning = Meaning::Refused("out_of_credits");
        content = Content::Borrowed(BODIES.out_of_credits(style));
    }
    Answer::new(meaning, status, content)
}

fn limited(wait: RetryAfterHeader, asked: RequestInfo, rng: &mut SimRng) -> Answer {
    let written = |text: String, date| Some(RetryAfter { text, date });
    let (retry_after, asks) = match wait {
        RetryAfterHeader::Absent => (None, RetryHint::None),
        RetryAfterHeader::Seconds(seconds) => {
            (written(seconds.to_string(), f64::NAN), RetryHint::Milliseconds(u64::from(seconds) * 1_000))
        }
        RetryAfterHeader::Date(seconds) => {
            let date = asked.wall.saturating_add_signed(i64::from(seconds) * 1_000);
            #[expect(clippy::cast_precision_loss, reason = "moments are far below 2^53")]
            (written("Sun, 22 Nov 2026 15:00:00 GMT".into(), date as f64), RetryHint::Until(date))
        }
        RetryAfterHeader::Invalid => (written("soon".into(), f64::NAN), RetryHint::None),
    };
    let content = match rng.within(0, 2) {
        0 => Content::NotJson,
        style => {
            BODIES.error(429, usize::try_from(style).unwrap_or_default()).map_or(Content::NotJson, Content::Borrowed)
        }
    };
    Answer { retry_after, ..Answer::new(Meaning::RateLimited(asks), 429, content) }
}

fn good(reply: &Reply<'_>, effect: FaultEffect, asked: RequestInfo, rng: &mut SimRng) -> Answer {
    let failure = match &reply.generation.outcome {
        Outcome::Fails(failure) => Some(BODIES.failure(*failure)),
        _ => None,
    };
    let mut said = match (reply.status, &reply.generation.outcome) {
        (Status::Queued | Status::Generating, _) => ReportedStatus::Pending,
        (Status::Error, _) => ReportedStatus::Failed,
        (Status::Completed, Outcome::CompletesWithoutUrl) => ReportedStatus::CompletedWithoutUrl,
        (Status::Completed, Outcome::CompletesWithUrl(url)) if !is_valid_url(url) => {
            ReportedStatus::CompletedWithoutUrl
        }
        (Status::Completed, _) => ReportedStatus::Completed,
    };
    if reply.submitted && asked.ids == IdStyle::FirstRevision {
        said = ReportedStatus::Pending;
    }
    let mean = |said| if asked.create { Meaning::Accepted(said) } else { Meaning::Status(said) };
    if effect == FaultEffect::Normal && asked.thorough {
        return Answer::new(mean(said), 200, Content::Owned(reply.to_json(CDN, asked.ids)));
    }
    let mut told = StatusReply::new(reply, CDN, asked.ids, failure);
    if asked.echo && said == ReportedStatus::Failed {
        told.error = asked.key.map(|key| BODIES.echo(key, usize::from(reply.generation.polls % 5 == 1))).or(told.error);
    }
    match effect {
        FaultEffect::UselessJson => {
            let meaning = if asked.create { Meaning::AcceptedWithoutId } else { Meaning::Transient };
            let which = usize::try_from(rng.within(0, 5)).unwrap_or_default();
            return Answer::new(meaning, 200, Content::Borrowed(&BODIES.empty[which]));
        }
        FaultEffect::UndocumentedStatus if !told.first_revision => {
            said = ReportedStatus::Undocumented;
            let word = rng.pick(&["cancelled", "success", "done", "paused", "COMPLETING", "", "null"]);
            let echoed = asked.key.filter(|_| asked.echo).map(|key| BODIES.word(key));
            told.status = Some(echoed.unwrap_or(word));
        }
        FaultEffect::CompletedWithoutUrl if !told.first_revision => {
            said = ReportedStatus::CompletedWithoutUrl;
            told.status = Some("completed");
            told.audio = None;
        }
        FaultEffect::MisleadingFields if said == ReportedStatus::Pending && !told.first_revision => {
            told.audio = Some(emulator::AudioFile {
                url: "https://cdn.aimlapi.com/example.wav".into(),
                content_type: "audio/wav",
                file_name: "example.wav".into(),
                file_size: 1,
            });
            told.error = Some(BODIES.failure(Failure::NameMessage));
        }
        FaultEffect::SiblingStatus => told.status = told.status.map(|word| sibling(word, rng)),
        _ => {}
    }
    Answer::new(mean(said), 200, Content::Status(told))
}

fn sibling(word: &str, rng: &mut SimRng) -> &'static str {
    match word {
        "queued" => rng.pick(&["waiting", "QUEUED"]),
        "generating" => rng.pick(&["active", "processing", " Generating"]),
        "completed" => rng.pick(&["complete", "succeeded", "COMPLETED\n"]),
        _ => rng.pick(&["failed", "Error "]),
    }
}
