//! What the user's functions do: the key function, `onSubmitting`, `onSubmitted`, `onStatus`.

use protocol::{Event, Generation, KeyFailure};

use crate::driver::index;
use crate::environment::EnvironmentEvent;
use crate::event_queue::SimEvent;
use crate::keys;
use crate::machine::Machine;
use crate::reply_value::ReplyValue;
use crate::task::{KeyResult, OnSubmittedBehaviour, Operation};
use crate::world::{World, trace};

impl World {
    /// How long a callback takes; mostly no time at all.
    pub(crate) fn delay(&mut self) -> u64 {
        if self.rng.happens(self.fault_profile.caller) { self.rng.span(1, 15) } else { 0 }
    }

    /// What the key function returns.
    pub(crate) fn draw_key(&mut self, task_index: usize, again: bool) -> KeyResult {
        let client = &self.clients[self.tasks[task_index].plan.client];
        let first = client.origin * keys::PER_ORIGIN;
        if !self.rng.happens(self.fault_profile.caller) {
            return KeyResult::Key(first + usize::from(again && self.rng.one_in(2)));
        }
        match self.rng.within(0, 9) {
            0 => KeyResult::Fails(KeyFailure::Threw),
            1 => KeyResult::Fails(KeyFailure::Rejected),
            2 => KeyResult::Never,
            3 => KeyResult::Key(first + 3),
            4..=6 => KeyResult::Key(first + 2),
            _ => KeyResult::Key(first + 1),
        }
    }

    /// `onSubmitting` is called; an event if it settles at once.
    pub(crate) fn call_on_submitting(&mut self, task_index: usize) -> Option<Event<ReplyValue<'static>>> {
        let succeeds = !self.rng.happens(self.fault_profile.caller / 4.0);
        let delay = self.delay();
        let task = &mut self.tasks[task_index];
        if delay > 0 {
            task.operation = Operation::OnSubmitting(succeeds);
            let what = SimEvent::CallbackSettles { task: index(task_index), epoch: task.epoch };
            self.event_queue.schedule(self.clock.time + delay, what);
            return None;
        }
        task.checker.callback_failed = !succeeds;
        Some(if succeeds { Event::CallbackResolved } else { Event::CallbackRejected })
    }

    /// `onSubmitted` is called with the snapshot; an event if it settles at once.
    pub(crate) fn call_on_submitted(&mut self, task_index: usize) -> Option<Event<ReplyValue<'static>>> {
        self.check_callback(task_index);
        let on_submitted = self.tasks[task_index].plan.on_submitted;
        let (succeeds, delay) = match on_submitted {
            OnSubmittedBehaviour::Absent => return Some(Event::CallbackResolved),
            OnSubmittedBehaviour::Stores => {
                self.store_snapshot(task_index);
                return Some(Event::CallbackResolved);
            }
            OnSubmittedBehaviour::Throws => {
                self.tasks[task_index].checker.callback_failed = true;
                return Some(Event::CallbackRejected);
            }
            OnSubmittedBehaviour::NeverSettles => {
                self.tasks[task_index].operation = Operation::OnSubmitted(false);
                return None;
            }
            OnSubmittedBehaviour::StoresAfter(delay) => (true, delay),
            OnSubmittedBehaviour::RejectsAfter(delay) => (false, delay),
        };
        let task = &mut self.tasks[task_index];
        task.operation = Operation::OnSubmitted(succeeds);
        let what = SimEvent::CallbackSettles { task: index(task_index), epoch: task.epoch };
        self.event_queue.schedule(self.clock.time + delay, what);
        None
    }

    /// `onStatus` is called with the snapshot.
    pub(crate) fn call_on_status(&mut self, task_index: usize) {
        if !self.tasks[task_index].plan.on_status {
            return;
        }
        self.check_callback(task_index);
        self.store_snapshot(task_index);
        if self.rng.happens(self.fault_profile.caller / 16.0) {
            trace!(self, Some(task_index), "onStatus aborts the call");
            self.tasks[task_index].aborted = true;
        }
    }

    /// The user stores the snapshot.
    pub(crate) fn store_snapshot(&mut self, task_index: usize) {
        let task = &mut self.tasks[task_index];
        let generation = task.machine.as_ref().and_then(Machine::generation);
        if let Some(generation) = generation.filter(|_| self.environment_events.contains(&EnvironmentEvent::Crash)) {
            match &mut task.stored {
                Some(stored) => Generation::clone_from(stored, generation),
                stored => *stored = Some(Box::new(generation.clone())),
            }
        }
    }
}
