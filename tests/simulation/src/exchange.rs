//! Requests and replies under way.

use std::sync::Arc;

use emulator::{Key, Refusal, Reply, Submission};
use protocol::call::Event;
use protocol::endpoint::Endpoint;

use crate::agenda::What;
use crate::answer::{Answer, Meaning, Question, faulty, said};
use crate::driver::index;
use crate::fault::{Fault, Then, Wait};
use crate::invariant::Invariant;
use crate::keys::{self, KEYS};
use crate::task::Doing;
use crate::world::{World, tell};

/// The origins of a run.
pub(crate) const HOSTS: [&str; 2] = ["api.aimlapi.com", "proxy.example"];

/// One request.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) task: u32,
    epoch: u32,
    pub(crate) create: bool,
    pub(crate) key: Option<usize>,
    fault: Fault,
    /// What is asked for, or the number of the POST.
    id: Option<Arc<str>>,
    submitter: u32,
    /// How many 429s had come when it was sent.
    pub(crate) refusals: u32,
    pub(crate) arrived: bool,
    /// The head of the reply has arrived, and the body has not.
    head: bool,
    answer: Option<Answer>,
}

impl World {
    /// Sends the request of a task's call.
    pub(crate) fn send(&mut self, who: usize, create: bool) {
        let key = self.tasks[who].machine.as_ref().and_then(|machine| machine.key()).and_then(keys::which);
        self.witness_send(who, create, key);
        self.page.open += 1;
        if self.climate.thorough {
            self.check_address(who, create);
        }
        let task = &mut self.tasks[who];
        task.doing = Doing::Exchange(create);
        let lost = self.page.offline && !self.clients[task.plan.client].loopback;
        let fault = if lost {
            Fault { reaches: false, then: Then::Lost }
        } else {
            self.climate.fault(create, &mut self.chance)
        };
        let exchange = Exchange {
            task: index(who),
            epoch: task.epoch,
            create,
            key,
            fault,
            id: task.id.clone().filter(|_| !create),
            submitter: task.witness.submitter.unwrap_or_default(),
            refusals: self.page.gates[self.clients[task.plan.client].origin].refusals(create),
            arrived: false,
            head: false,
            answer: None,
        };
        self.exchanges.push(exchange);
        self.tasks[who].exchange = self.exchanges.len() - 1;
        let at = self.clock.time + self.climate.latency(&mut self.chance);
        self.agenda.note(at, What::Arrive(index(self.exchanges.len() - 1)));
    }

