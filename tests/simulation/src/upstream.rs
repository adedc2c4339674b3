//! A submit's way through the server half: claimed, sent, answered, repeated.

use std::sync::Arc;

use emulator::{ApiError, Submission};

use crate::agenda::What;
use crate::answer::{Answer, Meaning, Question, faulty, plain_error, said};
use crate::driver::index;
use crate::exchange::prompt;
use crate::fault::{Fault, Then, Wait};
use crate::server::{Claimed, Known, Upstream};
use crate::world::{World, tell};

/// How long a repeated submit waits for what becomes of the first.
const PATIENCE: u64 = 8_000;
/// The time limit of a submit to the service.
const LIMIT: u64 = 120_000;

impl World {
    /// A submit arrives at the server half.
    pub(crate) fn arrive_at_server(&mut self, which: usize) {
        let exchange = &self.exchanges[which];
        let (task, bent, allowed_at) = (exchange.task, exchange.bent(), exchange.allowed_at);
        let Some(key) = exchange.name.clone() else { return };
        self.server.excuse(&key, allowed_at);
        match self.server.claim(&key, task, index(which), self.clock.time) {
            Claimed::First => {
                let fault = match bent {
                    Then::Normal => self.climate.fault(true, &mut self.chance),
                    then => Fault { reaches: true, then },
                };
                let process = self.server.process;
                let upstream = Upstream { exchange: index(which), key, fault, process, arrived: false, answer: None };
                self.server.upstream.push(upstream);
                let at = self.clock.time + self.climate.latency(&mut self.chance);
                self.agenda.note(at, What::Upstream(index(self.server.upstream.len() - 1)));
            }
            Claimed::Waits => self.agenda.note(self.clock.time + PATIENCE, What::Patience(index(which))),
            Claimed::Repeated(known) => self.repeat(which, &known),
            Claimed::Mismatch => self.refuse(which, 422),
        }
    }

    /// The server half's submit arrives at the service.
    pub(crate) fn upstream_arrives(&mut self, number: usize) {
        let upstream = &mut self.server.upstream[number];
        upstream.arrived = true;
        let (which, fault, dead) =
            (upstream.exchange as usize, upstream.fault, upstream.process != self.server.process);
        if dead && self.chance.one_in(2) {
            return;
        }
        let key = Arc::clone(&upstream.key);
        let question = self.question(which);
        let answer = faulty(fault.then, question, &mut self.chance);
        let (mut answer, mut id) = (answer, None);
        if answer.is_none() && self.is_full() {
            answer = faulty(Then::Limited(Wait::Hidden), question, &mut self.chance);
        } else if fault.reaches {
            let kind = self.exchanges[which].kind();
            let plan = &self.tasks[self.exchanges[which].task as usize].plan;
            let (fate, steps) = (plan.fate.clone(), plan.steps.map(i64::from));
            let prompt = prompt(self.exchanges[which].submitter);
            self.service.next_outcome = fate;
            let result =
                self.service.submit(self.clock.time, kind, &Submission { prompt, steps, ..Submission::default() });
            id = result.as_ref().ok().map(|reply| Arc::clone(&reply.generation.id));
            let mut made = match answer {
                Some(answer) => answer,
                None => said(result, fault.then, question, &mut self.chance),
            };
            if let Some(id) = &id {
                if self.climate.named {
                    made.name(id);
                }
                self.note_key(id, &key);
            }
            answer = Some(made);
        }
        tell!(
            self,
            None,
            "the server half's POST {fault:?} comes to {:?}, job {id:?}",
            answer.as_ref().map(|it| it.meaning)
        );
        let delay = if fault.then == Then::Silent { LIMIT } else { self.climate.latency(&mut self.chance) };
        self.server.upstream[number].answer = answer.map(|answer| (answer.keyed(), id));
        self.agenda.note(self.clock.time + delay, What::Outcome(index(number)));
    }

