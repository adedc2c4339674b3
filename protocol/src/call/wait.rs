//! When the next request may be made, and what the deadline does to the wait for it.

use super::{Call, Goal, Next, Patience, Request, State};
use crate::backoff::FLOOR;
use crate::cadence;
use crate::error::Failure;
use crate::generation::FaultCode;
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
    pub(super) fn elapsed(
        &mut self,
        timer: Timer,
        request: Request,
        now: Now,
        shared: &mut Shared,
        dice: &mut impl Dice,
    ) -> Next {
        match timer.left(now) {
            0 if self.deadline.left(now) == 0 => self.expire(timer.late(now) > SLEPT, now, shared, dice),
            0 => self.attempt(request, now, shared, dice),
            left => Next::Sleep(left),
        }
    }

    pub(super) fn woken(
        &mut self,
        timer: Timer,
        online: bool,
        many: bool,
        now: Now,
        shared: &mut Shared,
        dice: &mut impl Dice,
    ) -> Next {
        let due = self.generation.as_ref().is_some_and(|generation| {
            let cut_off = generation.fault.is_some_and(|fault| fault.code == FaultCode::Network);
            generation.next_check_at.is_some_and(|next| next <= now.wall) || (online && cut_off)
        });
        let left = self.deadline.left(now);
        if !due || left == 0 {
            return self.elapsed(timer, Request::Get, now, shared, dice);
        }
        let spread = if many { dice.below(FLOOR) } else { 0 };
        match spread.min(left.saturating_sub(self.lead(Request::Get))) {
            0 => self.attempt(Request::Get, now, shared, dice),
            spread => self.sleep(spread, now),
        }
    }

    /// Leads to a request: past the floor and the gate first, or to the deadline.
    pub(super) fn attempt(&mut self, request: Request, now: Now, shared: &mut Shared, dice: &mut impl Dice) -> Next {
        let left = self.deadline.left(now);
        if left == 0 {
            return self.expire(self.slept(now), now, shared, dice);
        }
        let floor = self.floor(request, now, shared);
        if floor > 0 {
            return self.gated(floor.min(left), request, now);
        }
        let wait = if self.patience == Patience::Overtime { 0 } else { shared.gate.queue(now, dice) };
        if wait > 0 {
            let until_last_try = left.saturating_sub(self.lead(request));
            if wait < until_last_try {
                return self.gated(wait, request, now);
            }
            if self.patience == Patience::LastTry {
                return self.gated(left, request, now);
            }
            if until_last_try > 0 {
                return self.gated(until_last_try, request, now);
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
    pub(super) fn rest(&mut self, wait: u64, now: Now, shared: &mut Shared, dice: &mut impl Dice) -> Next {
        let left = self.deadline.left(now);
        if self.patience == Patience::Overtime || left == 0 {
            return self.expire(self.slept(now), now, shared, dice);
        }
        let last = left.saturating_sub(self.lead(Request::Get));
        let span = if wait <= last {
            wait
        } else if last >= FLOOR {
            last
        } else {
            left
        };
        if span == 0 { self.attempt(Request::Get, now, shared, dice) } else { self.sleep(span, now) }
    }

    pub(super) fn rest_or_settle(&mut self, now: Now, shared: &mut Shared, dice: &mut impl Dice) -> Next {
        match &self.generation {
            Some(generation) if !generation.status.is_final() => {
                let wait = cadence::first_wait(self.pace, generation, now.wall);
                // However short the time, there is one poll.
                let last = self.deadline.left(now).saturating_sub(self.lead(Request::Get));
                self.rest(wait.min(last), now, shared, dice)
            }
            _ => self.settle(),
        }
    }

    /// The call's time has passed. Where the machine slept across the deadline, one last GET comes
    /// first: a finished track is not thrown away.
    pub(super) fn expire(&mut self, slept: bool, now: Now, shared: &mut Shared, dice: &mut impl Dice) -> Next {
        let waits = matches!(self.goal, Goal::Generate | Goal::Wait) && self.generation.is_some();
        if waits && !self.is_final() && slept && self.patience != Patience::Overtime {
            self.patience = Patience::Overtime;
            self.deadline = Timer::start(now, SHORT);
            return self.attempt(Request::Get, now, shared, dice);
        }
        match (&self.generation, self.limited.take()) {
            (None, Some(words)) => self.fail(Failure::RateLimited(words)),
            _ => self.fail(Failure::Deadline),
        }
    }

    pub(super) fn slept(&self, now: Now) -> bool {
        self.deadline.late(now) > SLEPT
    }

    pub(super) fn floor(&self, request: Request, now: Now, shared: &Shared) -> u64 {
        match (&self.generation, request, self.goal) {
            (Some(generation), Request::Get, Goal::Generate | Goal::Wait) => shared.floor_left(&generation.id, now),
            _ => 0,
        }
    }

    pub(super) fn lead(&self, request: Request) -> u64 {
        let most = match request {
            Request::Post => POST_LEAD,
            Request::Get => POLL_LEAD,
        };
        most.min(self.timeout / 4)
    }

    fn gated(&mut self, span: u64, request: Request, now: Now) -> Next {
        self.state = State::Gated(Timer::start(now, span), request);
        Next::Sleep(span)
    }

    fn sleep(&mut self, span: u64, now: Now) -> Next {
        self.state = State::Sleeping(Timer::start(now, span));
        Next::Sleep(span)
    }
}
