//! Drives calls as the browser's driver does (`src/job.rs`, `src/alarm.rs`, `src/queue.rs`): does
//! what the machine says and tells it what came of it.
//!
//! In every wait the abort is looked at first, then what is waited for, then the time. A place
//! among the open requests is given back with any `Action` but a request.

use protocol::{Action, Event, Goal, KeyFailure, Purpose};

use crate::answer::Answer;
use crate::event_queue::SimEvent;
use crate::fifo_checker::FifoChecker;
use crate::invariant::Invariant;
use crate::keys;
use crate::mutant::Mutant;
use crate::reply_value::ReplyValue;
use crate::task::{KeyResult, Method, Operation};
use crate::world::{World, trace};

/// The longest that `setTimeout` can wait, in milliseconds.
const LONGEST: u64 = 0x7fff_ffff;

impl World {
    /// Tells the machine what happened and does what it says, until there is something to wait for.
    pub(crate) fn advance(&mut self, who: usize, event: Event<ReplyValue<'_>>) {
        let mut next = self.step(who, event);
        loop {
            let task = &mut self.tasks[who];
            task.epoch += 1;
            task.alarm += 1;
            task.timer = None;
            task.operation = Operation::None;
            match next {
                Action::SettleFile(content_type) => return self.download_settled(who, Ok(content_type)),
                Action::Settle(Err(error)) if self.tasks[who].goal == Goal::Download => {
                    return self.download_settled(who, Err(error));
                }
                Action::Settle(result) => return self.settled(who, result),
                _ => {}
            }
            if next == Action::SettleAbsent {
                return self.settled_absent(who);
            }
            if !matches!(next, Action::Send(_) | Action::CallOnSubmitting) {
                self.give_back(who);
            }
            // Something may be over at once, or a callback may have aborted the call.
            let event = self.perform(who, &next);
            next = match event {
                _ if self.tasks[who].aborted => {
                    self.drop_wait(who);
                    self.step(who, Event::Aborted(None))
                }
                Some(event) => self.step(who, event),
                None => return self.set_timer(who),
            };
        }
    }

    fn step(&mut self, who: usize, event: Event<ReplyValue<'_>>) -> Action {
        self.check_step(who, &event);
        let told = self.trace.is_on().then(|| describe(&event));
        let now = self.clock.now();
        let task = &mut self.tasks[who];
        let origin_state = &mut self.page.origin_state[self.clients[task.plan.client].origin];
        let next = match &mut task.machine {
            Some(machine) => machine.step(event, now, origin_state, &mut self.client_rng),
            None => return Action::CallOnStatus,
        };
        self.page.opened |= origin_state.gates.take_opened();
        if let Some(told) = told {
            self.trace_line(Some(who), format_args!("{told} → {}", describe_next(&next)));
        }
        next
    }

