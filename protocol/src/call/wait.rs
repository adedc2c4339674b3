//! When the next request may be made, and what the deadline does to the wait for it.

use super::{Call, Goal, Next, Patience, State, Turn};
use crate::backoff::FLOOR;
use crate::cadence;
use crate::error::Failure;
use crate::gate::Method;
use crate::generation::PollErrorCode;
use crate::options::SHORT;
use crate::shared::Shared;
use crate::time::{Dice, Now, Timer};

/// The last poll leaves this much time for its answer before the deadline, in milliseconds.
const POLL_LEAD: u64 = 2_000;
/// The last try of a POST leaves more: cut short, its outcome would be unknown.
const POST_LEAD: u64 = 10_000;
/// Later than this after the deadline, the machine must have slept across it.
pub(super) const SLEPT: u64 = 1_000;

impl Call {
    /// A sleep is over, perhaps long since.
    pub(super) fn elapsed(&mut self, timer: Timer, request: Method, turn: &mut Turn<'_, impl Dice>) -> Next {
        match timer.left(turn.now) {
            0 if self.deadline.left(turn.now) == 0 => self.expire(timer.late(turn.now) > SLEPT, turn),
            0 => self.attempt(request, turn),
            left => Next::Sleep(left),
        }
    }

    /// Something woke a call that sleeps in front of a gate: it may have opened.
    pub(super) fn woken_at_gate(
        &mut self,
        timer: Timer,
        request: Method,
        many: bool,
        turn: &mut Turn<'_, impl Dice>,
    ) -> Next {
        let left = timer.left(turn.now);
        let spread = if many { turn.dice.below(FLOOR) } else { 0 };
        let wait = match turn.shared.gates.queue(request, turn.now, turn.dice) {
            0 => self.floor(request, turn.now, turn.shared).saturating_add(spread),
            closed => closed,
        };
        if wait >= left {
            Next::Sleep(left)
        } else if wait == 0 {
            self.attempt(request, turn)
        } else {
            self.gated(wait, request, turn.now)
        }
    }

    pub(super) fn woken(&mut self, timer: Timer, online: bool, many: bool, turn: &mut Turn<'_, impl Dice>) -> Next {
        // A look-up is as urgent as a poll that had met a network error.
        let due = self.generation.as_ref().map_or(online, |generation| {
            let cut_off = generation.polling.last_error.is_some_and(|error| error.code == PollErrorCode::Network);
            generation.next_check_at.is_some_and(|next| next <= turn.now.wall) || (online && cut_off)
        });
        let left = self.deadline.left(turn.now);
        if !due || left == 0 {
            return self.elapsed(timer, Method::Poll, turn);
        }
        let spread = if many { turn.dice.below(FLOOR) } else { 0 };
        match spread.min(left.saturating_sub(self.lead(Method::Poll))) {
            0 => self.attempt(Method::Poll, turn),
            spread => self.sleep(spread, turn.now),
        }
    }

    /// Leads to a request: past the floor and the gate first, or to the deadline.
    pub(super) fn attempt(&mut self, request: Method, turn: &mut Turn<'_, impl Dice>) -> Next {
        let left = self.deadline.left(turn.now);
        if left == 0 {
            return self.expire(self.slept(turn.now), turn);
        }
        let floor = self.floor(request, turn.now, turn.shared);
        if floor > 0 {
            return self.gated(floor.min(left), request, turn.now);
        }
        let wait =
            if self.patience == Patience::Overtime { 0 } else { turn.shared.gates.queue(request, turn.now, turn.dice) };
        if wait > 0 {
            let until_last_try = left.saturating_sub(self.lead(request));
            if wait < until_last_try {
                return self.gated(wait, request, turn.now);
            }
            if self.patience == Patience::LastTry {
                return self.gated(left, request, turn.now);
            }
            if until_last_try > 0 {
                return self.gated(until_last_try, request, turn.now);
            }
            self.patience = Patience::LastTry;
        }
        if self.credentials.asked && !self.credentials.mended {
            self.state = State::Keying { request, again: false };
            return Next::AskKey { after_unauthorized: false };
        }
        self.state = State::Entering(request);
        Next::Enter
    }

    /// Sleeps until the next check, which the deadline may bring forward.
    pub(super) fn rest(&mut self, wait: u64, turn: &mut Turn<'_, impl Dice>) -> Next {
        let left = self.deadline.left(turn.now);
        if self.patience == Patience::Overtime || left == 0 {
            return self.expire(self.slept(turn.now), turn);
        }
        let last = left.saturating_sub(self.lead(Method::Poll));
        let span = if wait <= last {
            wait
        } else if last >= FLOOR {
            last
        } else {
            left
        };
        if span == 0 { self.attempt(Method::Poll, turn) } else { self.sleep(span, turn.now) }
    }

    pub(super) fn rest_or_settle(&mut self, turn: &mut Turn<'_, impl Dice>) -> Next {
        match &self.generation {
            Some(generation) if !generation.status.is_final() => {
                let wait = cadence::first_wait(self.pace, generation, turn.now.wall);
                // However short the time, there is one poll.
                let last = self.deadline.left(turn.now).saturating_sub(self.lead(Method::Poll));
                self.rest(wait.min(last), turn)
            }
            _ => self.settle(),
        }
    }

    /// The call's time has passed. Where the machine slept across the deadline, one last GET comes
    /// first: neither a finished track nor a submit that was accepted is thrown away.
    pub(super) fn expire(&mut self, slept: bool, turn: &mut Turn<'_, impl Dice>) -> Next {
        let waits = matches!(self.goal, Goal::Generate | Goal::Wait) && self.generation.is_some();
        if (waits && !self.is_final() || self.is_unknown())
            && (slept || self.stalled)
            && self.patience != Patience::Overtime
        {
            self.patience = Patience::Overtime;
            self.deadline = Timer::start(turn.now, SHORT);
            return self.attempt(Method::Poll, turn);
        }
        if let (None, Some(words)) = (&self.generation, self.limited.take()) {
            return self.fail_with(Failure::RateLimited, words);
        }
        let words = core::mem::take(&mut self.complaint);
        self.fail_with(Failure::Deadline, words)
    }

    /// What became of the submit is still to be found out.
    pub(super) fn is_unknown(&self) -> bool {
        self.generation.is_none() && self.lookup.as_ref().is_some_and(|lookup| lookup.is_unknown())
    }

    pub(super) fn slept(&self, now: Now) -> bool {
        self.deadline.late(now) > SLEPT
    }

    pub(super) fn floor(&self, request: Method, now: Now, shared: &Shared) -> u64 {
        match (&self.generation, request, self.goal) {
            (Some(generation), Method::Poll, Goal::Generate | Goal::Wait) => shared.floor_left(&generation.id, now),
            (None, Method::Poll, _) => self.lookup.as_ref().map_or(0, |lookup| lookup.floor_left(now)),
            _ => 0,
        }
    }

    pub(super) fn lead(&self, request: Method) -> u64 {
        let most = match request {
            Method::Submit => POST_LEAD,
            Method::Poll => POLL_LEAD,
        };
        most.min(self.timeout / 4)
    }

    fn gated(&mut self, span: u64, request: Method, now: Now) -> Next {
        self.state = State::Gated(Timer::start(now, span), request);
        Next::Sleep(span)
    }

    fn sleep(&mut self, span: u64, now: Now) -> Next {
        self.state = State::Sleeping(Timer::start(now, span));
        Next::Sleep(span)
    }
}
