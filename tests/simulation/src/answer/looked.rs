//! Answers to look-ups, and what they mean.

use serde_json::{Value, json};

use super::{Answer, Content, Meaning, Question, made};
use crate::bodies::BODIES;
use crate::chance::Chance;
use crate::fault::Then;
use crate::server::{Known, Skill};

/// The rows of a whole page of the logs.
const ROWS: usize = 100;

/// What ends a look-up for good.
const ENDED: Meaning = Meaning::Refused("submit_unknown");

/// What the server half tells of a key, perhaps bent. `reply` answers the submit that was accepted.
pub(crate) fn told(
    key: &str,
    (known, reach): (&Known, u64),
    reply: Option<Answer>,
    then: Then,
    chance: &mut Chance,
) -> Answer {
    let accepted = reply.as_ref().map(|reply| reply.meaning);
    let (mut state, mut meaning) = match known {
        _ if reply.is_some() => ("accepted", accepted.unwrap_or(ENDED)),
        Known::Nothing => ("none", Meaning::Absent(reach)),
        Known::Sending => ("sending", Meaning::Undecided(reach)),
        Known::Accepted(_) | Known::Unknown | Known::Hidden => ("unknown", Meaning::Undecided(reach)),
    };
    let mut body = json!({"idempotencyKey": key, "reach": reach});
    if let Some(Content::Owned(reply)) = reply.map(|reply| reply.content) {
        body["reply"] = reply;
    }
    match then {
        Then::Empty => {
            let which = usize::try_from(chance.within(0, 5)).unwrap_or_default();
            return Answer::new(ENDED, 200, Content::Lent(&BODIES.empty[which]));
        }
        Then::Strange => (state, meaning) = (chance.pick(&["paused", "Accepted", ""]), Meaning::Unclear(reach)),
        Then::Decoy => (body["idempotencyKey"], meaning) = ("another".into(), ENDED),
        Then::Blank if state == "accepted" => {
            (body["reply"], meaning) = (json!({"status": "queued"}), Meaning::Unclear(reach));
        }
        _ => {}
    }
    body["state"] = state.into();
    Answer { open: then == Then::Open, ..Answer::new(meaning, 200, Content::Owned(body)) }
}

/// What a server says that knows no look-up.
pub(crate) fn ignorant(skill: Skill, asked: Question, chance: &mut Chance) -> Answer {
    match skill {
        Skill::Error(status) => made::error(status, asked, chance),
        Skill::Page(status) => Answer::new(Meaning::Passing, status, Content::Text),
        Skill::Knows | Skill::Else => {
            let which = usize::try_from(chance.within(0, 5)).unwrap_or_default();
            Answer::new(ENDED, 200, Content::Lent(&BODIES.empty[which]))
        }
    }
}

/// A page of the logs, perhaps bent; `listed` where it has the key.
pub(crate) fn logged(page: Value, listed: Option<Meaning>, then: Then, chance: &mut Chance) -> Answer {
    if then == Then::Empty {
        let which = usize::try_from(chance.within(0, 5)).unwrap_or_default();
        return Answer::new(Meaning::Passing, 200, Content::Lent(&BODIES.empty[which]));
    }
    let full = page["data"].as_array().is_some_and(|rows| rows.len() >= ROWS);
    let meaning = listed.unwrap_or(Meaning::Unlisted(full));
    Answer { open: then == Then::Open, ..Answer::new(meaning, 200, Content::Owned(page)) }
}

impl Answer {
    /// What this error means where a look-up meets it.
    pub(crate) fn for_lookup(self, logs: bool) -> Self {
        let json = matches!(self.content, Content::Lent(_) | Content::Owned(_) | Content::Told(_));
        let meaning = match self.status {
            _ if self.redirect => ENDED,
            _ if self.is_lost() => Meaning::Passing,
            200..=299 | 429 => self.meaning,
            401 => Meaning::Unauthorized,
            408 | 425 => Meaning::Passing,
            400..=499 if json => ENDED,
            403 | 404 if logs => ENDED,
            _ => Meaning::Passing,
        };
        Self { meaning, ..self }
    }
}
