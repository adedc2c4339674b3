//! Requests and replies in flight.

mod truncated;

use std::sync::{Arc, LazyLock};

use emulator::{ApiError, Key, Reply, Submission};
use protocol::{Endpoint, Event, HttpRequest};

use crate::answer::{Answer, Meaning, RequestInfo, faulty_answer, service_answer};
use crate::driver::index;
use crate::event_queue::SimEvent;
use crate::fault::{Fault, FaultEffect, RetryAfterHeader};
use crate::fault_profile::Streams;
use crate::invariant::Invariant;
use crate::keys::KEYS;
use crate::sent::{Sent, SentSubmission};
use crate::task::{Method, Operation};
use crate::world::{World, trace};

/// The origins of a run, and the same on this machine.
const HOSTS: [[&str; 2]; 2] = [["api.aimlapi.com", "localhost"], ["proxy.example", "127.0.0.1"]];

static ENDPOINTS: LazyLock<Vec<[Endpoint; 2]>> = LazyLock::new(|| {
    let at = |host: &str| Endpoint::new(&["https://", host, "/"].concat(), "", true, None).unwrap_or_default();
    HOSTS.iter().map(|hosts| hosts.map(at)).collect()
});

/// Where the requests of a client go.
pub(crate) fn endpoint(origin: usize, loopback: bool) -> Endpoint {
    ENDPOINTS[origin][usize::from(loopback)].clone()
}

fn host(origin: usize, loopback: bool) -> &'static str {
    HOSTS[origin][usize::from(loopback)]
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
/// One request.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) task: u32,
    epoch: u32,
    pub(crate) method: Method,
    /// Its body is a stream.
    streamed: bool,
    pub(crate) key: Option<usize>,
    fault: Fault,
    /// What is asked for, or what was created.
    id: Option<Arc<str>>,
    /// How many 429s had come when it was sent.
    pub(crate) refusals: u32,
    pub(crate) arrived: bool,
    /// The head of the reply has arrived, and the body has not.
    head: bool,
    answer: Option<Answer>,
    answered: bool,
    /// When it was answered, in true time.
    pub(crate) answered_at: u64,
    /// The idempotency key of a submit.
    pub(crate) submit_key: Option<Arc<str>>,
    /// When the server said that this submit may be sent, in true time.
    pub(crate) allowed_at: u64,
    /// The query of a look-up in the logs.
    query: Option<String>,
    /// What it submits.
    submission: Option<SentSubmission>,
}

/// The epoch of no wait: a reply that belongs to it is ignored.
const NOBODY: u32 = u32::MAX;

impl World {
    /// Sends the request of a task's call.
    pub(crate) fn send(&mut self, task_index: usize, request: &HttpRequest) {
        let sent = Sent::read(request);
        let method = sent.method;
        let create = method == Method::Submit;
        self.check_send(task_index, method, sent.key);
        self.check_request(task_index, &sent);
        self.page.open += 1;
        let submit_key = self.idempotency_key(task_index, &sent);
        let streamed = create && self.stream(task_index, request.stream_body);
        let task = &mut self.tasks[task_index];
        task.operation = Operation::Exchanging(method);
        let lost = self.page.offline && !self.clients[task.plan.client].loopback;
        let fault = if lost {
            Fault { reaches: false, effect: FaultEffect::NetworkError }
        } else {
            self.fault_profile.fault(create, &mut self.rng)
        };
        let fault = if streamed { self.fault_profile.stream_fault(fault, &mut self.rng) } else { fault };
        let exchange = Exchange {
            task: index(task_index),
            epoch: task.epoch,
            method,
            streamed,
            key: sent.key,
            fault,
            id: sent.id,
            refusals: self.page.gates[self.clients[task.plan.client].origin].refusals(create),
            arrived: false,
            head: false,
            answer: None,
            answered: false,
            answered_at: 0,
            submit_key,
            allowed_at: task.submit_key.as_ref().map_or(0, |submit_key| submit_key.allowed_at),
            query: sent.logs,
            submission: sent.submission,
        };
        self.exchanges.push(exchange);
        let at = self.clock.time + self.fault_profile.latency(&mut self.rng);
        let exchange_index = self.exchanges.len() - 1;
        self.tasks[task_index].exchange = exchange_index;
        let delay = if create && !lost && self.has_server_half(task_index) {
            self.repeat_below_fetch(exchange_index)
        } else {
            0
        };
        self.event_queue.schedule(at + delay, SimEvent::RequestArrives(index(exchange_index)));
    }

