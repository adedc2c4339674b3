//! Requests that time out, are aborted or lose their connection, and what has arrived of their replies.

use protocol::Event;

use crate::answer::{Answer, Meaning, RequestInfo, faulty_answer};
use crate::driver::index;
use crate::event_queue::SimEvent;
use crate::fault::{Fault, FaultEffect};
use crate::task::Method;
use crate::world::{World, trace};

impl World {
    /// A request times out, perhaps while the body of its reply is arriving.
    pub(crate) fn give_up(&mut self, task_index: usize) {
        let exchange = &mut self.exchanges[self.tasks[task_index].exchange];
        let (create, keyed) = (exchange.method == Method::Submit, exchange.submit_key.is_some());
        let Some(answer) = exchange.answer.take().filter(|_| exchange.head) else {
            return self.advance(task_index, Event::Timeout);
        };
        let answer = answer.cut(create);
        let answer = if create && keyed { answer.keyed() } else { answer };
        let is_conclusive = self.is_conclusive(task_index, &answer);
        self.advance(task_index, Event::ReplyTruncated(answer.read()));
        if is_conclusive {
            self.check_after_reply(task_index, answer.meaning);
        }
    }

    /// What has arrived of the reply to a submit that the caller aborts.
    pub(crate) fn aborted_reply(&mut self, task_index: usize) -> Option<Answer> {
        let exchange = &mut self.exchanges[self.tasks[task_index].exchange];
        let answer = exchange.answer.take().filter(|_| exchange.head)?.cut(true);
        let answer = if exchange.submit_key.is_some() { answer.keyed() } else { answer };
        self.is_conclusive(task_index, &answer);
        Some(answer)
    }

    /// Whether a truncated reply tells what became of its request all the same.
    fn is_conclusive(&mut self, task_index: usize, answer: &Answer) -> bool {
        let exchange_index = self.tasks[task_index].exchange;
        let exchange = &mut self.exchanges[exchange_index];
        // A 409 is read, though it does not tell.
        let heard = answer.meaning != Meaning::Unknown || exchange.submit_key.is_some() && answer.status == 409;
        let is_conclusive = answer.open || exchange.method == Method::Submit && heard;
        self.tasks[task_index].checker.is_conclusive = is_conclusive;
        if is_conclusive {
            if matches!(answer.meaning, Meaning::Accepted(_)) {
                self.tasks[task_index].id = exchange.id.take();
            }
            let method = exchange.method;
            self.check_status(task_index, method, answer.status);
            self.check_reply(exchange_index, answer.meaning, false);
        }
        is_conclusive
    }

    /// The machine was suspended: connections are lost.
    pub(crate) fn cut_connections(&mut self) {
        for exchange_index in 0..self.exchanges.len() {
            let exchange = &self.exchanges[exchange_index];
            let task_index = exchange.task as usize;
            if self.tasks[task_index].epoch == exchange.epoch && !exchange.head && self.rng.one_in(2) {
                trace!(self, Some(task_index), "the sleep cut the connection");
                let answer =
                    faulty_answer(FaultEffect::NetworkError, self.blank_question(exchange_index), &mut self.rng);
                let exchange = &mut self.exchanges[exchange_index];
                exchange.answer = answer;
                exchange.fault = Fault { reaches: exchange.fault.reaches, effect: FaultEffect::NetworkError };
                exchange.answered = exchange.arrived;
                if exchange.arrived {
                    self.event_queue.schedule(self.clock.time + 1, SimEvent::ReplyArrives(index(exchange_index)));
                }
            }
        }
    }

    fn blank_question(&self, exchange_index: usize) -> RequestInfo {
        let create = self.exchanges[exchange_index].method == Method::Submit;
        RequestInfo { create, key: None, ids: self.fault_profile.ids, wall: 0, echo: false, thorough: false }
    }
}
