//! Requests and replies under way.

mod cut;

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
    /// The true time of its answer.
    pub(crate) answered_at: u64,
    /// The idempotency key of a submit.
    pub(crate) submit_key: Option<Arc<str>>,
    /// The true time of the server's word by which that submit may leave.
    pub(crate) allowed_at: u64,
    /// The query of a look-up in the logs.
    query: Option<String>,
    /// What it submits.
    submission: Option<SentSubmission>,
}

/// No wait of a task has this number: what belongs to it is heard by nobody.
const NOBODY: u32 = u32::MAX;

impl World {
    /// Sends the request of a task's call.
    pub(crate) fn send(&mut self, who: usize, request: &HttpRequest) {
        let sent = Sent::read(request);
        let method = sent.method;
        let create = method == Method::Submit;
        self.check_send(who, method, sent.key);
        self.check_request(who, &sent);
        self.page.open += 1;
        let name = self.idempotency_key(who, &sent);
        let streamed = create && self.stream(who, request.stream_body);
        let task = &mut self.tasks[who];
        task.operation = Operation::Exchanging(method);
        let lost = self.page.offline && !self.clients[task.plan.client].loopback;
        let fault = if lost {
            Fault { reaches: false, effect: FaultEffect::NetworkError }
        } else {
            self.fault_profile.fault(create, &mut self.rng)
        };
        let fault = if streamed { self.fault_profile.stream_fault(fault, &mut self.rng) } else { fault };
        let exchange = Exchange {
            task: index(who),
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
            submit_key: name,
            allowed_at: task.submit_key.as_ref().map_or(0, |name| name.allowed_at),
            query: sent.logs,
            submission: sent.submission,
        };
        self.exchanges.push(exchange);
        let at = self.clock.time + self.fault_profile.latency(&mut self.rng);
        let which = self.exchanges.len() - 1;
        self.tasks[who].exchange = which;
        let delay = if create && !lost && self.guards(who) { self.repeat_below_fetch(which) } else { 0 };
        self.event_queue.schedule(at + delay, SimEvent::RequestArrives(index(which)));
    }

    /// A browser may send a POST again by itself, and what it calls lost may arrive late: a second
    /// request that nobody hears. How much later the first one's answer comes.
    fn repeat_below_fetch(&mut self, which: usize) -> u64 {
        let Fault { reaches, effect } = self.exchanges[which].fault;
        let late = effect == FaultEffect::NetworkError;
        // No browser repeats a stream. What refuses a second one on its way cannot tell of the first.
        let once = self.exchanges[which].streamed && !late;
        if once || !(reaches || late) || !self.rng.happens(if late { 0.5 } else { self.fault_profile.fault / 2.0 }) {
            return 0;
        }
        let exchange = &self.exchanges[which];
        let ghost = Exchange {
            epoch: NOBODY,
            id: None,
            answer: None,
            submit_key: exchange.submit_key.clone(),
            query: None,
            submission: exchange.submission.clone(),
            fault: Fault { reaches: true, effect: FaultEffect::NetworkError },
            ..*exchange
        };
        self.exchanges.push(ghost);
        let delay = if late { self.rng.span(100, 10) } else { self.fault_profile.latency(&mut self.rng) };
        self.event_queue.schedule(self.clock.time + delay, SimEvent::RequestArrives(index(self.exchanges.len() - 1)));
        if late { 0 } else { delay }
    }

    /// Whether the body of a task's submit is a stream.
    fn stream(&mut self, who: usize, stream_body: bool) -> bool {
        let streamed = stream_body && !matches!(self.fault_profile.streams, Streams::Impossible);
        let task = &mut self.tasks[who];
        if let Some(machine) = &mut task.machine {
            machine.on_body_streamed(streamed);
        }
        if streamed && task.checker.in_vain {
            self.violate(Invariant::RepliesObeyed, format_args!("task {who}: another stream after one in vain"));
        }
        streamed
    }

