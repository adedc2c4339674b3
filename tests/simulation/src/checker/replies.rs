//! What a reply means for a call, and what must follow from it at once.

use protocol::Goal;

use super::{Checker, MAX_MISSING_URL, MAX_NOT_FOUND, MAX_UNKNOWN_STATUS};
use crate::answer::{Meaning, ReportedStatus, RetryHint};
use crate::invariant::Invariant;
use crate::task::{KeySource, Method, OnSubmittedBehaviour};
use crate::world::World;

/// No `Retry-After` is longer.
const HOUR: u64 = 3_600_000;

impl World {
    /// A reply, or a network error, is about to be handed to the call.
    pub(crate) fn check_reply(&mut self, exchange_index: usize, meaning: Meaning, lost: bool) {
        let now = self.clock.now();
        let exchange = &self.exchanges[exchange_index];
        let (method, key, refusals, answered_at) =
            (exchange.method, exchange.key, exchange.refusals, exchange.answered_at);
        let (create, task_index) = (method == Method::Submit, exchange.task as usize);
        let task = &mut self.tasks[task_index];
        let checker = &mut task.checker;
        checker.reply = Some(meaning);
        checker.key_requested_again = false;
        let gate = &mut self.page.gates[self.clients[task.plan.client].origin];
        if !lost && !matches!(meaning, Meaning::RateLimited(_)) && method != Method::Lookup {
            gate.passed(create, now, self.clock.time, refusals);
        }
        if meaning != Meaning::Unauthorized {
            checker.refused = None;
            checker.refusals = 0;
        }
        if method == Method::Lookup {
            let believed = checker.record_lookup(meaning, now, self.clock.time, answered_at);
            if believed && task.goal != Goal::Recover {
                (checker.may_submit, checker.lookups.may_resend) = (true, true);
                if let Some(submit_key) = &mut task.submit_key {
                    submit_key.allowed_at = answered_at;
                }
            }
        }
        match meaning {
            Meaning::Accepted(reported) => {
                checker.accepted = true;
                checker.unknown &= checker.lookups.recovery.is_none();
                checker.record_status(reported);
            }
            Meaning::Status(reported) => checker.record_status(reported),
            Meaning::Unknown => checker.record_unknown_outcome(self.clock.time),
            Meaning::StreamFailed => {
                checker.may_submit = true;
                checker.stream_failed = true;
            }
            Meaning::NotFound => checker.not_found += 1,
            Meaning::Unauthorized => {
                checker.may_submit |= create;
                checker.refused = key;
                checker.refusals += 1;
            }
            Meaning::RateLimited(_) if method == Method::Lookup => {}
            Meaning::RateLimited(requested) => {
                checker.rate_limited = true;
                checker.may_submit = checker.posts > 0 && !checker.accepted;
                let requested = match requested {
                    RetryHint::None => None,
                    RetryHint::Milliseconds(span) => Some(span.clamp(1, HOUR)),
                    RetryHint::Until(wall) => Some(wall.saturating_sub(now.wall).clamp(1, HOUR)),
                };
                gate.close(create, now, self.clock.time, requested);
                if gate.is_too_frequent() && self.environment_events.is_empty() {
                    self.violate(Invariant::BacksOff, "submits are refused again and again, and as often");
                }
            }
            Meaning::AcceptedWithoutId
            | Meaning::Transient
            | Meaning::Refused(_)
            | Meaning::NeverArrived(_)
            | Meaning::Undecided(_)
            | Meaning::InvalidState(_)
            | Meaning::NotInLogs(_) => {}
        }
    }

    /// The call has been told of a reply, and has done what it does at once.
    pub(crate) fn check_after_reply(&mut self, task_index: usize, meaning: Meaning) {
        let task = &self.tasks[task_index];
        let checker = &task.checker;
        let settled = checker.outcome.is_some();
        let must_settle = match meaning {
            Meaning::Accepted(_) => matches!(task.goal, Goal::Submit | Goal::Recover),
            Meaning::Unknown => checker.lookups.recovery.is_none(),
            Meaning::NeverArrived(_) if checker.lookups.within_reach => task.goal == Goal::Recover,
            Meaning::NeverArrived(_) => checker.ends_lookup(self.clock.now()),
            Meaning::StreamFailed | Meaning::Undecided(_) | Meaning::NotInLogs(_) => false,
            Meaning::AcceptedWithoutId
            | Meaning::Refused(_)
            | Meaning::InvalidState(_)
            | Meaning::Status(ReportedStatus::Completed | ReportedStatus::Failed) => true,
            Meaning::NotFound if checker.not_found >= MAX_NOT_FOUND => true,
            Meaning::Status(ReportedStatus::Undocumented) if checker.unknown_status >= MAX_UNKNOWN_STATUS => true,
            Meaning::Status(ReportedStatus::CompletedWithoutUrl) if checker.missing_url >= MAX_MISSING_URL => true,
            Meaning::Unauthorized => self.clients[task.plan.client].key != KeySource::Function || checker.refusals > 1,
            Meaning::Status(_) | Meaning::NotFound | Meaning::Transient | Meaning::RateLimited(_) => {
                task.goal == Goal::Check
            }
        };
        let in_hand = task.plan.on_submitted == OnSubmittedBehaviour::Absent || checker.id_reported || settled;
        if must_settle && !settled {
            let invariant =
                if meaning == Meaning::Unknown { Invariant::UnknownIsExact } else { Invariant::RepliesObeyed };
            self.violate(invariant, format_args!("task {task_index} goes on after {meaning:?}"));
        }
        if matches!(meaning, Meaning::Accepted(_)) && !in_hand {
            self.violate(Invariant::IdInHand, format_args!("task {task_index} has not told its caller"));
        }
    }
}

impl Checker {
    fn record_status(&mut self, reported: ReportedStatus) {
        self.not_found = 0;
        match reported {
            ReportedStatus::Undocumented => self.unknown_status += 1,
            ReportedStatus::CompletedWithoutUrl => {
                self.unknown_status = 0;
                self.missing_url += 1;
            }
            ReportedStatus::Pending | ReportedStatus::Completed | ReportedStatus::Failed => {
                self.unknown_status = 0;
                self.missing_url = 0;
                self.is_final = reported != ReportedStatus::Pending;
            }
        }
    }
}
