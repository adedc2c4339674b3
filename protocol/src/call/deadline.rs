//! The deadline of a call: its margins, and what follows after the machine was suspended past it.

use crate::model::time::{Now, Timer};
use crate::policy::gate::Method;

/// The last poll leaves this much time for its reply before the deadline, in milliseconds.
const POLL_MARGIN: u64 = 2_000;
/// The last submit leaves more: if it were cut off, its outcome would be unknown.
const SUBMIT_MARGIN: u64 = 10_000;
/// A deadline that is overdue by more than this, in milliseconds, passed while the machine was suspended.
pub(super) const SUSPEND_THRESHOLD: u64 = 1_000;
/// The time for the one poll after such a deadline, in milliseconds.
const GRACE_POLL_TIMEOUT: u64 = 30_000;
/// The time for what is about to arrive, in milliseconds: the rest of a body whose document is whole, or the
/// reply to a submit after the page was suspended.
pub(super) const REPLY_GRACE: u64 = 1_000;

/// How much of the deadline is left to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DeadlinePhase {
    /// All waits are kept.
    Normal,
    /// The last attempt, which the deadline brought forward, has begun: it may bypass a closed gate.
    FinalAttempt,
    /// The machine was suspended past the deadline, and one last poll is being made.
    GracePoll,
}

/// When a call ends at the latest.
#[derive(Debug)]
pub(super) struct Deadline {
    timeout: u64,
    timer: Timer,
    phase: DeadlinePhase,
    /// The submit in flight was given [`REPLY_GRACE`] after the deadline.
    reply_grace_used: bool,
}

impl Deadline {
    /// Of a call that has not started; `u64::MAX` for never.
    pub(super) fn new(timeout: u64) -> Self {
        let timer = Timer::start(Now::default(), timeout);
        Self { timeout, timer, phase: DeadlinePhase::Normal, reply_grace_used: false }
    }

    pub(super) fn start(&mut self, now: Now) {
        self.timer = Timer::start(now, self.timeout);
    }

    /// Milliseconds left.
    pub(super) fn left(&self, now: Now) -> u64 {
        self.timer.left(now)
    }

    /// Milliseconds left before the last attempt must begin.
    pub(super) fn left_before_margin(&self, method: Method, now: Now) -> u64 {
        let margin = match method {
            Method::Submit => SUBMIT_MARGIN,
            Method::Poll => POLL_MARGIN,
        };
        self.left(now).saturating_sub(margin.min(self.timeout / 4))
    }

    /// Whether the machine was suspended past the deadline.
    pub(super) fn was_suspended(&self, now: Now) -> bool {
        self.timer.overdue(now) > SUSPEND_THRESHOLD
    }

    /// If the page was suspended past the deadline of a submit in flight, its reply may be there but unread: it
    /// is given a moment, once.
    pub(super) fn grant_reply_grace(&mut self, now: Now) {
        if self.was_suspended(now) && !self.reply_grace_used {
            self.reply_grace_used = true;
            self.timer = Timer::start(now, REPLY_GRACE);
        }
    }

    /// Whether requests have to respect closed gates.
    pub(super) fn respects_gates(&self) -> bool {
        self.phase == DeadlinePhase::Normal
    }

    pub(super) fn is_final_attempt(&self) -> bool {
        self.phase == DeadlinePhase::FinalAttempt
    }

    pub(super) fn is_grace_poll(&self) -> bool {
        self.phase == DeadlinePhase::GracePoll
    }

    pub(super) fn begin_final_attempt(&mut self) {
        self.phase = DeadlinePhase::FinalAttempt;
    }

    /// The submit was accepted: its generation has a final attempt of its own, but no second grace poll.
    pub(super) fn on_accepted(&mut self) {
        if self.is_final_attempt() {
            self.phase = DeadlinePhase::Normal;
        }
    }

    /// The deadline has passed. Begins the one grace poll if the machine was suspended; returns whether it did.
    pub(super) fn begin_grace_poll(&mut self, suspended: bool, now: Now) -> bool {
        let begins = (suspended || self.reply_grace_used) && !self.is_grace_poll();
        if begins {
            self.phase = DeadlinePhase::GracePoll;
            self.timer = Timer::start(now, GRACE_POLL_TIMEOUT);
        }
        begins
    }
}