    /// Does what the machine says; an event if that is over at once.
    fn perform(&mut self, who: usize, next: &Action) -> Option<Event<ReplyValue<'static>>> {
        match next {
            Action::Wait(_) => {
                self.check_wait(who);
                self.tasks[who].operation = Operation::Waiting;
            }
            Action::RequestKey { after_unauthorized } => return self.ask_key(who, *after_unauthorized),
            Action::AcquirePermit => {
                let ticket = self.permits(who).enqueue(index(who));
                self.tasks[who].operation = Operation::AcquiringRequestPermit(ticket);
                if self.enter(who, ticket) || self.mutant == Some(Mutant::NoPermits) {
                    return Some(Event::PermitAcquired { offline: self.page.offline });
                }
            }
            Action::CallOnSubmitting => return self.announce(who),
            Action::Send(request) if request.purpose == Purpose::Download => self.send_download(who, request),
            Action::Send(request) => self.send(who, request),
            Action::CallOnSubmitted => return self.store(who),
            Action::CallOnStatus | Action::Settle(_) | Action::SettleFile(_) | Action::SettleAbsent => {
                self.report(who);
                return Some(Event::OnStatusReturned);
            }
        }
        None
    }

    pub(crate) fn offline(&self, who: usize) -> bool {
        self.page.offline && !self.clients[self.tasks[who].plan.client].loopback
    }

    fn ask_key(&mut self, who: usize, again: bool) -> Option<Event<ReplyValue<'static>>> {
        let given = self.give_key(who, again);
        self.tasks[who].checker.asked_again |= again;
        let delay = self.delay();
        if given == KeyResult::Never || delay > 0 {
            let task = &mut self.tasks[who];
            task.operation = Operation::RequestingKey(given);
            let (epoch, at) = (task.epoch, self.clock.time + delay);
            if given != KeyResult::Never {
                self.event_queue.schedule(at, SimEvent::CallbackSettles { task: index(who), epoch });
            }
            return None;
        }
        Some(self.key_event(who, given))
    }

    pub(crate) fn key_event(&mut self, who: usize, given: KeyResult) -> Event<ReplyValue<'static>> {
        match given {
            KeyResult::Key(key) => Event::KeyReceived(keys::secret(key)),
            KeyResult::Fails(why) => {
                self.tasks[who].checker.key_failed = true;
                Event::KeyFailed(why)
            }
            KeyResult::Never => Event::KeyFailed(KeyFailure::Unusable),
        }
    }

    /// A key function, `onSubmitting` or `onSubmitted` settles.
    pub(crate) fn answered(&mut self, who: usize, epoch: u32) {
        let task = &mut self.tasks[who];
        if task.epoch != epoch {
            return;
        }
        let event = match task.operation {
            Operation::RequestingKey(given) => self.key_event(who, given),
            Operation::OnSubmitted(true) => {
                self.keep(who);
                Event::CallbackResolved
            }
            Operation::OnSubmitting(true) => Event::CallbackResolved,
            Operation::OnSubmitting(false) | Operation::OnSubmitted(false) => {
                task.checker.store_failed = true;
                Event::CallbackRejected
            }
            _ => return,
        };
        self.advance(who, event);
    }

    /// Sets the one timer of a wait, as late as a page of this kind lets it fire.
    fn set_timer(&mut self, who: usize) {
        self.check_look(who);
        let now = self.clock.now();
        let task = &mut self.tasks[who];
        let Some(machine) = &mut task.machine else { return };
        let left = machine.poll_timeout(now);
        if left == u64::MAX {
            return;
        }
        // Timers may fire a little early, and late.
        let span = if self.fault_profile.busy { left + self.rng.within(0, 60) } else { left };
        let span = if self.fault_profile.early { span.saturating_sub(1) } else { span };
        let span = span.clamp(1, LONGEST);
        task.alarm += 1;
        task.timer = Some(now.monotonic + span);
        let at = self.page.aligned(self.clock.time + span);
        self.event_queue.schedule(at, SimEvent::Timer { task: index(who), alarm: task.alarm });
    }

    /// A timer fires.
    pub(crate) fn timer(&mut self, who: usize, alarm: u32) {
        let now = self.clock.now();
        let task = &self.tasks[who];
        let (true, Some(due)) = (task.alarm == alarm, task.timer) else { return };
        // The steady clock stood still, or the page was hidden meanwhile.
        let at = self.page.aligned(self.clock.time + due.saturating_sub(now.monotonic));
        if at > self.clock.time {
            self.event_queue.schedule(at, SimEvent::Timer { task: index(who), alarm });
            return;
        }
        self.check_look(who);
        let task = &mut self.tasks[who];
        if task.machine.as_mut().is_none_or(|machine| machine.poll_timeout(now) > 0) {
            return self.set_timer(who);
        }
        let requested = matches!(task.operation, Operation::Exchanging(method) if method != Method::Download);
        self.drop_wait(who);
        if requested { self.give_up(who) } else { self.advance(who, Event::Timeout) }
    }

    /// A whole document has arrived of the reply under way.
    pub(crate) fn document(&mut self, who: usize) {
        let now = self.clock.now();
        if let Some(machine) = &mut self.tasks[who].machine {
            machine.call.on_whole_document(now);
            self.set_timer(who);
        }
    }

    /// Timers that a hidden page held back fire when it is seen again.
    pub(crate) fn release_timers(&mut self) {
        let monotonic = self.clock.monotonic();
        for (who, task) in self.tasks.iter_mut().enumerate() {
            if let Some(due) = task.timer {
                task.alarm += 1;
                let at = self.clock.time + due.saturating_sub(monotonic);
                self.event_queue.schedule(at, SimEvent::Timer { task: index(who), alarm: task.alarm });
            }
        }
    }

    /// The caller's signal.
    pub(crate) fn abort(&mut self, who: usize) {
        let task = &mut self.tasks[who];
        if !task.is_running() || task.aborted {
            return;
        }
        task.aborted = true;
        trace!(self, Some(who), "the caller aborts");
        let operation = self.tasks[who].operation;
        if self.mutant == Some(Mutant::AbortWaitsForPost) && operation == Operation::Exchanging(Method::Submit) {
            // The bug.
        } else if let Operation::AcquiringClientPermit(ticket) = operation {
            if let Some(line) = &mut self.clients[self.tasks[who].plan.client].permits {
                line.cancel(ticket);
            }
            self.wake_line(who);
            self.go(who);
        } else {
            let answer =
                if operation == Operation::Exchanging(Method::Submit) { self.aborted_reply(who) } else { None };
            self.drop_wait(who);
            self.advance(who, Event::Aborted(answer.as_ref().map(Answer::read)));
        }
        if self.tasks[who].is_running() {
            self.violate(Invariant::AbortAtOnce, format_args!("task {who} goes on"));
        }
    }

    /// What was waited for is dropped.
    fn drop_wait(&mut self, who: usize) {
        match self.tasks[who].operation {
            Operation::AcquiringRequestPermit(ticket) => {
                self.permits(who).cancel(ticket);
                self.wake_next(who);
            }
            Operation::Exchanging(Method::Download) => {
                self.page.open_downloads = self.page.open_downloads.saturating_sub(1);
            }
            Operation::Exchanging(_) => self.page.open = self.page.open.saturating_sub(1),
            _ => {}
        }
    }

    /// Tries to take a place among the open requests.
    fn enter(&mut self, who: usize, ticket: u32) -> bool {
        let Some(fair) = self.permits(who).try_acquire(ticket) else { return false };
        if !fair {
            self.violate(Invariant::QueueFair, format_args!("task {who} was let in before others"));
        }
        self.tasks[who].has_request_permit = true;
        self.wake_next(who);
        true
    }

    /// It may be this task's turn.
    pub(crate) fn turn(&mut self, who: usize) {
        let operation = self.tasks[who].operation;
        match operation {
            Operation::AcquiringRequestPermit(ticket) if self.enter(who, ticket) => {
                let offline = self.page.offline;
                self.advance(who, Event::PermitAcquired { offline });
            }
            Operation::AcquiringClientPermit(ticket) if self.enter_client(who, ticket) => self.go(who),
            _ => {}
        }
    }

    /// Gives a place among the open requests back.
    pub(crate) fn give_back(&mut self, who: usize) {
        if std::mem::take(&mut self.tasks[who].has_request_permit) {
            self.permits(who).release();
            self.wake_next(who);
        }
    }

    /// The permits that the requests of a task need.
    fn permits(&mut self, who: usize) -> &mut FifoChecker {
        if self.tasks[who].goal == Goal::Download { &mut self.page.downloads } else { &mut self.page.requests }
    }

    fn wake_next(&mut self, who: usize) {
        if self.mutant == Some(Mutant::JumpQueue)
            && let Some(moved) = self.page.requests.reverse()
        {
            for (task, ticket) in moved {
                self.tasks[task as usize].operation = Operation::AcquiringRequestPermit(ticket);
            }
        }
        if let Some(next) = self.permits(who).next() {
            self.ready.push_back(next);
        }
    }
}

/// Tasks are few.
pub(crate) fn index(who: usize) -> u32 {
    u32::try_from(who).unwrap_or_default()
}

fn describe(event: &Event<ReplyValue<'_>>) -> String {
    match event {
        Event::Reply(reply) => format!("Reply {} {:?} {:?}", reply.status, reply.retry_after, reply.body),
        Event::ReplyTruncated(reply) => format!("Cut {} {:?}", reply.status, reply.retry_after),
        event => format!("{event:?}"),
    }
}

fn describe_next(next: &Action) -> String {
    match next {
        Action::Settle(Ok(generation)) => format!("resolves: {generation:?}"),
        Action::Settle(Err(error)) => {
            format!("rejects: {} (retryable {}): {error}; {:?}", error.code(), error.retryable, error.generation)
        }
        next => format!("{next:?}"),
    }
}
