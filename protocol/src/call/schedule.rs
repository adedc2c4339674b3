//! When the next request is sent, and how the deadline shortens the wait for it.

use super::deadline::SUSPEND_THRESHOLD;
use super::{Action, Call, Context, Phase, Step};
use crate::model::error::Failure;
use crate::model::generation::PollErrorCode;
use crate::model::goal::Goal;
use crate::model::rng::Rng;
use crate::model::time::{Now, Timer};
use crate::policy::backoff::MIN_INTERVAL;
use crate::policy::gate::Method;
use crate::policy::limits::STAGGER_ABOVE;
use crate::policy::origin_state::OriginState;
use crate::policy::poll_schedule;

impl Call {
    /// A wait is over, perhaps long since.
    pub(super) fn on_wait_over(
        &mut self,
        timer: Timer,
        request: Method,
        context: &mut Context<'_, impl Rng>,
    ) -> Action {
        if timer.left(context.now) > 0 {
            Action::Wait
        } else if self.deadline.left(context.now) == 0 {
            self.on_deadline(timer.overdue(context.now) > SUSPEND_THRESHOLD, context)
        } else {
            self.prepare_request(request, context)
        }
    }

    /// Something woke a call that waits for a gate: it may have opened.
    pub(super) fn on_page_woke_at_gate(
        &mut self,
        timer: Timer,
        request: Method,
        waiting: usize,
        context: &mut Context<'_, impl Rng>,
    ) -> Action {
        let left = timer.left(context.now);
        let spread = stagger(waiting, context.rng);
        let wait = match context.origin_state.gates.reserve_slot(request, context.now, context.rng) {
            0 => self.min_poll_interval_left(request, context.now, context.origin_state).saturating_add(spread),
            closed => closed,
        };
        if wait >= left {
            Action::Wait
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
        waiting: usize,
        context: &mut Context<'_, impl Rng>,
    ) -> Action {
        // A look-up is as urgent as a poll after a network error.
        let due = self.generation().map_or(online, |generation| {
            let had_network_error =
                generation.polling.last_error.is_some_and(|error| error.code == PollErrorCode::Network);
            generation.next_check_at.is_some_and(|next| next <= context.now.wall) || (online && had_network_error)
        });
        let left = self.deadline.left(context.now);
        if !due || left == 0 {
            return self.on_wait_over(timer, Method::Poll, context);
        }
        let spread = stagger(waiting, context.rng);
        match spread.min(self.deadline.left_before_margin(Method::Poll, context.now)) {
            0 => self.prepare_request(Method::Poll, context),
            spread => self.wait_until_poll(spread, context.now),
        }
    }

    /// Leads to a request, after the shortest interval and the gate, or to the deadline.
    pub(super) fn prepare_request(&mut self, request: Method, context: &mut Context<'_, impl Rng>) -> Action {
        let left = self.deadline.left(context.now);
        if left == 0 {
            return self.on_deadline(self.deadline.was_suspended(context.now), context);
        }
        let interval = self.min_poll_interval_left(request, context.now, context.origin_state);
        if interval > 0 {
            return self.wait_for_gate(interval.min(left), request, context.now);
        }
        let wait = if self.deadline.is_grace_poll() {
            0
        } else {
            context.origin_state.gates.reserve_slot(request, context.now, context.rng)
        };
        if wait > 0 {
            let until_final_attempt = self.deadline.left_before_margin(request, context.now);
            if wait < until_final_attempt {
                return self.wait_for_gate(wait, request, context.now);
            }
            if self.deadline.is_final_attempt() {
                return self.wait_for_gate(left, request, context.now);
            }
            if until_final_attempt > 0 {
                return self.wait_for_gate(until_final_attempt, request, context.now);
            }
            self.deadline.begin_final_attempt();
        }
        if self.credentials.must_be_requested() {
            return self.request_key(request, false);
        }
        self.acquire_permit(request)
    }

    /// Waits for the next poll, which the deadline may bring forward.
    pub(super) fn wait_for_poll(&mut self, wait: u64, context: &mut Context<'_, impl Rng>) -> Action {
        let left = self.deadline.left(context.now);
        if self.deadline.is_grace_poll() || left == 0 {
            return self.on_deadline(self.deadline.was_suspended(context.now), context);
        }
        let last = self.deadline.left_before_margin(Method::Poll, context.now);
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
        match self.generation() {
            Some(generation) if !generation.status.is_final() => {
                let wait = poll_schedule::first_wait(self.poll_interval, generation, context.now.wall);
                // However short the timeout, there is one poll.
                let last = self.deadline.left_before_margin(Method::Poll, context.now);
                self.wait_for_poll(wait.min(last), context)
            }
            _ => self.settle(),
        }
    }

    /// The deadline has passed. If the machine was suspended past it, one last poll comes first: neither a
    /// completed generation nor an accepted submit is lost.
    pub(super) fn on_deadline(&mut self, suspended: bool, context: &mut Context<'_, impl Rng>) -> Action {
        let polls_once_more = match &self.phase {
            Phase::Poll(generation) => self.goal != Goal::Check && !generation.status.is_final(),
            phase => phase.is_unknown(),
        };
        if polls_once_more && self.deadline.begin_grace_poll(suspended, context.now) {
            return self.prepare_request(Method::Poll, context);
        }
        if self.generation().is_none()
            && let Some(message) = self.rate_limit_message.take()
        {
            return self.fail_with(Failure::RateLimited, message);
        }
        let message = core::mem::take(&mut self.poll_error_message);
        self.fail_with(Failure::Deadline, message)
    }

    /// Milliseconds until the same generation may be polled again, or the same submit looked up.
    pub(super) fn min_poll_interval_left(&self, request: Method, now: Now, origin_state: &OriginState) -> u64 {
        match (&self.phase, request) {
            (Phase::Poll(generation), Method::Poll) if self.goal != Goal::Check => {
                origin_state.min_interval_left(&generation.id, now)
            }
            (phase, Method::Poll) => phase.lookup().map_or(0, |lookup| lookup.min_interval_left(now)),
            _ => 0,
        }
    }

    fn wait_for_gate(&mut self, duration: u64, request: Method, now: Now) -> Action {
        self.step = Step::AwaitingGate(Timer::start(now, duration), request);
        Action::Wait
    }

    fn wait_until_poll(&mut self, duration: u64, now: Now) -> Action {
        self.step = Step::AwaitingPollTime(Timer::start(now, duration));
        Action::Wait
    }
}

/// If many calls are woken at once, their polls are spread over a second.
fn stagger(waiting: usize, rng: &mut impl Rng) -> u64 {
    if waiting > STAGGER_ABOVE { rng.below(MIN_INTERVAL) } else { 0 }
}