    /// A browser may repeat a POST by itself, and a POST that failed may arrive late: a second request whose
    /// reply nobody reads. Returns how much later the reply to the first one comes.
    fn repeat_below_fetch(&mut self, exchange_index: usize) -> u64 {
        let Fault { reaches, effect } = self.exchanges[exchange_index].fault;
        let late = effect == FaultEffect::NetworkError;
        // No browser repeats a stream.
        let once = self.exchanges[exchange_index].streamed && !late;
        if once || !(reaches || late) || !self.rng.happens(if late { 0.5 } else { self.fault_profile.fault / 2.0 }) {
            return 0;
        }
        let exchange = &self.exchanges[exchange_index];
        let repeated = Exchange {
            epoch: NOBODY,
            id: None,
            answer: None,
            submit_key: exchange.submit_key.clone(),
            query: None,
            submission: exchange.submission.clone(),
            fault: Fault { reaches: true, effect: FaultEffect::NetworkError },
            ..*exchange
        };
        self.exchanges.push(repeated);
        let delay = if late { self.rng.span(100, 10) } else { self.fault_profile.latency(&mut self.rng) };
        self.event_queue.schedule(self.clock.time + delay, SimEvent::RequestArrives(index(self.exchanges.len() - 1)));
        if late { 0 } else { delay }
    }

    /// Whether the body of a task's submit is a stream.
    fn stream(&mut self, task_index: usize, stream_body: bool) -> bool {
        let streamed = stream_body && !matches!(self.fault_profile.streams, Streams::Impossible);
        let task = &mut self.tasks[task_index];
        if let Some(machine) = &mut task.machine {
            machine.on_body_streamed(streamed);
        }
        if streamed && task.checker.stream_failed {
            self.violate(Invariant::RepliesObeyed, format_args!("task {task_index}: another stream after one in vain"));
        }
        streamed
    }

