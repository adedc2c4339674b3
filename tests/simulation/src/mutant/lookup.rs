//! The bugs of what looks unknown outcomes up.

use std::sync::LazyLock;

use protocol::{Action, Body, Call, Error, Event, Failure, Now, Reply, Rng, UnknownReason, Untrusted};
use serde_json::{Value, json};

use super::Mutant;
use crate::machine::{Machine, MutantState};
use crate::reply_value::ReplyValue;

/// How far the clock of a machine in a hurry is put forward.
pub(super) const HURRY: u64 = 15_000;
/// After so long a submit is given up, and after so long by the bug.
pub(super) const SUBMIT_REPLY_TIMEOUT: u64 = 60_000;
pub(super) const REPEAT_TIMEOUT: u64 = 90_000;

/// Between look-ups that take their time.
pub(super) const LEISURE: u64 = 40_000;

/// The rows of a whole page of the logs.
const ROWS: u32 = 100;

static FAR: LazyLock<Value> = LazyLock::new(|| json!({"reach": 86_400_000_000_u64}));
static UNKNOWN: LazyLock<Value> = LazyLock::new(|| json!({"state": "unknown"}));
static NO_ROWS: LazyLock<Value> = LazyLock::new(|| json!({"data": []}));

/// Rng that always show the least.
pub(super) struct LowestRng;

impl Rng for LowestRng {
    fn next_f64(&mut self) -> f64 {
        0.0
    }
}

impl Mutant {
    /// The key that a submit carries.
    pub(crate) fn header(self, state: &MutantState, value: String) -> String {
        match self {
            Self::NewKeyOnResend if state.submits > 1 => value.chars().rev().collect(),
            _ => value,
        }
    }

    /// What the driver is told in the machine's place.
    pub(super) fn misled(self, machine: &Machine, event: &Event<ReplyValue<'_>>) -> Option<Action> {
        let (state, Event::Reply(reply)) = (&machine.state, event) else { return None };
        let lookup_state = match &reply.body {
            Body::Json(body) => body.get("state").as_string(),
            _ => None,
        };
        let logs = machine.call.submit_header().is_some_and(|(name, _)| name == "X-Client-Request-Id");
        let submits = machine.call.request().is_some();
        let misled = state.looking
            && match self {
                Self::ResendUndecided => submits && state.lookups > 2 && reply.status >= 400,
                Self::TrustNotFound => submits && reply.status == 404,
                Self::TrustAbsenceInLogs => submits && logs && state.lookups > 2 && reply.status == 200,
                Self::AbsentWithoutTime if !submits && lookup_state.as_deref() == Some("none") => {
                    return Some(Action::SettleAbsent);
                }
                Self::GiveUpLookup if reply.status == 200 && lookup_state.as_deref() == Some("sending") => {
                    let mut error = Error::of(Failure::SubmitUnknown(UnknownReason::Network));
                    error.idempotency_key = key(&machine.call);
                    return Some(Action::Settle(Err(error)));
                }
                _ => false,
            };
        misled.then_some(Action::SendSubmit)
    }

    /// What the machine hears of a look-up.
    pub(super) fn bend_lookup<'a>(self, call: &Call, mut reply: Reply<ReplyValue<'a>>) -> Reply<ReplyValue<'a>> {
        let Body::Json(ReplyValue::Value(body)) = reply.body else { return reply };
        let over = match self {
            Self::TrustShortReach => &*FAR,
            Self::IgnoreAccepted if body["state"] == "accepted" => &*UNKNOWN,
            Self::IgnoreNone if body["state"] == "none" => &*UNKNOWN,
            Self::OnePageOfLogs => {
                let rows = ReplyValue::Value(body).get("data");
                let key = key(call);
                let whole = !rows.at(ROWS - 1).is_absent();
                let there = (0..ROWS).any(|index| rows.at(index).get("client_request_id").as_string() == key);
                if there || !whole {
                    return reply;
                }
                &*NO_ROWS
            }
            _ => return reply,
        };
        reply.body = Body::Json(ReplyValue::Overlaid(body, over));
        reply
    }

    /// The clock of a machine that thinks that it has waited for long enough.
    pub(super) fn hurried(machine: &mut Machine, event: &Event<ReplyValue<'_>>, now: Now) -> Now {
        let state = &mut machine.state;
        if state.looked && !state.looking && matches!(event, Event::Timeout) {
            state.ahead += HURRY;
        }
        Now { wall: now.wall + state.ahead, monotonic: now.monotonic + state.ahead }
    }

    /// Remembers what the driver is told.
    pub(super) fn remember(machine: &mut Machine, next: &Action) {
        let state = &mut machine.state;
        state.looking = *next == Action::SendLookup;
        state.looked |= state.looking;
        state.lookups += u32::from(state.looking);
        state.submits += u32::from(*next == Action::SendSubmit);
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
