//! Drives calls as the browser's driver does (`src/job.rs`, `src/alarm.rs`, `src/queue.rs`): does
//! what the machine says and tells it what came of it.
//!
//! In every wait the abort is looked at first, then what is waited for, then the time. A place
//! among the open requests is given back with any `Next` but a request.

use protocol::call::{Event, Next};

use crate::agenda::What;
use crate::answer::Answer;
use crate::bug::Bug;
use crate::invariant::Invariant;
use crate::keys;
use crate::task::{Doing, Given, Method};
use crate::view::View;
use crate::world::{World, tell};

/// The longest that `setTimeout` can wait, in milliseconds.
const LONGEST: u64 = 0x7fff_ffff;

impl World {
    /// Tells the machine what happened and does what it says, until there is something to wait for.
    pub(crate) fn advance(&mut self, who: usize, event: Event<View<'_>>) {
        let mut next = self.step(who, event);
        loop {
            let task = &mut self.tasks[who];
            task.epoch += 1;
            task.alarm += 1;
            task.timer = None;
            task.doing = Doing::Nothing;
            if let Next::Settle(result) = next {
                return self.settled(who, result);
            }
            if next == Next::SettleAbsent {
                return self.settled_absent(who);
            }
            if !matches!(next, Next::Post | Next::Get | Next::LookUp | Next::Announce) {
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

    fn step(&mut self, who: usize, event: Event<View<'_>>) -> Next {
        self.witness_step(who, &event);
        let told = self.trace.is_on().then(|| describe(&event));
        let now = self.clock.now();
        let task = &mut self.tasks[who];
        let shared = &mut self.page.shared[self.clients[task.plan.client].origin];
        let next = match &mut task.machine {
            Some(machine) => machine.step(event, now, shared, &mut self.dice),
            None => return Next::Report,
        };
        self.page.opened |= shared.gates.take_opened();
        if let Some(told) = told {
            self.tell(Some(who), format_args!("{told} → {}", describe_next(&next)));
        }
        next
    }

    /// Does what the machine says; an event if that is over at once.
    fn perform(&mut self, who: usize, next: &Next) -> Option<Event<View<'static>>> {
        match next {
            Next::Sleep(_) => {
                self.witness_wait(who);
                self.tasks[who].doing = Doing::Sleep;
            }
            Next::AskKey { after_unauthorized } => return self.ask_key(who, *after_unauthorized),
            Next::Enter => {
                let ticket = self.page.requests.join(index(who));
                self.tasks[who].doing = Doing::Enter(ticket);
                if self.enter(who, ticket) || self.bug == Some(Bug::NoPlaces) {
                    return Some(Event::Entered { offline: self.offline(who) });
                }
            }
            Next::Announce => return self.announce(who),
            Next::Post => self.send(who, Method::Submit),
            Next::Get => self.send(who, Method::Poll),
            Next::LookUp => self.send(who, Method::Lookup),
            Next::Store => return self.store(who),
            Next::Report | Next::Settle(_) | Next::SettleAbsent => {
                self.report(who);
                return Some(Event::Reported);
            }
        }
        None
    }

    pub(crate) fn offline(&self, who: usize) -> bool {
        self.page.offline && !self.clients[self.tasks[who].plan.client].loopback
    }

    fn ask_key(&mut self, who: usize, again: bool) -> Option<Event<View<'static>>> {
        let given = self.give_key(who, again);
        self.tasks[who].witness.asked_again |= again;
        let delay = self.delay();
        if given == Given::Never || delay > 0 {
            let task = &mut self.tasks[who];
            task.doing = Doing::Key(given);
            let (epoch, at) = (task.epoch, self.clock.time + delay);
            if given != Given::Never {
                self.agenda.note(at, What::Answered { task: index(who), epoch });
            }
            return None;
        }
        Some(self.given(who, given))
    }

    pub(crate) fn given(&mut self, who: usize, given: Given) -> Event<View<'static>> {
        match given {
            Given::Key(key) => Event::Key(keys::secret(key)),
            Given::Fails(why) => {
                self.tasks[who].witness.key_failed = true;
                Event::NoKey(why)
            }
            Given::Never => Event::NoKey("never settled"),
        }
    }

    /// A key function, `onSubmitting` or `onSubmitted` settles.
    pub(crate) fn answered(&mut self, who: usize, epoch: u32) {
        let task = &mut self.tasks[who];
        if task.epoch != epoch {
            return;
        }
        let event = match task.doing {
            Doing::Key(given) => self.given(who, given),
            Doing::Store(true) => {
                self.keep(who);
                Event::Stored
            }
            Doing::Announce(true) => Event::Stored,
            Doing::Announce(false) | Doing::Store(false) => {
                task.witness.store_failed = true;
                Event::StoreFailed
            }
            _ => return,
        };
        self.advance(who, event);
    }

    /// Sets the one timer of a wait, as late as a page of this kind lets it fire.
    fn set_timer(&mut self, who: usize) {
        self.witness_look(who);
        let now = self.clock.now();
        let task = &mut self.tasks[who];
        let Some(machine) = &mut task.machine else { return };
        let left = machine.limit(now);
        if left == u64::MAX {
            return;
        }
        // Timers may fire a little early, and late.
        let span = if self.climate.busy { left + self.chance.within(0, 60) } else { left };
        let span = if self.climate.early { span.saturating_sub(1) } else { span };
        let span = span.clamp(1, LONGEST);
        task.alarm += 1;
        task.timer = Some(now.steady + span);
        let at = self.page.aligned(self.clock.time + span);
        self.agenda.note(at, What::Timer { task: index(who), alarm: task.alarm });
    }

