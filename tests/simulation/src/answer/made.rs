//! How answers are made, of what the service says and of what happens to that on its way.

use emulator::{ApiError, Failure, IdStyle, Outcome, Reply, Status};
use protocol::reply::RetryAfter;

use super::{Answer, Asked, Content, Meaning, Question, Said, is_sound};
use crate::bodies::BODIES;
use crate::chance::Chance;
use crate::fault::{Then, Wait};
use crate::view::Told;

/// The base of audio URLs.
const CDN: &str = "https://cdn.aimlapi.com";

/// What a fault makes of a request, whatever the service says; none for what bends its words.
pub(crate) fn faulty(then: Then, asked: Question, chance: &mut Chance) -> Option<Answer> {
    let unknown = if asked.create { Meaning::Unknown } else { Meaning::Passing };
    Some(match then {
        Then::Normal | Then::Open | Then::Strange | Then::Blank | Then::Empty | Then::Decoy | Then::Sibling => {
            return None;
        }
        Then::Lost | Then::Silent => Answer::new(unknown, 0, Content::Nothing),
        Then::Unread => Answer::new(Meaning::InVain, 0, Content::Nothing),
        Then::Cut => Answer::new(unknown, 200, Content::Broken),
        Then::Redirect(status) => {
            // What this redirect leads to is the answer to a POST that was heeded.
            let meaning = if asked.create && status == 303 { Meaning::Unknown } else { Meaning::Refused("rejected") };
            Answer { redirect: true, ..Answer::new(meaning, status, Content::Text) }
        }
        Then::Limited(wait) => limited(wait, asked, chance),
        Then::Page(status) => Answer::new(page(status, asked.create), status, Content::Text),
        Then::Error(status) => error(status, asked, chance),
    })
}

/// What the service says, perhaps bent.
pub(crate) fn said(result: Result<Reply<'_>, ApiError>, then: Then, asked: Question, chance: &mut Chance) -> Answer {
    match result {
        Ok(reply) => Answer { open: then == Then::Open, ..good(&reply, then, asked, chance) },
        Err(ApiError::Unauthorized) => Answer { meaning: Meaning::Unauthorized, ..error(401, asked, chance) },
        Err(ApiError::OutOfCredits) => {
            let body = BODIES.out_of_credits(usize::from(asked.create));
            Answer::new(Meaning::Refused("out_of_credits"), 403, Content::Lent(body))
        }
        Err(refusal) => error(refusal.status(), asked, chance),
    }
}

pub(super) fn page(status: u16, create: bool) -> Meaning {
    match status {
        401 => Meaning::Unauthorized,
        429 => Meaning::Limited(Asked::Nothing),
        404 if !create => Meaning::Missed,
        403 if create => Meaning::Refused("forbidden"),
        408 if create => Meaning::Unknown,
        400..=499 if create => Meaning::Refused("rejected"),
        _ if create => Meaning::Unknown,
        _ => Meaning::Passing,
    }
}

/// An error of the server half's own; it asks those to wait who are too early.
pub(crate) fn plain_error(status: u16, asked: Question, chance: &mut Chance) -> Answer {
    let early = (status == 409).then(|| RetryAfter { text: "2".into(), date: f64::NAN });
    Answer { retry_after: early, ..error(status, asked, chance) }
}

pub(super) fn error(status: u16, asked: Question, chance: &mut Chance) -> Answer {
    let style = usize::try_from(chance.within(0, 3)).unwrap_or_default();
    let plain = BODIES.error(status, style);
    let key = asked.key.filter(|_| asked.echo && chance.one_in(2));
    let body = key.map(|key| BODIES.echo(key, usize::from(status) + style)).or(plain);
    let mut meaning = match status {
        401 => Meaning::Unauthorized,
        404 if !asked.create => Meaning::Missed,
        408 if asked.create => Meaning::Unknown,
        408 | 425 if !asked.create => Meaning::Passing,
        403 => Meaning::Refused("forbidden"),
        400..=499 => Meaning::Refused("rejected"),
        _ if asked.create => Meaning::Unknown,
        _ => Meaning::Passing,
    };
    let mut content = body.map_or(Content::Text, Content::Lent);
    if status == 403 && chance.one_in(2) {
        meaning = Meaning::Refused("out_of_credits");
        content = Content::Lent(BODIES.out_of_credits(style));
    }
    Answer::new(meaning, status, content)
}

