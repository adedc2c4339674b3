//! What the user's functions do: the key function, `onSubmitting`, `onSubmitted`, `onStatus`.

use protocol::call::Event;
use protocol::generation::Generation;

use crate::agenda::What;
use crate::driver::index;
use crate::keys;
use crate::machine::Machine;
use crate::task::{Doing, Given, OnSubmit};
use crate::view::View;
use crate::weather::Gust;
use crate::world::{World, tell};

impl World {
    /// How long something of the caller's takes; mostly no time at all.
    pub(crate) fn delay(&mut self) -> u64 {
        if self.chance.happens(self.climate.caller) { self.chance.span(1, 15) } else { 0 }
    }

    /// What the key function gives.
    pub(crate) fn give_key(&mut self, who: usize, again: bool) -> Given {
        let client = &self.clients[self.tasks[who].plan.client];
        let first = client.origin * keys::PER_ORIGIN;
        if !self.chance.happens(self.climate.caller) {
            return Given::Key(first + usize::from(again && self.chance.one_in(2)));
        }
        match self.chance.within(0, 9) {
            0 => Given::Fails("threw"),
            1 => Given::Fails("rejected"),
            2 => Given::Never,
            3 => Given::Key(first + 3),
            4..=6 => Given::Key(first + 2),
            _ => Given::Key(first + 1),
        }
    }

    /// `onSubmitting` is called; an event if it settles at once.
    pub(crate) fn announce(&mut self, who: usize) -> Option<Event<View<'static>>> {
        let succeeds = !self.chance.happens(self.climate.caller / 4.0);
        let delay = self.delay();
        let task = &mut self.tasks[who];
        if delay > 0 {
            task.doing = Doing::Announce(succeeds);
            let what = What::Answered { task: index(who), epoch: task.epoch };
            self.agenda.note(self.clock.time + delay, what);
            return None;
        }
        task.witness.store_failed = !succeeds;
        Some(if succeeds { Event::Stored } else { Event::StoreFailed })
    }

    /// `onSubmitted` is called with the snapshot; an event if it settles at once.
    pub(crate) fn store(&mut self, who: usize) -> Option<Event<View<'static>>> {
        self.witness_told(who);
        let on_submit = self.tasks[who].plan.on_submit;
        let (succeeds, delay) = match on_submit {
            OnSubmit::Absent => return Some(Event::Stored),
            OnSubmit::Stores => {
                self.keep(who);
                return Some(Event::Stored);
            }
            OnSubmit::Throws => {
                self.tasks[who].witness.store_failed = true;
                return Some(Event::StoreFailed);
            }
            OnSubmit::NeverSettles => {
                self.tasks[who].doing = Doing::Store(false);
                return None;
            }
            OnSubmit::StoresAfter(delay) => (true, delay),
            OnSubmit::RejectsAfter(delay) => (false, delay),
        };
        let task = &mut self.tasks[who];
        task.doing = Doing::Store(succeeds);
        let what = What::Answered { task: index(who), epoch: task.epoch };
        self.agenda.note(self.clock.time + delay, what);
        None
    }

    /// `onStatus` is called with the snapshot.
    pub(crate) fn report(&mut self, who: usize) {
        if !self.tasks[who].plan.on_status {
            return;
        }
        self.witness_told(who);
        self.keep(who);
        if self.chance.happens(self.climate.caller / 16.0) {
            tell!(self, Some(who), "onStatus aborts the call");
            self.tasks[who].aborted = true;
        }
    }

    /// The user stores the snapshot.
    pub(crate) fn keep(&mut self, who: usize) {
        let task = &mut self.tasks[who];
        let generation = task.machine.as_ref().and_then(Machine::generation);
        if let Some(generation) = generation.filter(|_| self.gusts.contains(&Gust::Crash)) {
            match &mut task.stored {
                Some(stored) => Generation::clone_from(stored, generation),
                stored => *stored = Some(Box::new(generation.clone())),
            }
        }
    }
}
