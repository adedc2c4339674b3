//! The bugs of what looks unknown outcomes up.

use std::sync::LazyLock;

use protocol::call::{Call, Event, Next};
use protocol::error::{Error, Failure, Unknown};
use protocol::json::Json;
use protocol::reply::{Body, Reply};
use protocol::time::{Dice, Now};
use serde_json::{Value, json};

use super::Bug;
use crate::machine::{Machine, Memory};
use crate::view::View;

/// How far the clock of a machine in a hurry is put forward.
pub(super) const HURRY: u64 = 15_000;
/// After so long a submit is given up, and after so long by the bug.
pub(super) const SUBMIT_LIMIT: u64 = 60_000;
pub(super) const PATIENCE: u64 = 90_000;

/// Between look-ups that take their time.
pub(super) const LEISURE: u64 = 40_000;

/// The rows of a whole page of the logs.
const ROWS: u32 = 100;

static FAR: LazyLock<Value> = LazyLock::new(|| json!({"reach": 86_400_000_000_u64}));
static UNKNOWN: LazyLock<Value> = LazyLock::new(|| json!({"state": "unknown"}));
static NO_ROWS: LazyLock<Value> = LazyLock::new(|| json!({"data": []}));

/// Dice that always show the least.
pub(super) struct Least;

impl Dice for Least {
    fn roll(&mut self) -> f64 {
        0.0
    }
}

impl Bug {
    /// The key that a submit carries.
    pub(crate) fn header(self, memory: &Memory, value: String) -> String {
        match self {
            Self::NewKeyOnResend if memory.submits > 1 => value.chars().rev().collect(),
            _ => value,
        }
    }

    /// What the driver is told in the machine's place.
    pub(super) fn misled(self, machine: &Machine, event: &Event<View<'_>>) -> Option<Next> {
        let (memory, Event::Reply(reply)) = (&machine.memory, event) else { return None };
        let state = match &reply.body {
            Body::Json(body) => body.get("state").text(),
            _ => None,
        };
        let logs = machine.call.submit_header().is_some_and(|(name, _)| name == "X-Client-Request-Id");
        let submits = machine.call.request().is_some();
        let misled = memory.looking
            && match self {
                Self::ResendUnheard => submits && memory.lookups > 2 && reply.status >= 400,
                Self::TrustNotFound => submits && reply.status == 404,
                Self::TrustAbsenceInLogs => submits && logs && memory.lookups > 2 && reply.status == 200,
                Self::AbsentWithoutTime if !submits && state.as_deref() == Some("none") => {
                    return Some(Next::SettleAbsent);
                }
                Self::GiveUpLookup if reply.status == 200 && state.as_deref() == Some("sending") => {
                    let mut error = Error::of(Failure::SubmitUnknown(Unknown::Network));
                    error.idempotency_key = key(&machine.call);
                    return Some(Next::Settle(Err(error)));
                }
                _ => false,
            };
        misled.then_some(Next::Post)
    }

    /// What the machine hears of a look-up.
    pub(super) fn bend_lookup<'a>(self, call: &Call, mut reply: Reply<View<'a>>) -> Reply<View<'a>> {
        let Body::Json(View::Value(body)) = reply.body else { return reply };
        let over = match self {
            Self::TrustShortReach => &*FAR,
            Self::IgnoreAccepted if body["state"] == "accepted" => &*UNKNOWN,
            Self::IgnoreNone if body["state"] == "none" => &*UNKNOWN,
            Self::OnePageOfLogs => {
                let rows = View::Value(body).get("data");
                let key = key(call);
                let whole = !rows.at(ROWS - 1).is_absent();
                let there = (0..ROWS).any(|index| rows.at(index).get("client_request_id").text() == key);
                if there || !whole {
                    return reply;
                }
                &*NO_ROWS
            }
            _ => return reply,
        };
        reply.body = Body::Json(View::Overlaid(body, over));
        reply
    }

    /// The clock of a machine that thinks that it has waited for long enough.
    pub(super) fn hurried(machine: &mut Machine, event: &Event<View<'_>>, now: Now) -> Now {
        let memory = &mut machine.memory;
        if memory.looked && !memory.looking && matches!(event, Event::Elapsed) {
            memory.ahead += HURRY;
        }
        Now { wall: now.wall + memory.ahead, steady: now.steady + memory.ahead }
    }

    /// Remembers what the driver is told.
    pub(super) fn remember(machine: &mut Machine, next: &Next) {
        let memory = &mut machine.memory;
        memory.looking = *next == Next::LookUp;
        memory.looked |= memory.looking;
        memory.lookups += u32::from(memory.looking);
        memory.submits += u32::from(*next == Next::Post);
    }
}

/// The key of a call's submit.
fn key(call: &Call) -> Option<String> {
    call.submit_header().map(|(_, value)| value.replace('"', ""))
}

/// An error that knows of the last reply alone.
pub(super) fn forgotten(mut error: Error) -> Error {
    if error.http_status.is_some() && matches!(error.failure, Failure::SubmitUnknown(_)) {
        error.failure = Failure::Rejected;
        error.idempotency_key = None;
    }
    error
}
