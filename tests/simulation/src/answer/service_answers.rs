//! Answers made of what the service says, and of what happens to that on its way.

use emulator::{ApiError, Failure, IdStyle, Outcome, Reply, Status};
use protocol::RetryAfter;

use super::{Answer, Content, Meaning, ReportedStatus, RequestInfo, RetryHint, is_valid_url};
use crate::bodies::BODIES;
use crate::fault::{FaultEffect, RetryAfterHeader};
use crate::reply_value::StatusReply;
use crate::sim_rng::SimRng;

/// The base of audio URLs.
const CDN: &str = "https://cdn.aimlapi.com";

/// The answer to a request with a fault, whatever the service says; none for a fault that only alters content.
pub(crate) fn faulty_answer(effect: FaultEffect, request: RequestInfo, rng: &mut SimRng) -> Option<Answer> {
    let unknown = if request.create { Meaning::Unknown } else { Meaning::Transient };
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
            // A 303 follows after the POST was processed.
            let meaning = if request.create && status == 303 { Meaning::Unknown } else { Meaning::Refused("rejected") };
            Answer { redirect: true, ..Answer::new(meaning, status, Content::NotJson) }
        }
        FaultEffect::RateLimited(wait) => limited(wait, request, rng),
        FaultEffect::HtmlPage(status) => Answer::new(page(status, request.create), status, Content::NotJson),
        FaultEffect::JsonError(status) => error(status, request, rng),
    })
}

