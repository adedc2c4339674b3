//! What must follow from the outcome of a submit that can be looked up, and from each look-up.

mod found;

use std::sync::Arc;

use protocol::{Goal, Now, Recovery};

use super::Checker;
use crate::answer::{Meaning, RetryHint};
use crate::page::elapsed;
use crate::task::SubmitKey;

/// A submit without a reply is given up after so long.
const SUBMIT_REPLY_TIMEOUT: u64 = 60_000;
/// A `none` of insufficient reach is looked up again for so long.
const NONE_RETRY_WINDOW: u64 = 60_000;
/// A server must have forgotten nothing for so much longer than the submit is old.
const REACH_MARGIN: u64 = 5_000;
/// Between two look-ups: the least and the most.
const MIN_INTERVAL: u64 = 1_000;
const MAX_BACKOFF: u64 = 10_000;
const LOGS_MIN_INTERVAL: u64 = 20_000;
const MAX_LOGS_INTERVAL: u64 = 21_000;
/// The pages of the logs that one look-up reads.
const PAGES: u32 = 5;
/// More look-ups in a row than chance can explain, if they come so close together.
const MANY: u32 = 30;
const CLOSE: u64 = 3_000;
/// Five pages there and back, each with a moment for a stream that stays open, and timers.
const MARGIN: u64 = 8_000;

/// What is known of the submit's key, and of what look-ups said of it.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    pub(super) recovery: Option<Recovery>,
    pub(super) from_caller: bool,
    key: Arc<str>,
    /// When the submit was first sent, as far as the call knows.
    sent: Option<Now>,
    /// The true time of that, where it sent it itself.
    pub(crate) sent_at: u64,
    /// By the last look-up, its server has forgotten nothing since the submit was sent.
    pub(super) within_reach: bool,
    /// When it was answered, in true time.
    pub(crate) reach_known_at: u64,
    /// Since when there has been a `none` that cannot be believed.
    disbelieved_since: Option<Now>,
    /// It was allowed to submit again.
    pub(super) may_resend: bool,
    /// The monotonic time of the last look-up.
    last: Option<u64>,
    pages: u32,
    /// Look-ups in a row, and the monotonic time of the first.
    count: u32,
    first: u64,
    /// The true time since which no look-up has failed.
    undisturbed_since: u64,
    /// The HTTP status of the last reply.
    status: u16,
}

impl Checker {
    /// The call has a key, or is about one.
    pub(crate) fn watch_key(
        &mut self,
        recovery: Option<Recovery>,
        goal: Goal,
        submit_key: Option<&SubmitKey>,
        now: Now,
        time: u64,
    ) {
        let Some(submit_key) = submit_key.filter(|_| matches!(goal, Goal::Generate | Goal::Submit | Goal::Recover))
        else {
            return;
        };
        self.lookups.recovery = recovery;
        self.lookups.key = Arc::clone(&submit_key.key);
        self.lookups.from_caller = submit_key.from_caller || goal == Goal::Recover;
        if goal == Goal::Recover {
            self.unknown = true;
            self.lookups.undisturbed_since = time;
            let submitted_at = submit_key.recover_submitted_at.filter(|wall| *wall <= now.wall);
            self.lookups.sent = submitted_at.map(|wall| Now { wall, ..now });
        }
    }

    /// A submit leaves.
    pub(super) fn record_submit(&mut self, now: Now, time: u64) {
        if self.lookups.sent.replace(self.lookups.sent.unwrap_or(now)).is_none() {
            self.lookups.sent_at = time;
        }
        self.lookups.count = 0;
    }

    /// The outcome of the submit is not known.
    pub(super) fn record_unknown_outcome(&mut self, time: u64) {
        self.unknown = true;
        self.lookups.may_resend = false;
        self.lookups.undisturbed_since = time;
    }

    /// What follows from a look-up. A submit may follow where it returns so.
    pub(super) fn record_lookup(&mut self, meaning: Meaning, now: Now, time: u64, answered_at: u64) -> bool {
        let age = self.lookups.sent.map(|sent| elapsed(sent, now));
        let covers = |reach: u64| age.is_some_and(|age| reach >= age.saturating_add(REACH_MARGIN));
        match meaning {
            Meaning::NeverArrived(reach) | Meaning::Undecided(reach) | Meaning::InvalidState(reach) => {
                self.lookups.within_reach = covers(reach) && !matches!(meaning, Meaning::InvalidState(_));
                self.lookups.reach_known_at = answered_at;
                if !matches!(meaning, Meaning::NeverArrived(_)) {
                    return false;
                }
                if !self.lookups.within_reach {
                    self.lookups.disbelieved_since.get_or_insert(now);
                }
                self.lookups.within_reach
            }
            Meaning::Accepted(_) => {
                self.accepted = true;
                self.unknown = false;
                false
            }
            Meaning::NotInLogs(_) => false,
            Meaning::RateLimited(RetryHint::Milliseconds(requested)) => {
                self.lookups.undisturbed_since = time + requested;
                false
            }
            Meaning::RateLimited(RetryHint::Until(until)) => {
                self.lookups.undisturbed_since = time + until.saturating_sub(now.wall);
                false
            }
            _ => {
                self.lookups.undisturbed_since = time;
                false
            }
        }
    }

    /// The last reply ends the look-up for good.
    pub(super) fn ends_lookup(&self, now: Now) -> bool {
        match self.reply {
            Some(Meaning::Refused(_) | Meaning::InvalidState(_)) => true,
            Some(Meaning::NeverArrived(_)) if !self.lookups.within_reach => {
                self.lookups.disbelieved_since.is_some_and(|since| elapsed(since, now) >= NONE_RETRY_WINDOW)
            }
            _ => false,
        }
    }

    /// The longest wait between two look-ups, if one is next.
    fn usual_interval(&self) -> Option<u64> {
        match self.lookups.recovery? {
            _ if !self.unknown || self.lookups.may_resend => None,
            Recovery::Server => Some(MAX_BACKOFF),
            Recovery::Logs => Some(MAX_LOGS_INTERVAL),
        }
    }

    /// The longest wait for the next look-up, after what the last reply said.
    pub(super) fn lookup_interval(&self, wall: u64) -> Option<u64> {
        let usual = self.usual_interval()?;
        Some(match self.reply {
            // The next page follows at once.
            Some(Meaning::NotInLogs(true)) if self.lookups.pages < PAGES => 0,
            Some(Meaning::RateLimited(RetryHint::Milliseconds(requested))) => usual.max(requested),
            Some(Meaning::RateLimited(RetryHint::Until(until))) => usual.max(until.saturating_sub(wall)),
            _ => usual,
        })
    }
}
