//! What the user does about submits whose outcome nobody heard.

use std::sync::Arc;

use protocol::{Call, DEFAULT_TIMEOUT_MS, Error, Goal, Lookup, Subject};

use crate::driver::index;
use crate::event_queue::SimEvent;
use crate::sim_rng::SimRng;
use crate::task::{NextCall, SubmitKey, TaskKind};
use crate::world::World;

impl World {
    /// How the outcome of a submit is looked up, with the task's own key if it has one already.
    pub(crate) fn lookup_of(&mut self, who: usize) -> Option<Lookup> {
        let recovery = self.recovery(who)?;
        if self.tasks[who].submit_key.is_none() {
            self.tasks[who].submit_key = Some(self.draw_submit_key(who));
        }
        let name = self.tasks[who].submit_key.as_ref()?;
        Some(Lookup::new(recovery, name.key.to_string(), name.given))
    }

    /// The caller's key or the client's; by mistake that of another request, of which a server that has
    /// forgotten it can promise nothing.
    fn draw_submit_key(&mut self, who: usize) -> SubmitKey {
        let given = self.tasks[who].plan.has_own_key;
        let name = draw(who, given, &mut self.rng);
        if !given || !self.guards(who) || !self.rng.one_in(16) {
            return name;
        }
        let other = (0..self.tasks.len()).find(|other| self.guards(*other) && self.tasks[*other].submit_key.is_some());
        match other.and_then(|other| self.tasks[other].submit_key.as_mut()) {
            Some(other) => {
                other.allowed_at = 0;
                SubmitKey { key: Arc::clone(&other.key), allowed_at: 0, ..name }
            }
            None => name,
        }
    }

    /// `recover`, mostly with the time that was stored.
    pub(crate) fn recovering(&mut self, who: usize) -> (Call, Goal, u64) {
        let timeout = if self.rng.one_in(4) { self.tasks[who].plan.timeout } else { DEFAULT_TIMEOUT_MS };
        let now = self.clock.now();
        let tells = !self.rng.one_in(8);
        let recovery = self.recovery(who);
        let task = &mut self.tasks[who];
        (task.id, task.stored) = (None, None);
        let Some((recovery, name)) = recovery.zip(task.submit_key.as_mut()) else {
            return self.asking(who, NextCall::Check);
        };
        name.told = name.stored_at.filter(|_| tells);
        let lookup = Lookup::for_past_submit(recovery, name.key.to_string(), name.told, now);
        (self.call(who, Goal::Recover, Subject::recover(lookup), timeout), Goal::Recover, timeout)
    }

    /// What is done about an error that has no generation.
    pub(crate) fn after_error(&mut self, who: usize, error: &Error) -> NextCall {
        let code = error.code();
        let task = &self.tasks[who];
        let told_at = task.checker.lookups.told_at;
        // What is retryable of `recover` is `recover`.
        let again = error.idempotency_key.is_some() && error.retryable && task.goal != Goal::Recover;
        let again = again && self.rng.one_in(2);
        if again {
            self.check_believed(who, self.tasks[who].checker.lookups.sent_at);
        }
        let task = &mut self.tasks[who];
        let Some(name) = &mut task.submit_key else {
            return if error.retryable { NextCall::Begin } else { NextCall::Nothing };
        };
        if error.idempotency_key.is_some() {
            // Whoever reads the key off the error has it from now on.
            name.given = true;
            if again {
                name.allowed_at = told_at;
                return NextCall::Begin;
            }
            return NextCall::Recover;
        }
        if code == "generation_failed" {
            // A key names one generation, failed or not.
            task.submit_key = None;
            return NextCall::Begin;
        }
        if !name.given {
            task.submit_key = None;
        }
        if error.retryable { NextCall::Begin } else { NextCall::Nothing }
    }

    /// `recover` says that the submit never arrived.
    pub(crate) fn settled_absent(&mut self, who: usize) {
        self.calls += 1;
        self.check_absent(who);
        self.give_back(who);
        let delay = self.rng.span(1, 14);
        let task = &mut self.tasks[who];
        task.machine = None;
        task.next_call = NextCall::Begin;
        if let Some(name) = &mut task.submit_key {
            name.allowed_at = task.checker.lookups.told_at;
        }
        self.event_queue.schedule(self.clock.time + delay, SimEvent::Start(index(who)));
    }

    /// What a page finds that was loaded after another died: a generation, or an intent.
    pub(crate) fn after_crash(&mut self, who: usize) {
        let delay = self.rng.span(10, 14);
        let recovers = self.recovery(who).is_some();
        let task = &mut self.tasks[who];
        let intent = task.submit_key.as_ref().is_some_and(|name| name.given && name.first_sent > 0);
        task.next_call = match task.stored {
            Some(_) if task.plan.kind == TaskKind::Extension => NextCall::Check,
            Some(_) => NextCall::Resume,
            None if task.plan.kind == TaskKind::Wait => NextCall::Begin,
            None if recovers && intent => NextCall::Recover,
            None => NextCall::Nothing,
        };
        if task.next_call != NextCall::Nothing {
            self.event_queue.schedule(self.clock.time + delay, SimEvent::Start(index(who)));
        }
    }
}

/// The caller's key or the client's. One that begins with a UUID is one user's alone.
fn draw(who: usize, given: bool, rng: &mut SimRng) -> SubmitKey {
    let (high, low) = (rng.seed(), rng.seed());
    let unique = format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff
    );
    let key = if given { format!("{unique}.wish:{who}") } else { unique };
    SubmitKey { key: key.into(), given, stored_at: None, told: None, first_sent: 0, allowed_at: u64::MAX }
}
