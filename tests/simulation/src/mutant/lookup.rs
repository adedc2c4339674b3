//! The mutants of look-ups.

use std::sync::LazyLock;

use protocol::{Action, Body, Error, Event, Failure, Now, Purpose, Recovery, Reply, Rng, UnknownReason, Untrusted};
use serde_json::{Value, json};

use super::Mutant;
use crate::machine::Machine;
use crate::reply_value::ReplyValue;

/// How far the clock of a hurried mutant is put forward.
pub(super) const HURRY: u64 = 15_000;
/// After so long a submit is given up, and after so long by the mutant.
pub(super) const SUBMIT_REPLY_TIMEOUT: u64 = 60_000;
pub(super) const REPEAT_TIMEOUT: u64 = 90_000;

/// The interval of lazy look-ups.
pub(super) const LEISURE: u64 = 40_000;

/// The rows of a full page of the logs.
const ROWS: u32 = 100;

static FAR: LazyLock<Value> = LazyLock::new(|| json!({"reach": 86_400_000_000_u64}));
static UNKNOWN: LazyLock<Value> = LazyLock::new(|| json!({"state": "unknown"}));
static NO_ROWS: LazyLock<Value> = LazyLock::new(|| json!({"data": []}));

/// Always the lowest number.
pub(super) struct LowestRng;

impl Rng for LowestRng {
    fn next_f64(&mut self) -> f64 {
        0.0
    }
}

impl Mutant {
    /// What the driver is told in place of the state machine's action.
    pub(super) fn misled(self, machine: &Machine, event: &Event<ReplyValue<'_>>) -> Option<Action> {
        let (state, Event::Reply(reply)) = (&machine.state, event) else { return None };
        let lookup_state = match &reply.body {
            Body::Json(body) => body.get("state").as_string(),
            _ => None,
        };
        let logs = state.recovery == Some(Recovery::Logs);
        let submits = state.submits_itself;
        let misled = state.in_flight == Some(Purpose::Lookup)
            && match self {
                Self::ResendUndecided => submits && state.lookups > 2 && reply.status >= 400,
                Self::TrustNotFound => submits && reply.status == 404,
                Self::TrustAbsenceInLogs => submits && logs && state.lookups > 2 && reply.status == 200,
                Self::AbsentWithoutTime if !submits && lookup_state.as_deref() == Some("none") => {
                    return Some(Action::SettleAbsent);
                }
                Self::GiveUpLookup if reply.status == 200 && lookup_state.as_deref() == Some("sending") => {
                    let mut error = Error::of(Failure::SubmitUnknown(UnknownReason::Network));
                    error.idempotency_key = state.key.as_deref().map(Into::into);
                    return Some(Action::Settle(Err(error)));
                }
                _ => false,
            };
        state.last_submit.clone().filter(|_| misled).map(Action::Send)
    }

    /// The reply to a look-up as the mutant reads it.
    pub(super) fn bend_lookup<'a>(self, key: Option<&str>, mut reply: Reply<ReplyValue<'a>>) -> Reply<ReplyValue<'a>> {
        let Body::Json(ReplyValue::Value(body)) = reply.body else { return reply };
        let over = match self {
            Self::TrustShortReach => &*FAR,
            Self::IgnoreAccepted if body["state"] == "accepted" => &*UNKNOWN,
            Self::IgnoreNone if body["state"] == "none" => &*UNKNOWN,
            Self::OnePageOfLogs => {
                let rows = ReplyValue::Value(body).get("data");
                let whole = !rows.at(ROWS - 1).is_absent();
                let there =
                    (0..ROWS).any(|index| rows.at(index).get("client_request_id").as_string().as_deref() == key);
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

    /// The clock of a mutant that does not wait long enough.
    pub(super) fn hurried(machine: &mut Machine, event: &Event<ReplyValue<'_>>, now: Now) -> Now {
        let state = &mut machine.state;
        if state.lookups > 0 && state.in_flight != Some(Purpose::Lookup) && matches!(event, Event::Timeout) {
            state.ahead += HURRY;
        }
        Now { wall: now.wall + state.ahead, monotonic: now.monotonic + state.ahead }
    }

    /// Remembers the request that is sent, if any.
    pub(super) fn remember(machine: &mut Machine, action: &Action) {
        let state = &mut machine.state;
        state.in_flight = action.purpose();
        let Action::Send(request) = action else { return };
        match request.purpose {
            Purpose::Submit => {
                state.submits += 1;
                state.last_submit = Some(request.clone());
            }
            Purpose::Poll => state.last_poll = Some(request.clone()),
            Purpose::Lookup | Purpose::Download => state.lookups += 1,
        }
    }
}

/// An error that considers only the last reply.
pub(super) fn forgotten(mut error: Error) -> Error {
    if error.http_status.is_some() && matches!(error.failure, Failure::SubmitUnknown(_)) {
        error.failure = Failure::Rejected;
        error.idempotency_key = None;
    }
    error
}
