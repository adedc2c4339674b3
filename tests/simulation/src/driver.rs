//! Drives calls as the browser's driver does (`src/call_driver.rs`, `src/timer.rs`, `src/semaphore.rs`): does
//! what the machine says, and reports what came of it.
//!
//! In every wait the abort is looked at first, then what is waited for, then the time. A request's permit
//! is released with any `Action` but a request and `CallOnSubmitting`.

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
    /// Reports an event to the machine and does what it says, until there is something to wait for.
    pub(crate) fn advance(&mut self, task_index: usize, event: Event<ReplyValue<'_>>) {
        let mut action = self.step(task_index, event);
        loop {
            let task = &mut self.tasks[task_index];
            task.epoch += 1;
            task.timer_id += 1;
            task.timer_due = None;
            task.operation = Operation::None;
            match action {
                Action::SettleFile(content_type) => return self.download_settled(task_index, Ok(content_type)),
                Action::Settle(Err(error)) if self.tasks[task_index].goal == Goal::Download => {
                    return self.download_settled(task_index, Err(error));
                }
                Action::Settle(result) => return self.call_settled(task_index, result),
                _ => {}
            }
            if action == Action::SettleAbsent {
                return self.settled_absent(task_index);
            }
            if !matches!(action, Action::Send(_) | Action::CallOnSubmitting) {
                self.release_permit(task_index);
            }
            // An action may end at once, or a callback may have aborted the call.
            let event = self.perform(task_index, &action);
            action = match event {
                _ if self.tasks[task_index].aborted => {
                    self.drop_wait(task_index);
                    self.step(task_index, Event::Aborted(None))
                }
                Some(event) => self.step(task_index, event),
                None => return self.set_timer(task_index),
            };
        }
    }

    fn step(&mut self, task_index: usize, event: Event<ReplyValue<'_>>) -> Action {
        self.check_step(task_index, &event);
        let description = self.trace.is_on().then(|| describe_event(&event));
        let now = self.clock.now();
        let task = &mut self.tasks[task_index];
        let origin_state = &mut self.page.origin_state[self.clients[task.plan.client].origin];
        let action = match &mut task.machine {
            Some(machine) => machine.step(event, now, origin_state, &mut self.client_rng),
            None => return Action::CallOnStatus,
        };
        self.page.opened |= origin_state.gates.take_opened();
        if let Some(description) = description {
            self.trace_line(Some(task_index), format_args!("{description} → {}", describe_action(&action)));
        }
        action
    }

    /// Does what the machine says; an event if that is over at once.
    fn perform(&mut self, task_index: usize, action: &Action) -> Option<Event<ReplyValue<'static>>> {
        match action {
            Action::Wait => {
                self.check_wait(task_index);
                self.tasks[task_index].operation = Operation::Waiting;
            }
            Action::RequestKey { after_unauthorized } => return self.request_key(task_index, *after_unauthorized),
            Action::AcquirePermit => {
                let ticket = self.permits(task_index).enqueue(index(task_index));
                self.tasks[task_index].operation = Operation::AcquiringRequestPermit(ticket);
                if self.try_acquire_permit(task_index, ticket) || self.mutant == Some(Mutant::NoPermits) {
                    return Some(Event::PermitAcquired { offline: self.page.offline });
                }
            }
            Action::CallOnSubmitting => return self.call_on_submitting(task_index),
            Action::Send(request) if request.purpose == Purpose::Download => self.send_download(task_index, request),
            Action::Send(request) => self.send(task_index, request),
            Action::CallOnSubmitted => return self.call_on_submitted(task_index),
            Action::CallOnStatus | Action::Settle(_) | Action::SettleFile(_) | Action::SettleAbsent => {
                self.call_on_status(task_index);
                return Some(Event::OnStatusReturned);
            }
        }
        None
    }

    pub(crate) fn offline(&self, task_index: usize) -> bool {
        self.page.offline && !self.clients[self.tasks[task_index].plan.client].loopback
    }

    fn request_key(&mut self, task_index: usize, again: bool) -> Option<Event<ReplyValue<'static>>> {
        let key_result = self.draw_key(task_index, again);
        self.tasks[task_index].checker.key_requested_again |= again;
        let delay = self.delay();
        if key_result == KeyResult::Never || delay > 0 {
            let task = &mut self.tasks[task_index];
            task.operation = Operation::RequestingKey(key_result);
            let (epoch, at) = (task.epoch, self.clock.time + delay);
            if key_result != KeyResult::Never {
                self.event_queue.schedule(at, SimEvent::CallbackSettles { task: index(task_index), epoch });
            }
            return None;
        }
        Some(self.key_event(task_index, key_result))
    }

    pub(crate) fn key_event(&mut self, task_index: usize, key_result: KeyResult) -> Event<ReplyValue<'static>> {
        match key_result {
            KeyResult::Key(key) => Event::KeyReceived(keys::api_key(key)),
            KeyResult::Fails(why) => {
                self.tasks[task_index].checker.key_failed = true;
                Event::KeyFailed(why)
            }
            KeyResult::Never => Event::KeyFailed(KeyFailure::Unusable),
        }
    }

    /// A key function, `onSubmitting` or `onSubmitted` settles.
    pub(crate) fn callback_settles(&mut self, task_index: usize, epoch: u32) {
        let task = &mut self.tasks[task_index];
        if task.epoch != epoch {
            return;
        }
        let event = match task.operation {
            Operation::RequestingKey(key_result) => self.key_event(task_index, key_result),
            Operation::OnSubmitted(true) => {
                self.store_snapshot(task_index);
                Event::CallbackResolved
            }
            Operation::OnSubmitting(true) => Event::CallbackResolved,
            Operation::OnSubmitting(false) | Operation::OnSubmitted(false) => {
                task.checker.callback_failed = true;
                Event::CallbackRejected
            }
            _ => return,
        };
        self.advance(task_index, event);
    }

    /// Sets the one timer of a wait, as late as the page lets it fire.
    fn set_timer(&mut self, task_index: usize) {
        self.check_clock_read(task_index);
        let now = self.clock.now();
        let task = &mut self.tasks[task_index];
        let Some(machine) = &mut task.machine else { return };
        let left = machine.poll_timeout(now);
        if left == u64::MAX {
            return;
        }
        // Timers may fire a little early, and late.
        let span = if self.fault_profile.busy { left + self.rng.within(0, 60) } else { left };
        let span = if self.fault_profile.early { span.saturating_sub(1) } else { span };
        let span = span.clamp(1, LONGEST);
        task.timer_id += 1;
        task.timer_due = Some(now.monotonic + span);
        let at = self.page.aligned(self.clock.time + span);
        self.event_queue.schedule(at, SimEvent::Timer { task: index(task_index), timer_id: task.timer_id });
    }

    /// A timer fires.
    pub(crate) fn timer_fires(&mut self, task_index: usize, timer_id: u32) {
        let now = self.clock.now();
        let task = &self.tasks[task_index];
        let (true, Some(due)) = (task.timer_id == timer_id, task.timer_due) else { return };
        // The monotonic clock stood still, or the page was hidden meanwhile.
        let at = self.page.aligned(self.clock.time + due.saturating_sub(now.monotonic));
        if at > self.clock.time {
            self.event_queue.schedule(at, SimEvent::Timer { task: index(task_index), timer_id });
            return;
        }
        self.check_clock_read(task_index);
        let task = &mut self.tasks[task_index];
        if task.machine.as_mut().is_none_or(|machine| machine.poll_timeout(now) > 0) {
            return self.set_timer(task_index);
        }
        let requested = matches!(task.operation, Operation::Exchanging(method) if method != Method::Download);
        self.drop_wait(task_index);
        if requested { self.give_up(task_index) } else { self.advance(task_index, Event::Timeout) }
    }

    /// A whole document has arrived of the reply in flight.
    pub(crate) fn document(&mut self, task_index: usize) {
        let now = self.clock.now();
        if let Some(machine) = &mut self.tasks[task_index].machine {
            machine.call.on_whole_document(now);
            self.set_timer(task_index);
        }
    }

    /// Timers that a hidden page delayed fire when it is visible again.
    pub(crate) fn release_timers(&mut self) {
        let monotonic = self.clock.monotonic();
        for (task_index, task) in self.tasks.iter_mut().enumerate() {
            if let Some(due) = task.timer_due {
                task.timer_id += 1;
                let at = self.clock.time + due.saturating_sub(monotonic);
                self.event_queue.schedule(at, SimEvent::Timer { task: index(task_index), timer_id: task.timer_id });
            }
        }
    }

    /// The caller's signal.
    pub(crate) fn abort(&mut self, task_index: usize) {
        let task = &mut self.tasks[task_index];
        if !task.is_running() || task.aborted {
            return;
        }
        task.aborted = true;
        trace!(self, Some(task_index), "the caller aborts");
        let operation = self.tasks[task_index].operation;
        if self.mutant == Some(Mutant::AbortWaitsForPost) && operation == Operation::Exchanging(Method::Submit) {
            // The mutant.
        } else if let Operation::AcquiringClientPermit(ticket) = operation {
            if let Some(permits) = &mut self.clients[self.tasks[task_index].plan.client].permits {
                permits.cancel(ticket);
            }
            self.wake_next_of_client(task_index);
            self.start_call(task_index);
        } else {
            let answer =
                if operation == Operation::Exchanging(Method::Submit) { self.aborted_reply(task_index) } else { None };
            self.drop_wait(task_index);
            self.advance(task_index, Event::Aborted(answer.as_ref().map(Answer::read)));
        }
        if self.tasks[task_index].is_running() {
            self.violate(Invariant::AbortAtOnce, format_args!("task {task_index} goes on"));
        }
    }

    /// Nothing is waited for any longer.
    fn drop_wait(&mut self, task_index: usize) {
        match self.tasks[task_index].operation {
            Operation::AcquiringRequestPermit(ticket) => {
                self.permits(task_index).cancel(ticket);
                self.wake_next(task_index);
            }
            Operation::Exchanging(Method::Download) => {
                self.page.open_downloads = self.page.open_downloads.saturating_sub(1);
            }
            Operation::Exchanging(_) => self.page.open = self.page.open.saturating_sub(1),
            _ => {}
        }
    }

    /// Tries to acquire a permit for a request.
    fn try_acquire_permit(&mut self, task_index: usize, ticket: u32) -> bool {
        let Some(fair) = self.permits(task_index).try_acquire(ticket) else { return false };
        if !fair {
            self.violate(Invariant::QueueFair, format_args!("task {task_index} was let in before others"));
        }
        self.tasks[task_index].has_request_permit = true;
        self.wake_next(task_index);
        true
    }

    /// A permit may be free for this task, which waits for one.
    pub(crate) fn try_waiting_permit(&mut self, task_index: usize) {
        let operation = self.tasks[task_index].operation;
        match operation {
            Operation::AcquiringRequestPermit(ticket) if self.try_acquire_permit(task_index, ticket) => {
                let offline = self.page.offline;
                self.advance(task_index, Event::PermitAcquired { offline });
            }
            Operation::AcquiringClientPermit(ticket) if self.try_acquire_client_permit(task_index, ticket) => {
                self.start_call(task_index);
            }
            _ => {}
        }
    }

    /// Releases the permit of a request.
    pub(crate) fn release_permit(&mut self, task_index: usize) {
        if std::mem::take(&mut self.tasks[task_index].has_request_permit) {
            self.permits(task_index).release();
            self.wake_next(task_index);
        }
    }

    /// The permits that the requests of a task need.
    fn permits(&mut self, task_index: usize) -> &mut FifoChecker {
        if self.tasks[task_index].goal == Goal::Download { &mut self.page.downloads } else { &mut self.page.requests }
    }

    fn wake_next(&mut self, task_index: usize) {
        if self.mutant == Some(Mutant::JumpQueue)
            && let Some(moved) = self.page.requests.reverse()
        {
            for (task, ticket) in moved {
                self.tasks[task as usize].operation = Operation::AcquiringRequestPermit(ticket);
            }
        }
        if let Some(task) = self.permits(task_index).next() {
            self.ready.push_back(task);
        }
    }
}

/// A task, exchange or event by its number. There are few of each.
pub(crate) fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

fn describe_event(event: &Event<ReplyValue<'_>>) -> String {
    match event {
        Event::Reply(reply) => format!("Reply {} {:?} {:?}", reply.status, reply.retry_after, reply.body),
        Event::ReplyTruncated(reply) => format!("Cut {} {:?}", reply.status, reply.retry_after),
        event => format!("{event:?}"),
    }
}

fn describe_action(action: &Action) -> String {
    match action {
        Action::Settle(Ok(generation)) => format!("resolves: {generation:?}"),
        Action::Settle(Err(error)) => {
            format!("rejects: {} (retryable {}): {error}; {:?}", error.code(), error.retryable, error.generation)
        }
        action => format!("{action:?}"),
    }
}