    /// A request arrives at the service, or where its fault is.
    pub(crate) fn arrive(&mut self, which: usize) {
        let exchange = &mut self.exchanges[which];
        exchange.arrived = true;
        let (create, fault, key) = (exchange.create, exchange.fault, exchange.key);
        let task = &self.tasks[exchange.task as usize];
        let dropped = task.epoch != exchange.epoch;
        // A request that was aborted on its way may arrive all the same.
        if dropped && self.chance.one_in(2) {
            return;
        }
        let question = Question {
            create,
            // Of all that the call has sent: an older one may still be talked of.
            key: key.map(|key| task.witness.keys.first().copied().filter(|_| self.chance.one_in(2)).unwrap_or(key)),
            ids: self.climate.ids,
            wall: self.clock.service_wall(),
            echo: self.climate.echo,
            thorough: self.climate.thorough,
        };
        let mut answer = faulty(fault.then, question, &mut self.chance);
        let running = || self.service.jobs().iter().filter(|job| !job.is_final(self.clock.time)).count();
        if create && answer.is_none() && self.climate.capacity.is_some_and(|capacity| running() >= capacity) {
            answer = faulty(Then::Limited(Wait::Hidden), question, &mut self.chance);
        } else if fault.reaches {
            // A proxy adds a good one.
            let kind = key.map_or(Key::Demo, |key| KEYS[key].kind);
            let time = self.clock.time;
            let result: Result<Reply<'_>, Refusal> = if create {
                let prompt = prompt(exchange.submitter);
                self.service.next_fate = task.plan.fate.clone();
                let steps = task.plan.steps.map(i64::from);
                self.service.submit(time, kind, &Submission { prompt, steps, ..Submission::default() })
            } else {
                self.service.poll(time, kind, exchange.id.as_deref().unwrap_or_default())
            };
            let id = result.as_ref().ok().map(|reply| Arc::clone(&reply.job.id));
            let mut made = match answer {
                Some(answer) => answer,
                None => said(result, fault.then, question, &mut self.chance),
            };
            if let (true, true, Some(id)) = (create, self.climate.named, &id) {
                made.name(id);
            }
            answer = Some(made);
            exchange.id = id;
        }
        exchange.answer = answer;
        if self.trace.is_on() {
            let exchange = &self.exchanges[which];
            let what = if create { "POST" } else { "GET" };
            let meaning = exchange.answer.as_ref().map(|answer| (answer.status, answer.meaning));
            let line = format!("{what} {fault:?}, job {:?}, answers {meaning:?}", exchange.id);
            let task = exchange.task as usize;
            self.tell(Some(task), line);
        }
        if fault.then != Then::Silent && !dropped {
            let at = self.clock.time + self.climate.latency(&mut self.chance);
            self.agenda.note(at, What::Deliver(index(which)));
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
            tell!(self, Some(who), "a whole document arrives, and its stream stays open");
            return self.document(who);
        }
        if !exchange.head && answer.has_body() && self.chance.happens(self.climate.slow) {
            (exchange.head, exchange.answer) = (true, Some(answer));
            let at = self.clock.time + self.chance.span(100, 10);
            self.agenda.note(at, What::Deliver(index(which)));
            tell!(self, Some(who), "the head of the reply arrives");
            return;
        }
        if matches!(answer.meaning, Meaning::Accepted(_)) {
            self.tasks[who].id = exchange.id.take();
        }
        self.page.open = self.page.open.saturating_sub(1);
        self.witness_reply(which, answer.meaning, answer.is_lost());
        if answer.is_lost() {
            self.advance(who, Event::Lost);
        } else {
            self.advance(who, Event::Reply(answer.read()));
        }
        self.witness_heeded(who, answer.meaning);
    }

    /// The time of a request has passed, perhaps while the body of its reply was arriving.
    pub(crate) fn give_up(&mut self, who: usize) {
        let exchange = &mut self.exchanges[self.tasks[who].exchange];
        let create = exchange.create;
        let Some(answer) = exchange.answer.take().filter(|_| exchange.head) else {
            return self.advance(who, Event::Elapsed);
        };
        let answer = answer.cut(create);
        let decided = self.decided(who, &answer);
        self.advance(who, Event::Cut(answer.read()));
        if decided {
            self.witness_heeded(who, answer.meaning);
        }
    }

    /// What is there of the reply to a submit that the caller aborts.
    pub(crate) fn aborted_reply(&mut self, who: usize) -> Option<Answer> {
        let exchange = &mut self.exchanges[self.tasks[who].exchange];
        let answer = exchange.answer.take().filter(|_| exchange.head)?.cut(true);
        self.decided(who, &answer);
        Some(answer)
    }

    /// Whether a reply that was cut tells what became of its request all the same.
    fn decided(&mut self, who: usize, answer: &Answer) -> bool {
        let which = self.tasks[who].exchange;
        let exchange = &mut self.exchanges[which];
        let decided = answer.open || exchange.create && answer.meaning != Meaning::Unknown;
        self.tasks[who].witness.decided = decided;
        if decided {
            if matches!(answer.meaning, Meaning::Accepted(_)) {
                self.tasks[who].id = exchange.id.take();
            }
            self.witness_reply(which, answer.meaning, false);
        }
        decided
    }

    /// Connections that a sleep cut.
    pub(crate) fn cut_connections(&mut self) {
        for which in 0..self.exchanges.len() {
            let exchange = &self.exchanges[which];
            let who = exchange.task as usize;
            if self.tasks[who].epoch == exchange.epoch && !exchange.head && self.chance.one_in(2) {
                tell!(self, Some(who), "the sleep cut the connection");
                let answer = faulty(Then::Lost, self.blank_question(which), &mut self.chance);
                let exchange = &mut self.exchanges[which];
                exchange.answer = answer;
                exchange.fault = Fault { reaches: exchange.fault.reaches, then: Then::Lost };
                if exchange.arrived {
                    self.agenda.note(self.clock.time + 1, What::Deliver(index(which)));
                }
            }
        }
    }

    fn blank_question(&self, which: usize) -> Question {
        let create = self.exchanges[which].create;
        Question { create, key: None, ids: self.climate.ids, wall: 0, echo: false, thorough: false }
    }

    fn check_address(&mut self, who: usize, create: bool) {
        let task = &self.tasks[who];
        let origin = self.clients[task.plan.client].origin;
        let Ok(endpoint) = Endpoint::new(&["https://", HOSTS[origin], "/"].concat(), "", true, None) else { return };
        let generation = task.machine.as_ref().and_then(|machine| machine.generation());
        let url = match generation {
            Some(generation) if !create => endpoint.status(&generation.id),
            _ => endpoint.create(),
        };
        let own = url.strip_prefix("https://").and_then(|rest| rest.strip_prefix(HOSTS[origin]));
        let decoded = url.split_once('?').and_then(|(_, query)| emulator::generation_id(query));
        let same = create || decoded.as_deref() == task.id.as_deref();
        if !own.is_some_and(|path| path.starts_with('/')) || keys::has_key(&url) || !same {
            self.breaks(Invariant::KeyKept, format_args!("a request to {url}"));
        }
    }
}

/// The prompt of a POST's call: its number, so that the service's ledger tells calls apart.
fn prompt(submitter: u32) -> &'static str {
    use std::sync::LazyLock;
    static PROMPTS: LazyLock<Vec<String>> = LazyLock::new(|| (0..1_000).map(|number| number.to_string()).collect());
    PROMPTS.get(submitter as usize).map_or("1000", String::as_str)
}
