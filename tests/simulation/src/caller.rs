//! The user: which calls are made, with which options, and what follows from results and errors.

mod callbacks;
mod recovery;

use std::sync::Arc;

use protocol::{
    AudioRequest, CHECK_TIMEOUT_MS, Call, DEFAULT_TIMEOUT_MS, Endpoint, Error, Event, Failure, Generation, Goal,
    PollInterval, Subject,
};

use crate::checker::Checker;
use crate::download::default_timeout;
use crate::driver::index;
use crate::event_queue::SimEvent;
use crate::exchange::{endpoint, prompt};
use crate::invariant::Invariant;
use crate::keys;
use crate::machine::Machine;
use crate::mutant::Mutant;
use crate::task::{KeySource, NextCall, Operation, TaskKind};
use crate::world::{Submitter, World};

/// After so long the user aborts what has no deadline.
const HORIZON: u64 = 7_200_000;
/// An extension gives up after so many checks.
const MAX_CHECKS: u32 = 60;

impl World {
    /// The task makes its next call.
    pub(crate) fn start(&mut self, task_index: usize) {
        let task = &mut self.tasks[task_index];
        if task.is_running() || task.next_call == NextCall::Nothing {
            return;
        }
        let next_call = std::mem::replace(&mut task.next_call, NextCall::Nothing);
        let (call, goal, timeout) = match next_call {
            NextCall::Start if task.plan.kind != TaskKind::Wait => {
                task.stored = None;
                task.id = None;
                self.submitting_call(task_index)
            }
            NextCall::Recover => self.recovering_call(task_index),
            NextCall::Download => self.downloading_call(task_index),
            NextCall::Resume if self.mutant == Some(Mutant::ResumeBySubmitting) => self.submitting_call(task_index),
            _ => self.polling_call(task_index, next_call),
        };
        let client = &self.clients[self.tasks[task_index].plan.client];
        let call = match client.key {
            KeySource::Proxy => call,
            KeySource::Static(key) => call.with_key(keys::api_key(key)),
            KeySource::Function => call.with_key_function(),
        };
        let call = if client.streams { call.with_streamed_submits() } else { call };
        let task = &mut self.tasks[task_index];
        let call = if task.plan.has_on_submitting { call.with_on_submitting() } else { call };
        task.goal = goal;
        task.aborted = false;
        let submitter = task.submits().then(|| index(self.submitters.len()));
        let known = call.generation();
        task.checker = Checker::new(goal, timeout, submitter, known);
        task.checker.watch_key(client.recovery, goal, task.submit_key.as_ref(), self.clock.now(), self.clock.time);
        if let Some(known) = known {
            task.id = Some(known.id.as_str().into());
        }
        let key = task.submit_key.as_ref().map(|submit_key| Arc::clone(&submit_key.key));
        task.machine = Some(Machine::new(call, goal, client.recovery, key, self.mutant));
        if submitter.is_some() {
            self.submitters.push(Submitter { task: index(task_index), free: false });
        }
        if self.trace.is_on() {
            let line = format!("calls {goal:?}, timeout {timeout} ms, {:?}", self.tasks[task_index].plan);
            self.trace_line(Some(task_index), line);
        }
        self.draw_abort(task_index, timeout);
        self.acquire_client_permit(task_index);
    }

    fn submitting_call(&mut self, task_index: usize) -> (Call, Goal, u64) {
        let lookup = self.lookup_of(task_index);
        let prompt = prompt(index(self.submitters.len())).to_owned();
        let plan = &self.tasks[task_index].plan;
        let goal = if plan.kind == TaskKind::Extension { Goal::Submit } else { Goal::Generate };
        let request = AudioRequest { prompt, seconds_start: None, seconds_total: None, steps: plan.steps };
        (self.call(task_index, goal, Subject::submit(request, lookup), plan.timeout), goal, plan.timeout)
    }

