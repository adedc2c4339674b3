//! When the next request may be made, and what the deadline does to the wait for it.

use super::{Action, Call, Context, DeadlinePhase, Goal, State};
use crate::model::error::Failure;
use crate::model::generation::PollErrorCode;
use crate::model::rng::Rng;
use crate::model::time::{Now, Timer};
use crate::policy::backoff::MIN_INTERVAL;
use crate::policy::gate::Method;
use crate::policy::origin_state::OriginState;
use crate::policy::poll_schedule;

/// The time for the one poll after a deadline that passed while the machine was suspended, in milliseconds.
const GRACE_POLL_TIMEOUT: u64 = 30_000;
/// The last poll leaves this much time for its answer before the deadline, in milliseconds.
const POLL_MARGIN: u64 = 2_000;
/// The last try of a POST leaves more: cut short, its outcome would be unknown.
const SUBMIT_MARGIN: u64 = 10_000;
/// Later than this after the deadline, the machine must have slept across it.
pub(super) const SUSPEND_THRESHOLD: u64 = 1_000;

impl Call {
    /// A sleep is over, perhaps long since.
    pub(super) fn on_wait_over(
        &mut self,
        timer: Timer,
        request: Method,
        context: &mut Context<'_, impl Rng>,
    ) -> Action {
        match timer.left(context.now) {
            0 if self.deadline.left(context.now) == 0 => {
                self.on_deadline(timer.overdue(context.now) > SUSPEND_THRESHOLD, context)
            }
            0 => self.prepare_request(request, context),
            left => Action::Wait(left),
        }
    }

    /// Something woke a call that sleeps in front of a gate: it may have opened.
    pub(super) fn on_page_woke_at_gate(
        &mut self,
        timer: Timer,
        request: Method,
        many: bool,
        context: &mut Context<'_, impl Rng>,
    ) -> Action {
        let left = timer.left(context.now);
        let spread = if many { context.rng.below(MIN_INTERVAL) } else { 0 };
        let wait = match context.origin_state.gates.reserve_slot(request, context.now, context.rng) {
            0 => self.min_poll_interval_left(request, context.now, context.origin_state).saturating_add(spread),
            closed => closed,
        };
        if wait >= left {
            Action::Wait(left)
        } else if wait == 0 {
            self.prepare_request(request, context)
        } else {
            self.wait_for_gate(wait, request, context.now)
        }
    }

    pub(super) fn on_page_woke(
        &mut self,
        timer: Timer,
        online: bool,
        many: bool,
        context: &mut Context<'_, impl Rng>,
    ) -> Action {
        // A look-up is as urgent as a poll that had met a network error.
        let due = self.generation.as_ref().map_or(online, |generation| {
            let cut_off = generation.polling.last_error.is_some_and(|error| error.code == PollErrorCode::Network);
            generation.next_check_at.is_some_and(|next| next <= context.now.wall) || (online && cut_off)
        });
        let left = self.deadline.left(context.now);
        if !due || left == 0 {
            return self.on_wait_over(timer, Method::Poll, context);
        }
        let spread = if many { context.rng.below(MIN_INTERVAL) } else { 0 };
        match spread.min(left.saturating_sub(self.reply_margin(Method::Poll))) {
            0 => self.prepare_request(Method::Poll, context),
            spread => self.wait_until_poll(spread, context.now),
        }
    }

    /// Leads to a request: past the floor and the gate first, or to the deadline.
    pub(super) fn prepare_request(&mut self, request: Method, context: &mut Context<'_, impl Rng>) -> Action {
        let left = self.deadline.left(context.now);
        if left == 0 {
            return self.on_deadline(self.was_suspended_past_deadline(context.now), context);
        }
        let floor = self.min_poll_interval_left(request, context.now, context.origin_state);
        if floor > 0 {
            return self.wait_for_gate(floor.min(left), request, context.now);
        }
        let wait = if self.deadline_phase == DeadlinePhase::GracePoll {
            0
        } else {
            context.origin_state.gates.reserve_slot(request, context.now, context.rng)
        };
        if wait > 0 {
            let until_last_try = left.saturating_sub(self.reply_margin(request));
            if wait < until_last_try {
                return self.wait_for_gate(wait, request, context.now);
            }
            if self.deadline_phase == DeadlinePhase::FinalAttempt {
                return self.wait_for_gate(left, request, context.now);
            }
            if until_last_try > 0 {
                return self.wait_for_gate(until_last_try, request, context.now);
            }
            self.deadline_phase = DeadlinePhase::FinalAttempt;
        }
        if self.credentials.from_function && !self.credentials.fresh_after_401 {
            self.state = State::AwaitingKey { request, again: false };
            return Action::RequestKey { after_unauthorized: false };
        }
        self.state = State::AwaitingPermit(request);
        Action::AcquirePermit
    }

