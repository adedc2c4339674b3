//! Answers to look-ups, and what they mean.

use serde_json::{Value, json};

use super::{Answer, Content, Meaning, RequestInfo, service_answers};
use crate::bodies::BODIES;
use crate::fault::FaultEffect;
use crate::server::{KeyState, LookupSupport};
use crate::sim_rng::SimRng;

/// The rows of a whole page of the logs.
const ROWS: usize = 100;

/// What ends a look-up for good.
const ENDED: Meaning = Meaning::Refused("submit_unknown");

/// What the server half says of a key, perhaps altered by a fault. `reply` is that to the accepted submit.
pub(crate) fn state_answer(
    key: &str,
    (known, reach): (&KeyState, u64),
    reply: Option<Answer>,
    effect: FaultEffect,
    rng: &mut SimRng,
) -> Answer {
    let accepted = reply.as_ref().map(|reply| reply.meaning);
    let (mut state, mut meaning) = match known {
        _ if reply.is_some() => ("accepted", accepted.unwrap_or(ENDED)),
        KeyState::Absent => ("none", Meaning::NeverArrived(reach)),
        KeyState::Sending => ("sending", Meaning::Undecided(reach)),
        KeyState::Accepted(_) | KeyState::Unknown | KeyState::OtherUser => ("unknown", Meaning::Undecided(reach)),
    };
    let mut body = json!({"idempotencyKey": key, "reach": reach});
    if let Some(Content::Owned(reply)) = reply.map(|reply| reply.content) {
        body["reply"] = reply;
    }
    match effect {
        FaultEffect::UselessJson => {
            let choice = usize::try_from(rng.within(0, 5)).unwrap_or_default();
            return Answer::new(ENDED, 200, Content::Borrowed(&BODIES.empty[choice]));
        }
        FaultEffect::UndocumentedStatus => {
            (state, meaning) = (rng.pick(&["paused", "Accepted", ""]), Meaning::InvalidState(reach));
        }
        FaultEffect::MisleadingFields => (body["idempotencyKey"], meaning) = ("another".into(), ENDED),
        FaultEffect::CompletedWithoutUrl if state == "accepted" => {
            (body["reply"], meaning) = (json!({"status": "queued"}), Meaning::InvalidState(reach));
        }
        _ => {}
    }
    body["state"] = state.into();
    Answer { open: effect == FaultEffect::StreamStaysOpen, ..Answer::new(meaning, 200, Content::Owned(body)) }
}

/// What a server replies that does not support look-ups.
pub(crate) fn unsupported_answer(lookup_support: LookupSupport, request: RequestInfo, rng: &mut SimRng) -> Answer {
    match lookup_support {
        LookupSupport::Error(status) => service_answers::error(status, request, rng),
        LookupSupport::Page(status) => Answer::new(Meaning::Transient, status, Content::NotJson),
        LookupSupport::Knows | LookupSupport::Else => {
            let choice = usize::try_from(rng.within(0, 5)).unwrap_or_default();
            Answer::new(ENDED, 200, Content::Borrowed(&BODIES.empty[choice]))
        }
    }
}

/// A page of the logs, perhaps altered by a fault; `listed` if it has the key.
pub(crate) fn logs_answer(page: Value, listed: Option<Meaning>, effect: FaultEffect, rng: &mut SimRng) -> Answer {
    if effect == FaultEffect::UselessJson {
        let choice = usize::try_from(rng.within(0, 5)).unwrap_or_default();
        return Answer::new(Meaning::Transient, 200, Content::Borrowed(&BODIES.empty[choice]));
    }
    let full = page["data"].as_array().is_some_and(|rows| rows.len() >= ROWS);
    let meaning = listed.unwrap_or(Meaning::NotInLogs(full));
    Answer { open: effect == FaultEffect::StreamStaysOpen, ..Answer::new(meaning, 200, Content::Owned(page)) }
}

impl Answer {
    /// What this answer means to a look-up.
    pub(crate) fn for_lookup(self, logs: bool) -> Self {
        let json = matches!(self.content, Content::Borrowed(_) | Content::Owned(_) | Content::Status(_));
        let meaning = match self.status {
            _ if self.redirect => ENDED,
            _ if self.is_lost() => Meaning::Transient,
            200..=299 | 429 => self.meaning,
            401 => Meaning::Unauthorized,
            408 | 425 => Meaning::Transient,
            400..=499 if json => ENDED,
            403 | 404 if logs => ENDED,
            _ => Meaning::Transient,
        };
        Self { meaning, ..self }
    }
}