    /// A timer fires.
    pub(crate) fn timer(&mut self, who: usize, alarm: u32) {
        let now = self.clock.now();
        let task = &self.tasks[who];
        let (true, Some(due)) = (task.alarm == alarm, task.timer) else { return };
        // The steady clock stood still, or the page was hidden meanwhile.
        let at = self.page.aligned(self.clock.time + due.saturating_sub(now.steady));
        if at > self.clock.time {
            self.agenda.note(at, What::Timer { task: index(who), alarm });
            return;
        }
        self.witness_look(who);
        let task = &mut self.tasks[who];
        if task.machine.as_mut().is_none_or(|machine| machine.limit(now) > 0) {
            return self.set_timer(who);
        }
        let requested = matches!(task.doing, Doing::Exchange(_));
        self.drop_wait(who);
        if requested { self.give_up(who) } else { self.advance(who, Event::Elapsed) }
    }

    /// A whole document has arrived of the reply under way.
    pub(crate) fn document(&mut self, who: usize) {
        let now = self.clock.now();
        if let Some(machine) = &mut self.tasks[who].machine {
            machine.call.on_document(now);
            self.set_timer(who);
        }
    }

    /// Timers that a hidden page held back fire when it is seen again.
    pub(crate) fn release_timers(&mut self) {
        let steady = self.clock.steady();
        for (who, task) in self.tasks.iter_mut().enumerate() {
            if let Some(due) = task.timer {
                task.alarm += 1;
                let at = self.clock.time + due.saturating_sub(steady);
                self.agenda.note(at, What::Timer { task: index(who), alarm: task.alarm });
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
        tell!(self, Some(who), "the caller aborts");
        let doing = self.tasks[who].doing;
        if self.bug == Some(Bug::AbortWaitsForPost) && doing == Doing::Exchange(Method::Submit) {
            // The bug.
        } else if let Doing::Queue(ticket) = doing {
            if let Some(line) = &mut self.clients[self.tasks[who].plan.client].line {
                line.forget(ticket);
            }
            self.wake_line(who);
            self.go(who);
        } else {
            let answer = if doing == Doing::Exchange(Method::Submit) { self.aborted_reply(who) } else { None };
            self.drop_wait(who);
            self.advance(who, Event::Aborted(answer.as_ref().map(Answer::read)));
        }
        if self.tasks[who].is_running() {
            self.breaks(Invariant::AbortAtOnce, format_args!("task {who} goes on"));
        }
    }

    /// What was waited for is dropped.
    fn drop_wait(&mut self, who: usize) {
        match self.tasks[who].doing {
            Doing::Enter(ticket) => {
                self.page.requests.forget(ticket);
                self.wake_next();
            }
            Doing::Exchange(_) => self.page.open = self.page.open.saturating_sub(1),
            _ => {}
        }
    }

    /// Tries to take a place among the open requests.
    fn enter(&mut self, who: usize, ticket: u32) -> bool {
        let Some(fair) = self.page.requests.enter(ticket) else { return false };
        if !fair {
            self.breaks(Invariant::QueueFair, format_args!("task {who} was let in before others"));
        }
        self.tasks[who].place = true;
        self.wake_next();
        true
    }

    /// It may be this task's turn.
    pub(crate) fn turn(&mut self, who: usize) {
        let doing = self.tasks[who].doing;
        match doing {
            Doing::Enter(ticket) if self.enter(who, ticket) => {
                let offline = self.offline(who);
                self.advance(who, Event::Entered { offline });
            }
            Doing::Queue(ticket) if self.enter_client(who, ticket) => self.go(who),
            _ => {}
        }
    }

    /// Gives a place among the open requests back.
    pub(crate) fn give_back(&mut self, who: usize) {
        if std::mem::take(&mut self.tasks[who].place) {
            self.page.requests.leave();
            self.wake_next();
        }
    }

    fn wake_next(&mut self) {
        if self.bug == Some(Bug::JumpQueue)
            && let Some(moved) = self.page.requests.turn_round()
        {
            for (task, ticket) in moved {
                self.tasks[task as usize].doing = Doing::Enter(ticket);
            }
        }
        if let Some(next) = self.page.requests.next() {
            self.ready.push_back(next);
        }
    }
}

/// Tasks are few.
pub(crate) fn index(who: usize) -> u32 {
    u32::try_from(who).unwrap_or_default()
}

fn describe(event: &Event<View<'_>>) -> String {
    match event {
        Event::Reply(reply) => format!("Reply {} {:?} {:?}", reply.status, reply.retry_after, reply.body),
        Event::Cut(reply) => format!("Cut {} {:?}", reply.status, reply.retry_after),
        event => format!("{event:?}"),
    }
}

fn describe_next(next: &Next) -> String {
    match next {
        Next::Settle(Ok(generation)) => format!("resolves: {generation:?}"),
        Next::Settle(Err(error)) => {
            format!("rejects: {} (retryable {}): {error}; {:?}", error.code(), error.retryable, error.generation)
        }
        next => format!("{next:?}"),
    }
}
