//! How a submit passes the server half: claimed, sent, answered, repeated.

use std::sync::Arc;

use emulator::ApiError;

use crate::answer::{Answer, Meaning, RequestInfo, faulty_answer, plain_error, service_answer};
use crate::driver::index;
use crate::event_queue::SimEvent;
use crate::fault::{Fault, FaultEffect, RetryAfterHeader};
use crate::server::{ClaimResult, KeyState, Upstream};
use crate::world::{World, trace};

/// How long a repeated submit waits for the outcome of the first.
const REPEAT_TIMEOUT: u64 = 8_000;
/// The timeout of a submit to the service.
const SUBMIT_TIMEOUT: u64 = 120_000;

impl World {
    /// A submit arrives at the server half.
    pub(crate) fn arrive_at_server(&mut self, exchange_index: usize) {
        let exchange = &self.exchanges[exchange_index];
        let (task, content_effect, allowed_at) = (exchange.task, exchange.content_effect(), exchange.allowed_at);
        let Some(key) = exchange.submit_key.clone() else { return };
        self.server.excuse(&key, allowed_at);
        match self.server.claim(&key, task, index(exchange_index), self.clock.time) {
            ClaimResult::First => {
                let fault = match content_effect {
                    FaultEffect::Normal => self.fault_profile.fault(true, &mut self.rng),
                    effect => Fault { reaches: true, effect },
                };
                let process = self.server.process;
                let upstream =
                    Upstream { exchange: index(exchange_index), key, fault, process, arrived: false, answer: None };
                self.server.upstream.push(upstream);
                let at = self.clock.time + self.fault_profile.latency(&mut self.rng);
                self.event_queue.schedule(at, SimEvent::UpstreamArrives(index(self.server.upstream.len() - 1)));
            }
            ClaimResult::Waits => {
                self.event_queue
                    .schedule(self.clock.time + REPEAT_TIMEOUT, SimEvent::RepeatTimesOut(index(exchange_index)));
            }
            ClaimResult::Repeated(known) => self.repeat(exchange_index, &known),
            ClaimResult::Mismatch => self.refuse(exchange_index, 422),
        }
    }

    /// The server half's submit arrives at the service.
    pub(crate) fn upstream_arrives(&mut self, number: usize) {
        let upstream = &mut self.server.upstream[number];
        upstream.arrived = true;
        let (exchange_index, fault, dead) =
            (upstream.exchange as usize, upstream.fault, upstream.process != self.server.process);
        if dead && self.rng.one_in(2) {
            return;
        }
        let key = Arc::clone(&upstream.key);
        let request_info = self.request_info(exchange_index);
        let answer = faulty_answer(fault.effect, request_info, &mut self.rng);
        let (mut answer, mut id) = (answer, None);
        if answer.is_none() && self.is_full() {
            answer = faulty_answer(FaultEffect::RateLimited(RetryAfterHeader::Absent), request_info, &mut self.rng);
        } else if fault.reaches {
            let kind = self.exchanges[exchange_index].kind();
            let plan = &self.tasks[self.exchanges[exchange_index].task as usize].plan;
            self.service.next_outcome = plan.scripted.clone();
            let submission = self.exchanges[exchange_index].submission();
            let result = self.service.submit(self.clock.time, kind, &submission);
            id = result.as_ref().ok().map(|reply| Arc::clone(&reply.generation.id));
            let mut full_answer = match answer {
                Some(answer) => answer,
                None => service_answer(result, fault.effect, request_info, &mut self.rng),
            };
            if let Some(id) = &id {
                if self.fault_profile.header_has_id {
                    full_answer.set_header_id(id);
                }
                self.note_key(id, &key);
            }
            answer = Some(full_answer);
        }
        trace!(
            self,
            None,
            "the server half's POST {fault:?} comes to {:?}, job {id:?}",
            answer.as_ref().map(|it| it.meaning)
        );
        let delay = if fault.effect == FaultEffect::NoReply {
            SUBMIT_TIMEOUT
        } else {
            self.fault_profile.latency(&mut self.rng)
        };
        self.server.upstream[number].answer = answer.map(|answer| (answer.keyed(), id));
        self.event_queue.schedule(self.clock.time + delay, SimEvent::UpstreamAnswers(index(number)));
    }