    pub(super) fn polling_call(&mut self, task_index: usize, next_call: NextCall) -> (Call, Goal, u64) {
        let goal = if next_call == NextCall::Check { Goal::Check } else { Goal::Wait };
        let timeout = if goal == Goal::Check { CHECK_TIMEOUT_MS } else { self.tasks[task_index].plan.timeout };
        let generation = self.snapshot(task_index);
        (self.call(task_index, goal, Subject::poll(generation), timeout), goal, timeout)
    }

    fn downloading_call(&mut self, task_index: usize) -> (Call, Goal, u64) {
        let Some(source) = self.audio_source(task_index) else {
            return self.polling_call(task_index, NextCall::Resume);
        };
        let timeout = if self.rng.one_in(2) { default_timeout() } else { self.tasks[task_index].plan.timeout };
        let subject = Subject::download(source);
        // The outcome of an earlier download does not apply to this one, which may end before it is sent.
        self.tasks[task_index].file = None;
        let call = Call::new(Goal::Download, Endpoint::default(), subject, timeout, PollInterval::Adaptive);
        (call, Goal::Download, timeout)
    }

    pub(super) fn call(&self, task_index: usize, goal: Goal, subject: Subject, timeout: u64) -> Call {
        let plan = &self.tasks[task_index].plan;
        let client = &self.clients[plan.client];
        let poll_interval = if goal == Goal::Recover { PollInterval::Adaptive } else { plan.poll_interval };
        Call::new(
            goal,
            endpoint(client.origin, client.loopback),
            subject,
            self.timeout_of(goal, timeout),
            poll_interval,
        )
    }

    /// The timeout of a call: the user's, unless a mutant changes it.
    fn timeout_of(&self, goal: Goal, timeout: u64) -> u64 {
        match self.mutant.filter(|_| goal != Goal::Recover) {
            Some(Mutant::NoDeadline) => u64::MAX,
            Some(Mutant::DeadlineTooEarly) => timeout.min(60_000),
            _ => timeout,
        }
    }

    /// The stored snapshot, or the bare id.
    fn snapshot(&mut self, task_index: usize) -> Generation {
        let now = self.clock.now();
        let task = &self.tasks[task_index];
        let Some(stored) = &task.stored else {
            return Generation::new(task.id.as_deref().unwrap_or("?").to_owned(), now);
        };
        if !(self.fault_profile.thorough || self.rng.one_in(8)) {
            return Generation::clone(stored);
        }
        let written = serde_json::to_value(stored).unwrap_or_default();
        let read = Generation::read(&Some(&written), now);
        if keys::has_key(&written.to_string()) {
            self.violate(Invariant::KeyKept, "the key is in a stored snapshot");
        }
        match read {
            Ok(read) if Some(&*read) == self.tasks[task_index].stored.as_deref() => *read,
            read => {
                self.violate(Invariant::SnapshotTrue, format_args!("{written} is read as {read:?}"));
                Generation::new("?".into(), now)
            }
        }
    }

    fn draw_abort(&mut self, task_index: usize, timeout: u64) {
        let at = if self.rng.happens(self.fault_profile.caller / 2.0) {
            self.rng.span(1, 17) - 1
        } else if timeout > HORIZON {
            HORIZON
        } else {
            return;
        };
        if at == 0 {
            self.tasks[task_index].aborted = true;
        }
        self.event_queue.schedule(self.clock.time + at, SimEvent::Abort(index(task_index)));
    }

    /// A waiting call needs a permit of its client.
    fn acquire_client_permit(&mut self, task_index: usize) {
        let task = &mut self.tasks[task_index];
        let counted = task.machine.as_ref().is_some_and(|machine| machine.call.is_counted());
        let client = &mut self.clients[task.plan.client];
        match &mut client.permits {
            Some(permits) if counted => {
                let ticket = permits.enqueue(index(task_index));
                task.operation = Operation::AcquiringClientPermit(ticket);
                if task.aborted {
                    permits.cancel(ticket);
                    self.wake_next_of_client(task_index);
                    self.start_call(task_index);
                } else if self.try_acquire_client_permit(task_index, ticket) {
                    self.start_call(task_index);
                }
            }
            _ => self.start_call(task_index),
        }
    }