    /// A request arrives at the service, or where its fault is.
    pub(crate) fn request_arrives(&mut self, exchange_index: usize) {
        let exchange = &mut self.exchanges[exchange_index];
        exchange.arrived = true;
        let (method, fault, task_index) = (exchange.method, exchange.fault, exchange.task as usize);
        // A request that was aborted on its way may arrive all the same.
        if self.tasks[task_index].epoch != exchange.epoch && self.rng.one_in(2) {
            return;
        }
        let create = method == Method::Submit;
        if create && fault.reaches && self.has_server_half(task_index) {
            return self.arrive_at_server(exchange_index);
        }
        let request_info = self.request_info(exchange_index);
        let mut answer = faulty_answer(fault.effect, request_info, &mut self.rng);
        let mut id = None;
        if method == Method::Lookup {
            let logs = self.exchanges[exchange_index].query.is_some();
            let full_answer = answer.unwrap_or_else(|| {
                let (answer, found) = self.answer_lookup(exchange_index, fault.effect);
                id = found;
                answer
            });
            return self.answer(exchange_index, full_answer.for_lookup(logs), id);
        }
        if create && answer.is_none() && self.is_full() {
            answer = faulty_answer(FaultEffect::RateLimited(RetryAfterHeader::Absent), request_info, &mut self.rng);
        } else if fault.reaches {
            let exchange = &self.exchanges[exchange_index];
            let (kind, time, task) = (exchange.kind(), self.clock.time, &self.tasks[task_index]);
            let result: Result<Reply<'_>, ApiError> = if create {
                self.service.next_outcome = task.plan.scripted.clone();
                self.service.submit(time, kind, &exchange.submission())
            } else {
                self.service.poll(time, kind, exchange.id.as_deref().unwrap_or_default())
            };
            id = result.as_ref().ok().map(|reply| Arc::clone(&reply.generation.id));
            let mut full_answer = match answer {
                Some(answer) => answer,
                None => service_answer(result, fault.effect, request_info, &mut self.rng),
            };
            if let (true, Some(id)) = (create, &id) {
                if self.fault_profile.header_has_id {
                    full_answer.set_header_id(id);
                }
                if let Some(key) = self.exchanges[exchange_index].submit_key.clone() {
                    self.note_key(id, &key);
                }
            }
            answer = Some(full_answer);
        }
        if let Some(answer) = answer {
            self.answer(exchange_index, answer, id);
        }
    }

    /// The answer to a request, with what happens to it on its way.
    pub(crate) fn answer(&mut self, exchange_index: usize, answer: Answer, id: Option<Arc<str>>) {
        let exchange = &mut self.exchanges[exchange_index];
        let keyed = exchange.submit_key.is_some() && exchange.method == Method::Submit;
        let answer = if exchange.streamed { answer.streamed() } else { answer };
        let answer = if keyed { answer.keyed() } else { answer };
        let (task_index, method, fault) = (exchange.task as usize, exchange.method, exchange.fault);
        let summary = (answer.status, answer.meaning);
        (exchange.id, exchange.answer, exchange.answered) = (id, Some(answer), true);
        exchange.answered_at = self.clock.time;
        let heard = self.tasks[task_index].epoch == exchange.epoch;
        if self.trace.is_on() {
            let id = &self.exchanges[exchange_index].id;
            let line = format!("{method:?} {fault:?}, job {id:?}, answers {summary:?}");
            self.trace_line(Some(task_index), line);
        }
        if fault.effect != FaultEffect::NoReply && heard {
            let at = self.clock.time + self.fault_profile.latency(&mut self.rng);
            self.event_queue.schedule(at, SimEvent::ReplyArrives(index(exchange_index)));
        }
    }

    /// Whether the service does as much as it can.
    pub(crate) fn is_full(&self) -> bool {
        let running = || self.service.generations().iter().filter(|job| !job.is_final(self.clock.time)).count();
        self.fault_profile.capacity.is_some_and(|capacity| running() >= capacity)
    }

    /// The request that is to be answered.
    pub(crate) fn request_info(&mut self, exchange_index: usize) -> RequestInfo {
        let exchange = &self.exchanges[exchange_index];
        let older = self.tasks[exchange.task as usize].checker.keys.first().copied();
        RequestInfo {
            create: exchange.method == Method::Submit,
            // An error may name an older key of the call.
            key: exchange.key.map(|key| older.filter(|_| self.rng.one_in(2)).unwrap_or(key)),
            ids: self.fault_profile.ids,
            wall: self.clock.service_wall(),
            echo: self.fault_profile.echo,
            thorough: self.fault_profile.thorough || exchange.method == Method::Lookup,
        }
    }

    /// A reply arrives in the page.
    pub(crate) fn reply_arrives(&mut self, exchange_index: usize) {
        let exchange = &mut self.exchanges[exchange_index];
        let task_index = exchange.task as usize;
        if self.tasks[task_index].epoch != exchange.epoch {
            return;
        }
        let Some(answer) = exchange.answer.take() else { return };
        if answer.open {
            (exchange.head, exchange.answer) = (true, Some(answer));
            trace!(self, Some(task_index), "a whole document arrives, and its stream stays open");
            return self.document(task_index);
        }
        if !exchange.head && answer.has_body() && self.rng.happens(self.fault_profile.slow) {
            (exchange.head, exchange.answer) = (true, Some(answer));
            let at = self.clock.time + self.rng.span(100, 10);
            self.event_queue.schedule(at, SimEvent::ReplyArrives(index(exchange_index)));
            trace!(self, Some(task_index), "the head of the reply arrives");
            return;
        }
        if matches!(answer.meaning, Meaning::Accepted(_)) {
            self.tasks[task_index].id = exchange.id.take();
        }
        self.page.open = self.page.open.saturating_sub(1);
        let (method, meaning, lost) = (exchange.method, answer.meaning, answer.is_lost());
        self.check_status(task_index, method, answer.status);
        self.check_reply(exchange_index, meaning, lost);
        if answer.is_lost() {
            let unread = answer.meaning == Meaning::StreamFailed;
            self.advance(task_index, if unread { Event::BodyNeverRead } else { Event::NetworkError });
        } else {
            self.advance(task_index, Event::Reply(answer.read()));
        }
        self.check_after_reply(task_index, answer.meaning);
    }

    fn check_request(&mut self, task_index: usize, sent: &Sent) {
        let task = &self.tasks[task_index];
        let client = &self.clients[task.plan.client];
        let known = task.machine.as_ref().and_then(|machine| machine.generation());
        let same = sent.method != Method::Poll || known.map(|known| known.id.as_str()) == sent.id.as_deref();
        if !sent.is_valid || !same || sent.host != host(client.origin, client.loopback) {
            self.violate(Invariant::RequestValid, format_args!("task {task_index}: {sent:?}"));
        }
    }
}

impl Exchange {
    /// What the service reads of its body.
    pub(crate) fn submission(&self) -> Submission<'_> {
        let Some(SentSubmission { prompt, steps }) = &self.submission else { return Submission::default() };
        Submission { prompt, steps: *steps, ..Submission::default() }
    }

    /// What the service makes of its key; a proxy adds a good one.
    pub(crate) fn kind(&self) -> Key {
        self.key.map_or(Key::Demo, |key| KEYS[key].kind)
    }

    /// The fault that alters what the service says.
    pub(crate) fn content_effect(&self) -> FaultEffect {
        if self.fault.effect.alters_content() { self.fault.effect } else { FaultEffect::Normal }
    }

    /// The fault of its answer on the way back to the page.
    pub(crate) fn transport_effect(&self) -> FaultEffect {
        if self.fault.effect.alters_content() { FaultEffect::Normal } else { self.fault.effect }
    }

    /// Whether its answer has left.
    pub(crate) fn is_answered(&self) -> bool {
        self.answered
    }

    /// The query of a look-up in the logs.
    pub(crate) fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }
}

/// The prompt of a call: its number, so that the service's ledger tells calls apart.
pub(crate) fn prompt(submitter: u32) -> &'static str {
    static PROMPTS: LazyLock<Vec<String>> = LazyLock::new(|| (0..1_000).map(|number| number.to_string()).collect());
    PROMPTS.get(submitter as usize).map_or("1000", String::as_str)
}