    /// The server half learns what came of its submit.
    pub(crate) fn upstream_answers(&mut self, number: usize) {
        let upstream = &mut self.server.upstream[number];
        let (exchange_index, key) = (upstream.exchange as usize, Arc::clone(&upstream.key));
        let Some((answer, id)) = upstream.answer.take().filter(|_| upstream.process == self.server.process) else {
            return;
        };
        let state = match answer.meaning {
            Meaning::Accepted(_) => id.clone().map_or(KeyState::Unknown, KeyState::Accepted),
            Meaning::Unknown => KeyState::Unknown,
            _ => KeyState::Absent,
        };
        let waiting = self.server.settle(&key, state.clone(), self.clock.time);
        match &state {
            KeyState::Absent if answer.is_redirect() => self.refuse(exchange_index, 400),
            KeyState::Unknown => self.repeat(exchange_index, &state),
            _ => self.finish(exchange_index, answer.clone(), id),
        }
        for repeated in waiting {
            match &state {
                KeyState::Absent if answer.is_redirect() => self.refuse(repeated as usize, 400),
                KeyState::Absent => self.finish(repeated as usize, answer.clone(), None),
                known => self.repeat(repeated as usize, known),
            }
        }
    }

    /// A repeated submit has waited for long enough.
    pub(crate) fn repeat_times_out(&mut self, exchange_index: usize) {
        if self.server.give_up(index(exchange_index)) {
            self.refuse(exchange_index, 409);
        }
    }

    /// Answers a submit by what is known of its key.
    fn repeat(&mut self, exchange_index: usize, known: &KeyState) {
        let found = match known {
            KeyState::Accepted(id) => Some(Arc::clone(id)),
            KeyState::Unknown => {
                self.exchanges[exchange_index].submit_key.clone().and_then(|key| self.found_by_server(&key))
            }
            _ => None,
        };
        match found {
            Some(id) => {
                let answer = self.accepted_answer(exchange_index, &id);
                self.finish(exchange_index, answer, Some(id));
            }
            None => self.refuse(exchange_index, 502),
        }
    }

    /// What the server half finds in the service's logs.
    pub(crate) fn found_by_server(&self, key: &str) -> Option<Arc<str>> {
        let jobs = if self.server.reads_logs { self.service.generations() } else { &[] };
        let visible = |job: &&emulator::Generation| job.client_request_id.as_deref() == Some(key);
        jobs.iter().filter(visible).find(|job| self.is_listed(job)).map(|job| Arc::clone(&job.id))
    }

    /// The reply to a submit that was accepted, once more.
    pub(crate) fn accepted_answer(&mut self, exchange_index: usize, id: &str) -> Answer {
        let request_info = RequestInfo { create: true, ..self.request_info(exchange_index) };
        let reply = self.service.generation(id).map(|job| emulator::Reply {
            generation: job,
            status: job.status(job.accepted_at),
            submitted: true,
        });
        service_answer(reply.ok_or(ApiError::UnknownGeneration), FaultEffect::Normal, request_info, &mut self.rng)
    }

    fn refuse(&mut self, exchange_index: usize, status: u16) {
        let answer = plain_error(status, self.request_info(exchange_index), &mut self.rng);
        self.finish(exchange_index, answer, None);
    }

    /// The server half's answer leaves for the page, with the fault that it has on that way.
    fn finish(&mut self, exchange_index: usize, answer: Answer, id: Option<Arc<str>>) {
        let exchange = &self.exchanges[exchange_index];
        if exchange.is_answered() {
            return;
        }
        let request_info = self.request_info(exchange_index);
        let mut full_answer = match self.exchanges[exchange_index].transport_effect() {
            FaultEffect::Normal => answer,
            effect => faulty_answer(effect, request_info, &mut self.rng).unwrap_or(answer),
        };
        if let (true, Some(id)) = (self.fault_profile.header_has_id, &id) {
            full_answer.set_header_id(id);
        }
        self.answer(exchange_index, full_answer, id);
    }

    /// The process dies, and another starts.
    pub(crate) fn restart_server(&mut self) {
        let process = self.server.process;
        let mut cut = self.server.restart(self.clock.time);
        let sending = self.server.upstream.iter().filter(|it| it.process == process && it.is_under_way());
        cut.extend(sending.map(|upstream| upstream.exchange));
        for exchange_index in cut {
            let exchange_index = exchange_index as usize;
            if !self.exchanges[exchange_index].is_answered() {
                let lost = faulty_answer(FaultEffect::NetworkError, self.request_info(exchange_index), &mut self.rng);
                if let Some(lost) = lost {
                    self.answer(exchange_index, lost, None);
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