    /// Sleeps until the next check, which the deadline may bring forward.
    pub(super) fn wait_for_poll(&mut self, wait: u64, context: &mut Context<'_, impl Rng>) -> Action {
        let left = self.deadline.left(context.now);
        if self.deadline_phase == DeadlinePhase::GracePoll || left == 0 {
            return self.on_deadline(self.was_suspended_past_deadline(context.now), context);
        }
        let last = left.saturating_sub(self.reply_margin(Method::Poll));
        let duration = if wait <= last {
            wait
        } else if last >= MIN_INTERVAL {
            last
        } else {
            left
        };
        if duration == 0 {
            self.prepare_request(Method::Poll, context)
        } else {
            self.wait_until_poll(duration, context.now)
        }
    }

    pub(super) fn poll_or_settle(&mut self, context: &mut Context<'_, impl Rng>) -> Action {
        match &self.generation {
            Some(generation) if !generation.status.is_final() => {
                let wait = poll_schedule::first_wait(self.poll_interval, generation, context.now.wall);
                // However short the time, there is one poll.
                let last = self.deadline.left(context.now).saturating_sub(self.reply_margin(Method::Poll));
                self.wait_for_poll(wait.min(last), context)
            }
            _ => self.settle(),
        }
    }

    /// The call's time has passed. Where the machine slept across the deadline, one last GET comes
    /// first: neither a finished track nor a submit that was accepted is thrown away.
    pub(super) fn on_deadline(&mut self, slept: bool, context: &mut Context<'_, impl Rng>) -> Action {
        let waits = matches!(self.goal, Goal::Generate | Goal::Wait) && self.generation.is_some();
        if (waits && !self.is_final() || self.is_unknown())
            && (slept || self.reply_grace_used)
            && self.deadline_phase != DeadlinePhase::GracePoll
        {
            self.deadline_phase = DeadlinePhase::GracePoll;
            self.deadline = Timer::start(context.now, GRACE_POLL_TIMEOUT);
            return self.prepare_request(Method::Poll, context);
        }
        if let (None, Some(message)) = (&self.generation, self.rate_limit_message.take()) {
            return self.fail_with(Failure::RateLimited, message);
        }
        let message = core::mem::take(&mut self.poll_error_message);
        self.fail_with(Failure::Deadline, message)
    }

    /// What became of the submit is still to be found out.
    pub(super) fn is_unknown(&self) -> bool {
        self.generation.is_none() && self.lookup.as_ref().is_some_and(|lookup| lookup.is_unknown())
    }

    pub(super) fn was_suspended_past_deadline(&self, now: Now) -> bool {
        self.deadline.overdue(now) > SUSPEND_THRESHOLD
    }

    pub(super) fn min_poll_interval_left(&self, request: Method, now: Now, origin_state: &OriginState) -> u64 {
        match (&self.generation, request, self.goal) {
            (Some(generation), Method::Poll, Goal::Generate | Goal::Wait) => {
                origin_state.min_interval_left(&generation.id, now)
            }
            (None, Method::Poll, _) => self.lookup.as_ref().map_or(0, |lookup| lookup.min_interval_left(now)),
            _ => 0,
        }
    }

    pub(super) fn reply_margin(&self, request: Method) -> u64 {
        let most = match request {
            Method::Submit => SUBMIT_MARGIN,
            Method::Poll => POLL_MARGIN,
        };
        most.min(self.timeout / 4)
    }

    fn wait_for_gate(&mut self, duration: u64, request: Method, now: Now) -> Action {
        self.state = State::AwaitingGate(Timer::start(now, duration), request);
        Action::Wait(duration)
    }

    fn wait_until_poll(&mut self, duration: u64, now: Now) -> Action {
        self.state = State::AwaitingPollTime(Timer::start(now, duration));
        Action::Wait(duration)
    }
}
