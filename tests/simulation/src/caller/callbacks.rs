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
    /// How long something of the caller's takes; mostly no time at all.
    pub(crate) fn delay(&mut self) -> u64 {
        if self.rng.happens(self.fault_profile.caller) { self.rng.span(1, 15) } else { 0 }
    }

    /// What the key function gives.
    pub(crate) fn give_key(&mut self, who: usize, again: bool) -> KeyResult {
        let client = &self.clients[self.tasks[who].plan.client];
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
    pub(crate) fn announce(&mut self, who: usize) -> Option<Event<ReplyValue<'static>>> {
        let succeeds = !self.rng.happens(self.fault_profile.caller / 4.0);
        let delay = self.delay();
        let task = &mut self.tasks[who];
        if delay > 0 {
            task.operation = Operation::OnSubmitting(succeeds);
            let what = SimEvent::CallbackSettles { task: index(who), epoch: task.epoch };
            self.event_queue.schedule(self.clock.time + delay, what);
            return None;
        }
        task.checker.store_failed = !succeeds;
        Some(if succeeds { Event::CallbackResolved } else { Event::CallbackRejected })
    }

    /// `onSubmitted` is called with the snapshot; an event if it settles at once.
    pub(crate) fn store(&mut self, who: usize) -> Option<Event<ReplyValue<'static>>> {
        self.check_told(who);
        let on_submitted = self.tasks[who].plan.on_submitted;
        let (succeeds, delay) = match on_submitted {
            OnSubmittedBehaviour::Absent => return Some(Event::CallbackResolved),
            OnSubmittedBehaviour::Stores => {
                self.keep(who);
                return Some(Event::CallbackResolved);
            }
            OnSubmittedBehaviour::Throws => {
                self.tasks[who].checker.store_failed = true;
                return Some(Event::CallbackRejected);
            }
            OnSubmittedBehaviour::NeverSettles => {
                self.tasks[who].operation = Operation::OnSubmitted(false);
                return None;
            }
            OnSubmittedBehaviour::StoresAfter(delay) => (true, delay),
            OnSubmittedBehaviour::RejectsAfter(delay) => (false, delay),
        };
        let task = &mut self.tasks[who];
        task.operation = Operation::OnSubmitted(succeeds);
        let what = SimEvent::CallbackSettles { task: index(who), epoch: task.epoch };
        self.event_queue.schedule(self.clock.time + delay, what);
        None
    }

    /// `onStatus` is called with the snapshot.
    pub(crate) fn report(&mut self, who: usize) {
        if !self.tasks[who].plan.on_status {
            return;
        }
        self.check_told(who);
        self.keep(who);
        if self.rng.happens(self.fault_profile.caller / 16.0) {
            trace!(self, Some(who), "onStatus aborts the call");
            self.tasks[who].aborted = true;
        }
    }

    /// The user stores the snapshot.
    pub(crate) fn keep(&mut self, who: usize) {
        let task = &mut self.tasks[who];
        let generation = task.machine.as_ref().and_then(Machine::generation);
        if let Some(generation) = generation.filter(|_| self.environment_events.contains(&EnvironmentEvent::Crash)) {
            match &mut task.stored {
                Some(stored) => Generation::clone_from(stored, generation),
                stored => *stored = Some(Box::new(generation.clone())),
            }
        }
    }
}