    /// The server half learns what came of its submit.
    pub(crate) fn upstream_answers(&mut self, number: usize) {
        let upstream = &mut self.server.upstream[number];
        let (which, key) = (upstream.exchange as usize, Arc::clone(&upstream.key));
        let Some((answer, id)) = upstream.answer.take().filter(|_| upstream.process == self.server.process) else {
            return;
        };
        let state = match answer.meaning {
            Meaning::Accepted(_) => id.clone().map_or(Known::Unknown, Known::Accepted),
            Meaning::Unknown => Known::Unknown,
            _ => Known::Nothing,
        };
        let waiting = self.server.settle(&key, state.clone(), self.clock.time);
        match &state {
            Known::Nothing if answer.is_redirect() => self.refuse(which, 400),
            Known::Unknown => self.repeat(which, &state),
            _ => self.finish(which, answer.clone(), id),
        }
        for repeated in waiting {
            match &state {
                Known::Nothing if answer.is_redirect() => self.refuse(repeated as usize, 400),
                Known::Nothing => self.finish(repeated as usize, answer.clone(), None),
                known => self.repeat(repeated as usize, known),
            }
        }
    }

    /// A repeated submit has waited for long enough.
    pub(crate) fn out_of_patience(&mut self, which: usize) {
        if self.server.give_up(index(which)) {
            self.refuse(which, 409);
        }
    }

    /// Answers a submit by what is known of its key.
    fn repeat(&mut self, which: usize, known: &Known) {
        let found = match known {
            Known::Accepted(id) => Some(Arc::clone(id)),
            Known::Unknown => self.exchanges[which].name.clone().and_then(|key| self.found_by_server(&key)),
            _ => None,
        };
        match found {
            Some(id) => {
                let answer = self.accepted_answer(which, &id);
                self.finish(which, answer, Some(id));
            }
            None => self.refuse(which, 502),
        }
    }

    /// What the server half finds in the service's logs.
    pub(crate) fn found_by_server(&self, key: &str) -> Option<Arc<str>> {
        let jobs = if self.server.reads_logs { self.service.generations() } else { &[] };
        let visible = |job: &&emulator::Generation| job.client_request_id.as_deref() == Some(key);
        jobs.iter().filter(visible).find(|job| self.is_listed(job)).map(|job| Arc::clone(&job.id))
    }

    /// The reply to a submit that was accepted, once more.
    pub(crate) fn accepted_answer(&mut self, which: usize, id: &str) -> Answer {
        let question = Question { create: true, ..self.question(which) };
        let reply = self.service.generation(id).map(|job| emulator::Reply {
            generation: job,
            status: job.status(job.accepted_at),
            submitted: true,
        });
        said(reply.ok_or(ApiError::UnknownGeneration), Then::Normal, question, &mut self.chance)
    }

    fn refuse(&mut self, which: usize, status: u16) {
        let answer = plain_error(status, self.question(which), &mut self.chance);
        self.finish(which, answer, None);
    }

    /// The server half's answer leaves for the page, and meets what befalls it on that way.
    fn finish(&mut self, which: usize, answer: Answer, id: Option<Arc<str>>) {
        let exchange = &self.exchanges[which];
        if exchange.is_answered() {
            return;
        }
        let question = self.question(which);
        let mut made = match self.exchanges[which].way_back() {
            Then::Normal => answer,
            then => faulty(then, question, &mut self.chance).unwrap_or(answer),
        };
        if let (true, Some(id)) = (self.climate.named, &id) {
            made.name(id);
        }
        self.answer(which, made, id);
    }

    /// The process dies in the midst of what it does, and another begins.
    pub(crate) fn restart_server(&mut self) {
        let process = self.server.process;
        let mut cut = self.server.restart(self.clock.time);
        let sending = self.server.upstream.iter().filter(|it| it.process == process && it.is_under_way());
        cut.extend(sending.map(|upstream| upstream.exchange));
        for which in cut {
            let which = which as usize;
            if !self.exchanges[which].is_answered() {
                let lost = faulty(Then::Lost, self.question(which), &mut self.chance);
                if let Some(lost) = lost {
                    self.answer(which, lost, None);
                }
            }
        }
    }
}

impl Upstream {
    fn is_under_way(&self) -> bool {
        !self.arrived || self.answer.is_some()
    }
}
