//! The idempotency keys of submits, and where their outcome is looked up.

use std::sync::Arc;

use emulator::{Generation, Key, Outcome, Submission};
use protocol::Recovery;

use crate::answer::{Answer, Meaning, ReportedStatus, logs_answer, plain_error, state_answer, unsupported_answer};
use crate::fault::FaultEffect;
use crate::invariant::Invariant;
use crate::sent::Sent;
use crate::server::{KeyState, LookupSupport};
use crate::task::Method;
use crate::world::World;

/// The rows that one look-up in the logs can see, and for how long they are there.
const ROWS: usize = 500;
const HOUR: u64 = 3_600_000;

impl World {
    /// Where a task's client looks unknown outcomes up.
    pub(crate) fn recovery(&self, task_index: usize) -> Option<Recovery> {
        self.clients[self.tasks[task_index].plan.client].recovery
    }

    /// Whether a server half that knows keys is between the task's client and the service.
    pub(crate) fn has_server_half(&self, task_index: usize) -> bool {
        self.recovery(task_index) == Some(Recovery::Server) && self.server.lookup_support == LookupSupport::Knows
    }

    /// The idempotency key of a submit or a look-up.
    pub(crate) fn idempotency_key(&mut self, task_index: usize, sent: &Sent) -> Option<Arc<str>> {
        let recovery = self.recovery(task_index).filter(|_| sent.method != Method::Poll)?;
        let (time, wall) = (self.clock.time, self.clock.wall());
        let task = &mut self.tasks[task_index];
        let submit_key = task.submit_key.as_mut()?;
        if sent.method == Method::Submit {
            if submit_key.first_sent == 0 {
                (submit_key.first_sent, submit_key.stored_submitted_at, submit_key.allowed_at) =
                    (time, Some(wall), submit_key.allowed_at.min(time));
            }
            if task.checker.posts == 1 {
                self.server.excuse(&submit_key.key, submit_key.allowed_at);
            }
        }
        // A search of the logs does not contain the key.
        let key = sent.idempotency_key.clone().or_else(|| sent.logs.is_some().then(|| submit_key.key.to_string()));
        let fits = match sent.method {
            Method::Submit => sent.quoted == (recovery == Recovery::Server),
            Method::Poll | Method::Lookup | Method::Download => sent.logs.is_some() == (recovery == Recovery::Logs),
        };
        if key.as_deref() != Some(&*submit_key.key) || !fits {
            self.violate(Invariant::OneKey, format_args!("task {task_index}: {sent:?}"));
        }
        key.map(Into::into)
    }

    /// The service stores the key of a submit.
    pub(crate) fn note_key(&mut self, id: &str, key: &Arc<str>) {
        if let Some(job) = self.service.generation_mut(id) {
            job.client_request_id = Some(Arc::clone(key));
        }
    }

    /// Whether the service's logs show the job.
    pub(crate) fn is_listed(&self, job: &Generation) -> bool {
        self.listed_since(job) <= self.clock.time
    }

    fn listed_since(&self, job: &Generation) -> u64 {
        job.ends_at + self.service.config().logs_lag_ms
    }

    /// Other users of the same API key: rows in the logs that hide those of this page.
    pub(crate) fn add_other_submits(&mut self, count: u32) {
        for _ in 0..count {
            let other = Submission { prompt: "another's", steps: Some(1), ..Submission::default() };
            if self.service.submit(self.clock.time, Key::Demo, &other).is_err() {
                return;
            }
        }
    }

    /// A look-up arrives without a fault, or with one that only alters content.
    pub(crate) fn answer_lookup(&mut self, exchange_index: usize, effect: FaultEffect) -> (Answer, Option<Arc<str>>) {
        let exchange = &self.exchanges[exchange_index];
        let (kind, key) = (exchange.kind(), exchange.submit_key.clone().unwrap_or_default());
        if let Some(query) = exchange.query() {
            let page = self.service.logs(self.clock.time, kind, query);
            return match page {
                Ok(page) => {
                    let row = page["data"].as_array().and_then(|rows| {
                        rows.iter().find(|row| row["client_request_id"] == *key && row["status"] != "failed")
                    });
                    let id: Option<Arc<str>> = row.and_then(|row| row["inference_id"].as_str()).map(Into::into);
                    let listed = id.as_ref().map(|_| Meaning::Accepted(ReportedStatus::Pending));
                    (
                        logs_answer(page, listed, effect, &mut self.rng),
                        id.filter(|_| effect != FaultEffect::UselessJson),
                    )
                }
                Err(refusal) => (plain_error(refusal.status(), self.request_info(exchange_index), &mut self.rng), None),
            };
        }
        if matches!(kind, Key::Other | Key::None) {
            return (plain_error(401, self.request_info(exchange_index), &mut self.rng), None);
        }
        if self.server.lookup_support != LookupSupport::Knows {
            let request_info = self.request_info(exchange_index);
            return (unsupported_answer(self.server.lookup_support, request_info, &mut self.rng), None);
        }
        let (known, reach) = self.server.lookup_state(&key, self.clock.time, &mut self.rng);
        let (reply, id) = match &known {
            KeyState::Accepted(id) => (Some(self.accepted_answer(exchange_index, id)), Some(Arc::clone(id))),
            KeyState::Unknown => {
                let id = self.found_by_server(&key);
                (id.as_ref().map(|id| self.accepted_answer(exchange_index, id)), id)
            }
            _ => (None, None),
        };
        (state_answer(&key, (&known, reach), reply, effect, &mut self.rng), id)
    }

    /// The true time from which a look-up finds the submit of a task, if any does by now.
    pub(crate) fn found_since(&self, task_index: usize) -> Option<u64> {
        let submit_key = self.tasks[task_index].submit_key.as_ref()?;
        let named = |job: &&Generation| job.client_request_id.as_deref() == Some(&*submit_key.key);
        match self.recovery(task_index)? {
            Recovery::Server if self.server.lookup_support == LookupSupport::Knows => {
                self.server.accepted_at(&submit_key.key)
            }
            Recovery::Server => None,
            Recovery::Logs => {
                let jobs = self.service.generations();
                // What failed cannot be told from what was refused.
                let job = jobs.iter().find(named).filter(|job| !matches!(job.outcome, Outcome::Fails(_)))?;
                let newer = jobs.iter().filter(|other| other.accepted_at >= job.accepted_at).count();
                let there = newer <= ROWS && job.accepted_at + HOUR > self.clock.time;
                Some(self.listed_since(job)).filter(|from| there && *from <= self.clock.time)
            }
        }
    }
}
