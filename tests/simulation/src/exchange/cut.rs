//! Requests that are given up, aborted or cut off, and what is there of their replies.

use protocol::Event;

use crate::answer::{Answer, Meaning, RequestInfo, faulty_answer};
use crate::driver::index;
use crate::event_queue::SimEvent;
use crate::fault::{Fault, FaultEffect};
use crate::task::Method;
use crate::world::{World, trace};

impl World {
    /// The time of a request has passed, perhaps while the body of its reply was arriving.
    pub(crate) fn give_up(&mut self, who: usize) {
        let exchange = &mut self.exchanges[self.tasks[who].exchange];
        let (create, keyed) = (exchange.method == Method::Submit, exchange.submit_key.is_some());
        let Some(answer) = exchange.answer.take().filter(|_| exchange.head) else {
            return self.advance(who, Event::Timeout);
        };
        let answer = answer.cut(create);
        let answer = if create && keyed { answer.keyed() } else { answer };
        let decided = self.decided(who, &answer);
        self.advance(who, Event::ReplyTruncated(answer.read()));
        if decided {
            self.check_after_reply(who, answer.meaning);
        }
    }

    /// What is there of the reply to a submit that the caller aborts.
    pub(crate) fn aborted_reply(&mut self, who: usize) -> Option<Answer> {
        let exchange = &mut self.exchanges[self.tasks[who].exchange];
        let answer = exchange.answer.take().filter(|_| exchange.head)?.cut(true);
        let answer = if exchange.submit_key.is_some() { answer.keyed() } else { answer };
        self.decided(who, &answer);
        Some(answer)
    }

    /// Whether a reply that was cut tells what became of its request all the same.
    fn decided(&mut self, who: usize, answer: &Answer) -> bool {
        let which = self.tasks[who].exchange;
        let exchange = &mut self.exchanges[which];
        // A 409 is heard, though it does not tell.
        let heard = answer.meaning != Meaning::Unknown || exchange.submit_key.is_some() && answer.status == 409;
        let decided = answer.open || exchange.method == Method::Submit && heard;
        self.tasks[who].checker.decided = decided;
        if decided {
            if matches!(answer.meaning, Meaning::Accepted(_)) {
                self.tasks[who].id = exchange.id.take();
            }
            let method = exchange.method;
            self.check_status(who, method, answer.status);
            self.check_reply(which, answer.meaning, false);
        }
        decided
    }

    /// Connections that a sleep cut.
    pub(crate) fn cut_connections(&mut self) {
        for which in 0..self.exchanges.len() {
            let exchange = &self.exchanges[which];
            let who = exchange.task as usize;
            if self.tasks[who].epoch == exchange.epoch && !exchange.head && self.rng.one_in(2) {
                trace!(self, Some(who), "the sleep cut the connection");
                let answer = faulty_answer(FaultEffect::NetworkError, self.blank_question(which), &mut self.rng);
                let exchange = &mut self.exchanges[which];
                exchange.answer = answer;
                exchange.fault = Fault { reaches: exchange.fault.reaches, effect: FaultEffect::NetworkError };
                exchange.answered = exchange.arrived;
                if exchange.arrived {
                    self.event_queue.schedule(self.clock.time + 1, SimEvent::ReplyArrives(index(which)));
                }
            }
        }
    }

    fn blank_question(&self, which: usize) -> RequestInfo {
        let create = self.exchanges[which].method == Method::Submit;
        RequestInfo { create, key: None, ids: self.fault_profile.ids, wall: 0, echo: false, thorough: false }
    }
}