fn limited(wait: Wait, asked: Question, chance: &mut Chance) -> Answer {
    let written = |text: String, date| Some(RetryAfter { text, date });
    let (retry_after, asks) = match wait {
        Wait::Hidden => (None, Asked::Nothing),
        Wait::Seconds(seconds) => {
            (written(seconds.to_string(), f64::NAN), Asked::Milliseconds(u64::from(seconds) * 1_000))
        }
        Wait::Date(seconds) => {
            let date = asked.wall.saturating_add_signed(i64::from(seconds) * 1_000);
            #[expect(clippy::cast_precision_loss, reason = "moments are far below 2^53")]
            (written("Sun, 22 Nov 2026 15:00:00 GMT".into(), date as f64), Asked::Until(date))
        }
        Wait::Junk => (written("soon".into(), f64::NAN), Asked::Nothing),
    };
    let content = match chance.within(0, 2) {
        0 => Content::Text,
        style => BODIES.error(429, usize::try_from(style).unwrap_or_default()).map_or(Content::Text, Content::Lent),
    };
    Answer { retry_after, ..Answer::new(Meaning::Limited(asks), 429, content) }
}

fn good(reply: &Reply<'_>, then: Then, asked: Question, chance: &mut Chance) -> Answer {
    let failure = match &reply.generation.outcome {
        Outcome::Fails(failure) => Some(BODIES.failure(*failure)),
        _ => None,
    };
    let mut said = match (reply.status, &reply.generation.outcome) {
        (Status::Queued | Status::Generating, _) => Said::Pending,
        (Status::Error, _) => Said::Failed,
        (Status::Completed, Outcome::CompletesWithoutUrl) => Said::Blank,
        (Status::Completed, Outcome::CompletesWithUrl(url)) if !is_sound(url) => Said::Blank,
        (Status::Completed, _) => Said::Completed,
    };
    if reply.submitted && asked.ids == IdStyle::FirstRevision {
        said = Said::Pending;
    }
    let mean = |said| if asked.create { Meaning::Accepted(said) } else { Meaning::Said(said) };
    if then == Then::Normal && asked.thorough {
        return Answer::new(mean(said), 200, Content::Owned(reply.to_json(CDN, asked.ids)));
    }
    let mut told = Told::new(reply, CDN, asked.ids, failure);
    if asked.echo && said == Said::Failed {
        told.error = asked.key.map(|key| BODIES.echo(key, usize::from(reply.generation.polls % 5 == 1))).or(told.error);
    }
    match then {
        Then::Empty => {
            let meaning = if asked.create { Meaning::Nameless } else { Meaning::Passing };
            let which = usize::try_from(chance.within(0, 5)).unwrap_or_default();
            return Answer::new(meaning, 200, Content::Lent(&BODIES.empty[which]));
        }
        Then::Strange if !told.first_revision => {
            said = Said::Strange;
            let word = chance.pick(&["cancelled", "success", "done", "paused", "COMPLETING", "", "null"]);
            let echoed = asked.key.filter(|_| asked.echo).map(|key| BODIES.word(key));
            told.status = Some(echoed.unwrap_or(word));
        }
        Then::Blank if !told.first_revision => {
            said = Said::Blank;
            told.status = Some("completed");
            told.audio = None;
        }
        Then::Decoy if said == Said::Pending && !told.first_revision => {
            told.audio = Some(emulator::AudioFile {
                url: "https://cdn.aimlapi.com/example.wav".into(),
                content_type: "audio/wav",
                file_name: "example.wav".into(),
                file_size: 1,
            });
            told.error = Some(BODIES.failure(Failure::NameMessage));
        }
        Then::Sibling => told.status = told.status.map(|word| sibling(word, chance)),
        _ => {}
    }
    Answer::new(mean(said), 200, Content::Told(told))
}

fn sibling(word: &str, chance: &mut Chance) -> &'static str {
    match word {
        "queued" => chance.pick(&["waiting", "QUEUED"]),
        "generating" => chance.pick(&["active", "processing", " Generating"]),
        "completed" => chance.pick(&["complete", "succeeded", "COMPLETED\n"]),
        _ => chance.pick(&["failed", "Error "]),
    }
}
