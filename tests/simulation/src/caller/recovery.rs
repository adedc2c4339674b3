//! What the user does about submits of unknown outcome.

use std::sync::Arc;

use protocol::{Call, DEFAULT_TIMEOUT_MS, Error, Goal, Lookup, Subject};

use crate::driver::index;
use crate::event_queue::SimEvent;
use crate::sim_rng::SimRng;
use crate::task::{NextCall, SubmitKey, TaskKind};
use crate::world::World;

impl World {
    /// How the outcome of a submit is looked up, with the task's own key if it has one already.
    pub(crate) fn lookup_of(&mut self, task_index: usize) -> Option<Lookup> {
        let recovery = self.recovery(task_index)?;
        if self.tasks[task_index].submit_key.is_none() {
            self.tasks[task_index].submit_key = Some(self.draw_submit_key(task_index));
        }
        let submit_key = self.tasks[task_index].submit_key.as_ref()?;
        Some(Lookup::new(recovery, submit_key.key.to_string(), submit_key.from_caller))
    }

    /// The caller's key or the client's; sometimes, by mistake, that of another request: if the server has
    /// forgotten that one, nothing is promised.
    fn draw_submit_key(&mut self, task_index: usize) -> SubmitKey {
        let from_caller = self.tasks[task_index].plan.has_key_from_caller;
        let submit_key = draw(task_index, from_caller, &mut self.rng);
        if !from_caller || !self.has_server_half(task_index) || !self.rng.one_in(16) {
            return submit_key;
        }
        let other =
            (0..self.tasks.len()).find(|other| self.has_server_half(*other) && self.tasks[*other].submit_key.is_some());
        match other.and_then(|other| self.tasks[other].submit_key.as_mut()) {
            Some(other) => {
                other.allowed_at = 0;
                SubmitKey { key: Arc::clone(&other.key), allowed_at: 0, ..submit_key }
            }
            None => submit_key,
        }
    }

    /// `recover`, mostly with the time that was stored.
    pub(crate) fn recovering_call(&mut self, task_index: usize) -> (Call, Goal, u64) {
        let timeout = if self.rng.one_in(4) { self.tasks[task_index].plan.timeout } else { DEFAULT_TIMEOUT_MS };
        let now = self.clock.now();
        let has_time = !self.rng.one_in(8);
        let recovery = self.recovery(task_index);
        let task = &mut self.tasks[task_index];
        (task.id, task.stored) = (None, None);
        let Some((recovery, submit_key)) = recovery.zip(task.submit_key.as_mut()) else {
            return self.polling_call(task_index, NextCall::Check);
        };
        submit_key.recover_submitted_at = submit_key.stored_submitted_at.filter(|_| has_time);
        let lookup =
            Lookup::for_past_submit(recovery, submit_key.key.to_string(), submit_key.recover_submitted_at, now);
        (self.call(task_index, Goal::Recover, Subject::recover(lookup), timeout), Goal::Recover, timeout)
    }

    /// What is done about an error that has no generation.
    pub(crate) fn after_error(&mut self, task_index: usize, error: &Error) -> NextCall {
        let code = error.code();
        let task = &self.tasks[task_index];
        let reach_known_at = task.checker.lookups.reach_known_at;
        // If `recover` is retryable, it is `recover` that is repeated.
        let again = error.idempotency_key.is_some() && error.retryable && task.goal != Goal::Recover;
        let again = again && self.rng.one_in(2);
        if again {
            self.check_believed(task_index, self.tasks[task_index].checker.lookups.sent_at);
        }
        let task = &mut self.tasks[task_index];
        let Some(submit_key) = &mut task.submit_key else {
            return if error.retryable { NextCall::Start } else { NextCall::Nothing };
        };
        if error.idempotency_key.is_some() {
            // The caller reads the key from the error.
            submit_key.from_caller = true;
            if again {
                submit_key.allowed_at = reach_known_at;
                return NextCall::Start;
            }
            return NextCall::Recover;
        }
        if code == "generation_failed" {
            // A key names one generation, failed or not.
            task.submit_key = None;
            return NextCall::Start;
        }
        if !submit_key.from_caller {
            task.submit_key = None;
        }
        if error.retryable { NextCall::Start } else { NextCall::Nothing }
    }

    /// `recover` says that the submit never arrived.
    pub(crate) fn settled_absent(&mut self, task_index: usize) {
        self.calls += 1;
        self.check_absent(task_index);
        self.release_permit(task_index);
        let delay = self.rng.span(1, 14);
        let task = &mut self.tasks[task_index];
        task.machine = None;
        task.next_call = NextCall::Start;
        if let Some(submit_key) = &mut task.submit_key {
            submit_key.allowed_at = task.checker.lookups.reach_known_at;
        }
        self.event_queue.schedule(self.clock.time + delay, SimEvent::Start(index(task_index)));
    }

    /// What a page finds after a crash: a stored generation, or only the key of a submit.
    pub(crate) fn after_crash(&mut self, task_index: usize) {
        let delay = self.rng.span(10, 14);
        let recovers = self.recovery(task_index).is_some();
        let task = &mut self.tasks[task_index];
        let intent =
            task.submit_key.as_ref().is_some_and(|submit_key| submit_key.from_caller && submit_key.first_sent > 0);
        task.next_call = match task.stored {
            Some(_) if task.plan.kind == TaskKind::Extension => NextCall::Check,
            Some(_) => NextCall::Resume,
            None if task.plan.kind == TaskKind::Wait => NextCall::Start,
            None if recovers && intent => NextCall::Recover,
            None => NextCall::Nothing,
        };
        if task.next_call != NextCall::Nothing {
            self.event_queue.schedule(self.clock.time + delay, SimEvent::Start(index(task_index)));
        }
    }
}

/// The caller's key or the client's. One that begins with a UUID is one user's alone.
fn draw(task_index: usize, from_caller: bool, rng: &mut SimRng) -> SubmitKey {
    let (high, low) = (rng.seed(), rng.seed());
    let unique = format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff
    );
    let key = if from_caller { format!("{unique}.wish:{task_index}") } else { unique };
    SubmitKey {
        key: key.into(),
        from_caller,
        stored_submitted_at: None,
        recover_submitted_at: None,
        first_sent: 0,
        allowed_at: u64::MAX,
    }
}