    /// Tries to acquire a permit of the client.
    pub(crate) fn try_acquire_client_permit(&mut self, task_index: usize, ticket: u32) -> bool {
        let client = &mut self.clients[self.tasks[task_index].plan.client];
        let Some(fair) = client.permits.as_mut().and_then(|permits| permits.try_acquire(ticket)) else { return false };
        self.tasks[task_index].has_client_permit = true;
        if !fair {
            self.violate(Invariant::QueueFair, format_args!("call {task_index} began before others of its client"));
        }
        self.wake_next_of_client(task_index);
        true
    }

    /// Wakes the next call that waits for a permit of this client.
    pub(crate) fn wake_next_of_client(&mut self, task_index: usize) {
        let client = &self.clients[self.tasks[task_index].plan.client];
        if let Some(next) = client.permits.as_ref().and_then(crate::fifo_checker::FifoChecker::next) {
            self.ready.push_back(next);
        }
    }

    /// The call has its permit and starts.
    pub(crate) fn start_call(&mut self, task_index: usize) {
        if self.tasks[task_index].aborted {
            return self.advance(task_index, Event::Aborted(None));
        }
        self.check_begin(task_index);
        let offline = self.page.offline;
        self.advance(task_index, Event::Start { offline });
    }

    /// The call's promise settles.
    pub(crate) fn call_settled(&mut self, task_index: usize, result: Result<Box<Generation>, Error>) {
        self.calls += 1;
        self.check_settled(task_index, &result);
        self.release_permit(task_index);
        let task = &mut self.tasks[task_index];
        task.machine = None;
        if std::mem::take(&mut task.has_client_permit) {
            let client = &mut self.clients[task.plan.client];
            if let Some(permits) = &mut client.permits {
                permits.release();
            }
            self.wake_next_of_client(task_index);
        }
        let delay = self.rng.span(1, 14);
        let task = &mut self.tasks[task_index];
        let next_call = match result {
            Ok(generation) => {
                task.checks += 1;
                let next_call = match task.plan.kind {
                    _ if generation.audio.is_some() && self.rng.one_in(4) => NextCall::Download,
                    _ if generation.status.is_final() || task.checks > MAX_CHECKS => NextCall::Nothing,
                    TaskKind::Extension => NextCall::Check,
                    _ if task.goal == Goal::Recover => NextCall::Resume,
                    _ => NextCall::Nothing,
                };
                task.stored = Some(generation);
                next_call
            }
            Err(_) if task.plan.retries_left == 0 => NextCall::Nothing,
            Err(error) => {
                task.plan.retries_left -= 1;
                match error.generation.clone() {
                    Some(generation) if !matches!(error.failure, Failure::GenerationFailed) => {
                        task.stored = Some(generation);
                        NextCall::Resume
                    }
                    _ => self.after_error(task_index, &error),
                }
            }
        };
        let task = &mut self.tasks[task_index];
        task.next_call = next_call;
        if task.next_call != NextCall::Nothing {
            let wall = self.clock.wall();
            let next = task.stored.as_ref().and_then(|stored| stored.next_check_at).unwrap_or_default();
            // A browser's alarm fires after half a minute at the earliest.
            let until = next.saturating_sub(wall).clamp(0, 60_000);
            let delay = if task.next_call == NextCall::Check { until.max(delay) } else { delay };
            self.event_queue.schedule(self.clock.time + delay, SimEvent::Start(index(task_index)));
        }
    }
}

/// How long calls may take.
pub(crate) fn timeout(rng: &mut crate::sim_rng::SimRng) -> u64 {
    match rng.within(0, 15) {
        0..=8 => DEFAULT_TIMEOUT_MS,
        9 => u64::MAX,
        10 => rng.within(1, 2_000),
        11 => rng.span(1_000, 12),
        12 => 1_000_000,
        _ => rng.within(20_000, 120_000),
    }
}
