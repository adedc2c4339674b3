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
    pub(crate) fn check_reply(&mut self, which: usize, meaning: Meaning, lost: bool) {
        let now = self.clock.now();
        let exchange = &self.exchanges[which];
        let (method, key, refusals, answered_at) =
            (exchange.method, exchange.key, exchange.refusals, exchange.answered_at);
        let (create, who) = (method == Method::Submit, exchange.task as usize);
        let task = &mut self.tasks[who];
        let checker = &mut task.checker;
        checker.reply = Some(meaning);
        checker.asked_again = false;
        let gate = &mut self.page.gates[self.clients[task.plan.client].origin];
        if !lost && !matches!(meaning, Meaning::RateLimited(_)) && method != Method::Lookup {
            gate.passed(create, now, self.clock.time, refusals);
        }
        if meaning != Meaning::Unauthorized {
            checker.refused = None;
            checker.refusals = 0;
        }
        if method == Method::Lookup {
            let believed = checker.hears_lookup(meaning, now, self.clock.time, answered_at);
            if believed && task.goal != Goal::Recover {
                (checker.may_post, checker.lookups.may_resend) = (true, true);
                if let Some(name) = &mut task.submit_key {
                    name.allowed_at = answered_at;
                }
            }
        }
        match meaning {
            Meaning::Accepted(said) => {
                checker.accepted = true;
                checker.unknown &= checker.lookups.recovery.is_none();
                checker.says(said);
            }
            Meaning::Status(said) => checker.says(said),
            Meaning::Unknown => checker.loses_submit(self.clock.time),
            Meaning::StreamFailed => {
                checker.may_post = true;
                checker.in_vain = true;
            }
            Meaning::NotFound => checker.not_found += 1,
            Meaning::Unauthorized => {
                checker.may_post |= create;
                checker.refused = key;
                checker.refusals += 1;
            }
            Meaning::RateLimited(_) if method == Method::Lookup => {}
            Meaning::RateLimited(asked) => {
                checker.limited = true;
                checker.may_post = checker.posts > 0 && !checker.accepted;
                let asked = match asked {
                    RetryHint::None => None,
                    RetryHint::Milliseconds(span) => Some(span.clamp(1, HOUR)),
                    RetryHint::Until(wall) => Some(wall.saturating_sub(now.wall).clamp(1, HOUR)),
                };
                gate.close(create, now, self.clock.time, asked);
                if gate.hammers() && self.environment_events.is_empty() {
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
    pub(crate) fn check_after_reply(&mut self, who: usize, meaning: Meaning) {
        let task = &self.tasks[who];
        let checker = &task.checker;
        let settled = checker.outcome.is_some();
        let must_settle = match meaning {
            Meaning::Accepted(_) => matches!(task.goal, Goal::Submit | Goal::Recover),
            Meaning::Unknown => checker.lookups.recovery.is_none(),
            Meaning::NeverArrived(_) if checker.lookups.covered => task.goal == Goal::Recover,
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
        let in_hand = task.plan.on_submitted == OnSubmittedBehaviour::Absent || checker.told || settled;
        if must_settle && !settled {
            let invariant =
                if meaning == Meaning::Unknown { Invariant::UnknownIsExact } else { Invariant::RepliesObeyed };
            self.violate(invariant, format_args!("task {who} goes on after {meaning:?}"));
        }
        if matches!(meaning, Meaning::Accepted(_)) && !in_hand {
            self.violate(Invariant::IdInHand, format_args!("task {who} has not told its caller"));
        }
    }
}

impl Checker {
    fn says(&mut self, said: ReportedStatus) {
        self.not_found = 0;
        match said {
            ReportedStatus::Undocumented => self.unknown_status += 1,
            ReportedStatus::CompletedWithoutUrl => {
                self.unknown_status = 0;
                self.missing_url += 1;
            }
            ReportedStatus::Pending | ReportedStatus::Completed | ReportedStatus::Failed => {
                self.unknown_status = 0;
                self.missing_url = 0;
                self.is_final = said != ReportedStatus::Pending;
            }
        }
    }
}