    /// A request arrives at the service, or where its fault is.
    pub(crate) fn arrive(&mut self, which: usize) {
        let exchange = &mut self.exchanges[which];
        exchange.arrived = true;
        let (method, fault, who) = (exchange.method, exchange.fault, exchange.task as usize);
        // A request that was aborted on its way may arrive all the same.
        if self.tasks[who].epoch != exchange.epoch && self.rng.one_in(2) {
            return;
        }
        let create = method == Method::Submit;
        if create && fault.reaches && self.guards(who) {
            return self.arrive_at_server(which);
        }
        let request_info = self.request_info(which);
        let mut answer = faulty_answer(fault.effect, request_info, &mut self.rng);
        let mut id = None;
        if method == Method::Lookup {
            let logs = self.exchanges[which].query.is_some();
            let made = answer.unwrap_or_else(|| {
                let (answer, found) = self.look_up(which, fault.effect);
                id = found;
                answer
            });
            return self.answer(which, made.for_lookup(logs), id);
        }
        if create && answer.is_none() && self.is_full() {
            answer = faulty_answer(FaultEffect::RateLimited(RetryAfterHeader::Absent), request_info, &mut self.rng);
        } else if fault.reaches {
            let exchange = &self.exchanges[which];
            let (kind, time, task) = (exchange.kind(), self.clock.time, &self.tasks[who]);
            let result: Result<Reply<'_>, ApiError> = if create {
                self.service.next_outcome = task.plan.fate.clone();
                self.service.submit(time, kind, &exchange.submission())
            } else {
                self.service.poll(time, kind, exchange.id.as_deref().unwrap_or_default())
            };
            id = result.as_ref().ok().map(|reply| Arc::clone(&reply.generation.id));
            let mut made = match answer {
                Some(answer) => answer,
                None => service_answer(result, fault.effect, request_info, &mut self.rng),
            };
            if let (true, Some(id)) = (create, &id) {
                if self.fault_profile.header_has_id {
                    made.name(id);
                }
                if let Some(key) = self.exchanges[which].submit_key.clone() {
                    self.note_key(id, &key);
                }
            }
            answer = Some(made);
        }
        if let Some(answer) = answer {
            self.answer(which, answer, id);
        }
    }

    /// What a request is answered with; what befalls it on its way is in there already.
    pub(crate) fn answer(&mut self, which: usize, answer: Answer, id: Option<Arc<str>>) {
        let exchange = &mut self.exchanges[which];
        let keyed = exchange.submit_key.is_some() && exchange.method == Method::Submit;
        let answer = if exchange.streamed { answer.streamed() } else { answer };
        let answer = if keyed { answer.keyed() } else { answer };
        let (who, method, fault) = (exchange.task as usize, exchange.method, exchange.fault);
        let told = (answer.status, answer.meaning);
        (exchange.id, exchange.answer, exchange.answered) = (id, Some(answer), true);
        exchange.answered_at = self.clock.time;
        let heard = self.tasks[who].epoch == exchange.epoch;
        if self.trace.is_on() {
            let id = &self.exchanges[which].id;
            let line = format!("{method:?} {fault:?}, job {id:?}, answers {told:?}");
            self.trace_line(Some(who), line);
        }
        if fault.effect != FaultEffect::NoReply && heard {
            let at = self.clock.time + self.fault_profile.latency(&mut self.rng);
            self.event_queue.schedule(at, SimEvent::ReplyArrives(index(which)));
        }
    }

    /// Whether the service does as much as it can.
    pub(crate) fn is_full(&self) -> bool {
        let running = || self.service.generations().iter().filter(|job| !job.is_final(self.clock.time)).count();
        self.fault_profile.capacity.is_some_and(|capacity| running() >= capacity)
    }

    /// The request that is to be answered.
    pub(crate) fn request_info(&mut self, which: usize) -> RequestInfo {
        let exchange = &self.exchanges[which];
        let older = self.tasks[exchange.task as usize].checker.keys.first().copied();
        RequestInfo {
            create: exchange.method == Method::Submit,
            // Of all that the call has sent: an older one may still be talked of.
            key: exchange.key.map(|key| older.filter(|_| self.rng.one_in(2)).unwrap_or(key)),
            ids: self.fault_profile.ids,
            wall: self.clock.service_wall(),
            echo: self.fault_profile.echo,
            thorough: self.fault_profile.thorough || exchange.method == Method::Lookup,
        }
    }

    /// A reply arrives in the page.
    pub(crate) fn deliver(&mut self, which: usize) {
        let exchange = &mut self.exchanges[which];
        let who = exchange.task as usize;
        if self.tasks[who].epoch != exchange.epoch {
            return;
        }
        let Some(answer) = exchange.answer.take() else { return };
        if answer.open {
            (exchange.head, exchange.answer) = (true, Some(answer));
            trace!(self, Some(who), "a whole document arrives, and its stream stays open");
            return self.document(who);
        }
        if !exchange.head && answer.has_body() && self.rng.happens(self.fault_profile.slow) {
            (exchange.head, exchange.answer) = (true, Some(answer));
            let at = self.clock.time + self.rng.span(100, 10);
            self.event_queue.schedule(at, SimEvent::ReplyArrives(index(which)));
            trace!(self, Some(who), "the head of the reply arrives");
            return;
        }
        if matches!(answer.meaning, Meaning::Accepted(_)) {
            self.tasks[who].id = exchange.id.take();
        }
        self.page.open = self.page.open.saturating_sub(1);
        let (method, meaning, lost) = (exchange.method, answer.meaning, answer.is_lost());
        self.check_status(who, method, answer.status);
        self.check_reply(which, meaning, lost);
        if answer.is_lost() {
            let unread = answer.meaning == Meaning::StreamFailed;
            self.advance(who, if unread { Event::BodyNeverRead } else { Event::NetworkError });
        } else {
            self.advance(who, Event::Reply(answer.read()));
        }
        self.check_after_reply(who, answer.meaning);
    }

    fn check_request(&mut self, who: usize, sent: &Sent) {
        let task = &self.tasks[who];
        let client = &self.clients[task.plan.client];
        let known = task.machine.as_ref().and_then(|machine| machine.generation());
        let same = sent.method != Method::Poll || known.map(|known| known.id.as_str()) == sent.id.as_deref();
        if !sent.is_valid || !same || sent.host != host(client.origin, client.loopback) {
            self.violate(Invariant::RequestValid, format_args!("task {who}: {sent:?}"));
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

    /// How the service's words to it are bent.
    pub(crate) fn bent(&self) -> FaultEffect {
        if self.fault.effect.bends() { self.fault.effect } else { FaultEffect::Normal }
    }

    /// What befalls its answer on the way back to the page.
    pub(crate) fn way_back(&self) -> FaultEffect {
        if self.fault.effect.bends() { FaultEffect::Normal } else { self.fault.effect }
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