/// What the service says, perhaps altered by a fault.
pub(crate) fn service_answer(
    result: Result<Reply<'_>, ApiError>,
    effect: FaultEffect,
    request: RequestInfo,
    rng: &mut SimRng,
) -> Answer {
    match result {
        Ok(reply) => Answer { open: effect == FaultEffect::StreamStaysOpen, ..good(&reply, effect, request, rng) },
        Err(ApiError::Unauthorized) => Answer { meaning: Meaning::Unauthorized, ..error(401, request, rng) },
        Err(ApiError::OutOfCredits) => {
            let body = BODIES.out_of_credits(usize::from(request.create));
            Answer::new(Meaning::Refused("out_of_credits"), 403, Content::Borrowed(body))
        }
        Err(refusal) => error(refusal.status(), request, rng),
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

/// An error of the server half itself; a 409 asks to wait.
pub(crate) fn plain_error(status: u16, request: RequestInfo, rng: &mut SimRng) -> Answer {
    let early = (status == 409).then(|| RetryAfter { text: "2".into(), date: f64::NAN });
    Answer { retry_after: early, ..error(status, request, rng) }
}

pub(super) fn error(status: u16, request: RequestInfo, rng: &mut SimRng) -> Answer {
    let style = usize::try_from(rng.within(0, 3)).unwrap_or_default();
    let plain = BODIES.error(status, style);
    let key = request.key.filter(|_| request.echo && rng.one_in(2));
    let body = key.map(|key| BODIES.echo(key, usize::from(status) + style)).or(plain);
    let mut meaning = match status {
        401 => Meaning::Unauthorized,
        404 if !request.create => Meaning::NotFound,
        408 if request.create => Meaning::Unknown,
        408 | 425 if !request.create => Meaning::Transient,
        403 => Meaning::Refused("forbidden"),
        400..=499 => Meaning::Refused("rejected"),
        _ if request.create => Meaning::Unknown,
        _ => Meaning::Transient,
    };
    let mut content = body.map_or(Content::NotJson, Content::Borrowed);
    if status == 403 && rng.one_in(2) {
        meaning = Meaning::Refused("out_of_credits");
        content = Content::Borrowed(BODIES.out_of_credits(style));
    }
    Answer::new(meaning, status, content)
}

fn limited(wait: RetryAfterHeader, request: RequestInfo, rng: &mut SimRng) -> Answer {
    let written = |text: String, date| Some(RetryAfter { text, date });
    let (retry_after, asks) = match wait {
        RetryAfterHeader::Absent => (None, RetryHint::None),
        RetryAfterHeader::Seconds(seconds) => {
            (written(seconds.to_string(), f64::NAN), RetryHint::Milliseconds(u64::from(seconds) * 1_000))
        }
        RetryAfterHeader::Date(seconds) => {
            let date = request.wall.saturating_add_signed(i64::from(seconds) * 1_000);
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

fn good(reply: &Reply<'_>, effect: FaultEffect, request: RequestInfo, rng: &mut SimRng) -> Answer {
    let failure = match &reply.generation.outcome {
        Outcome::Fails(failure) => Some(BODIES.failure(*failure)),
        _ => None,
    };
    let mut reported = match (reply.status, &reply.generation.outcome) {
        (Status::Queued | Status::Generating, _) => ReportedStatus::Pending,
        (Status::Error, _) => ReportedStatus::Failed,
        (Status::Completed, Outcome::CompletesWithoutUrl) => ReportedStatus::CompletedWithoutUrl,
        (Status::Completed, Outcome::CompletesWithUrl(url)) if !is_valid_url(url) => {
            ReportedStatus::CompletedWithoutUrl
        }
        (Status::Completed, _) => ReportedStatus::Completed,
    };
    if reply.submitted && request.ids == IdStyle::FirstRevision {
        reported = ReportedStatus::Pending;
    }
    let mean = |reported| if request.create { Meaning::Accepted(reported) } else { Meaning::Status(reported) };
    if effect == FaultEffect::Normal && request.thorough {
        return Answer::new(mean(reported), 200, Content::Owned(reply.to_json(CDN, request.ids)));
    }
    let mut status_reply = StatusReply::new(reply, CDN, request.ids, failure);
    if request.echo && reported == ReportedStatus::Failed {
        status_reply.error = request
            .key
            .map(|key| BODIES.echo(key, usize::from(reply.generation.polls % 5 == 1)))
            .or(status_reply.error);
    }
    match effect {
        FaultEffect::UselessJson => {
            let meaning = if request.create { Meaning::AcceptedWithoutId } else { Meaning::Transient };
            let choice = usize::try_from(rng.within(0, 5)).unwrap_or_default();
            return Answer::new(meaning, 200, Content::Borrowed(&BODIES.empty[choice]));
        }
        FaultEffect::UndocumentedStatus if !status_reply.first_revision => {
            reported = ReportedStatus::Undocumented;
            let word = rng.pick(&["cancelled", "success", "done", "paused", "COMPLETING", "", "null"]);
            let echoed = request.key.filter(|_| request.echo).map(|key| BODIES.undocumented_status(key));
            status_reply.status = Some(echoed.unwrap_or(word));
        }
        FaultEffect::CompletedWithoutUrl if !status_reply.first_revision => {
            reported = ReportedStatus::CompletedWithoutUrl;
            status_reply.status = Some("completed");
            status_reply.audio = None;
        }
        FaultEffect::MisleadingFields if reported == ReportedStatus::Pending && !status_reply.first_revision => {
            status_reply.audio = Some(emulator::AudioFile {
                url: "https://cdn.aimlapi.com/example.wav".into(),
                content_type: "audio/wav",
                file_name: "example.wav".into(),
                file_size: 1,
            });
            status_reply.error = Some(BODIES.failure(Failure::NameMessage));
        }
        FaultEffect::SiblingStatus => status_reply.status = status_reply.status.map(|word| sibling(word, rng)),
        _ => {}
    }
    Answer::new(mean(reported), 200, Content::Status(status_reply))
}

fn sibling(word: &str, rng: &mut SimRng) -> &'static str {
    match word {
        "queued" => rng.pick(&["waiting", "QUEUED"]),
        "generating" => rng.pick(&["active", "processing", " Generating"]),
        "completed" => rng.pick(&["complete", "succeeded", "COMPLETED\n"]),
        _ => rng.pick(&["failed", "Error "]),
    }
}
