//! What a settled call must have settled with, and what the service's ledger says in the end.

use std::sync::Arc;

use protocol::{Error, Generation, Goal, Status};

use super::{Checker, MAX_MISSING_URL, MAX_NOT_FOUND, MAX_UNKNOWN_STATUS};
use crate::answer::{Meaning, ReportedStatus, is_valid_url};
use crate::invariant::Invariant;
use crate::keys;
use crate::task::Task;
use crate::world::World;

impl World {
    /// The call's promise settles.
    pub(crate) fn check_settled(&mut self, task_index: usize, result: &Result<Box<Generation>, Error>) {
        let offline = self.offline(task_index);
        let watched = self.fault_profile.is_watched();
        let task = &mut self.tasks[task_index];
        let code = result.as_ref().map_or_else(|error| error.code(), |_| "ok");
        let generation = result.as_ref().map_or_else(|error| error.generation.as_deref(), |done| Some(done));
        task.checker.outcome = Some(code);
        let checker = &task.checker;
        let mut wrong: Vec<(Invariant, &str)> = Vec::new();
        let mut demand = |holds: bool, invariant, why| {
            if !holds {
                wrong.push((invariant, why));
            }
        };
        let known = checker.accepted || !task.submits();
        let kept = generation.map(|generation| generation.id.as_str()) == task.id.as_deref().filter(|_| known);
        demand(kept, Invariant::JobKept, "the job is not in the result or on the error");
        demand(!watched || generation.is_none_or(is_clean), Invariant::KeyKept, "the key is in the snapshot");
        demand(generation.is_none_or(|it| checker.counts_match(it)), Invariant::SnapshotTrue, "the snapshot miscounts");
        demand(checker.justifies(code, task, offline), Invariant::RepliesObeyed, "nothing calls for that");
        let is_exact = match code {
            "submit_unknown" => checker.unknown,
            "aborted" => checker.lookups.recovery.is_some() || !checker.unknown,
            _ => !checker.unknown,
        };
        demand(is_exact, Invariant::UnknownIsExact, "`submit_unknown` or not");
        let timely = checker.saw_deadline || !matches!(code, "deadline" | "rate_limited");
        demand(timely, Invariant::DeadlineNotEarly, "given up before the deadline");
        let valid = |done: &Generation| {
            done.status == Status::Completed && done.audio.as_ref().is_some_and(|audio| is_valid_url(&audio.url))
        };
        if let (Ok(done), true) = (result, task.waits()) {
            demand(valid(done), Invariant::UrlValid, "resolved without an http(s) URL");
        }
        if let Err(error) = result {
            demand(!watched || !keys::has_key(&error.message()), Invariant::KeyKept, "the key is in the error");
            let right = error.retryable == retryable(code, task, checker);
            demand(right, Invariant::RetryableIsFree, "`retryable` is not as the contract has it");
            let free = error.retryable && code != "submit_unknown";
            if let (true, Some(submitter)) = (free, checker.submitter) {
                self.submitters[submitter as usize].free = true;
            }
        }
        for (invariant, why) in wrong {
            self.violate(invariant, format_args!("task {task_index}: {why} ({code})"));
        }
        if let Err(error) = result {
            self.check_failed(task_index, error);
        }
    }

    /// Reads the service's ledger.
    pub(crate) fn audit(&mut self) {
        let mut accepted = vec![(0_u32, 0_u32); self.submitters.len()];
        let mut charged = vec![0_u32; self.tasks.len()];
        let mut keys: Vec<(Arc<str>, u32)> = Vec::new();
        for job in self.service.generations() {
            let excused = job.client_request_id.as_ref().is_some_and(|key| self.server.excused.contains(key));
            if excused {
                continue;
            }
            if let Some(key) = &job.client_request_id {
                match keys.iter_mut().find(|(known, _)| known == key) {
                    Some((_, times)) => *times += 1,
                    None => keys.push((Arc::clone(key), 1)),
                }
            }
            let Some(number) = job.prompt.parse().ok().filter(|number: &usize| *number < accepted.len()) else {
                continue;
            };
            let billed = u32::from(job.charged(u64::MAX) > 0);
            accepted[number].0 += 1;
            accepted[number].1 += billed;
            charged[self.submitters[number].task as usize] += billed;
        }
        for (number, (times, billed)) in accepted.into_iter().enumerate() {
            if times > 1 {
                self.violate(Invariant::OneCharge, format_args!("call {number} was accepted {times} times"));
            }
            if billed > 0 && self.submitters[number].free {
                self.violate(Invariant::RetryableIsFree, format_args!("call {number} was charged and is retryable"));
            }
        }
        for (key, times) in keys {
            if times > 1 {
                self.violate(Invariant::OneGenerationPerKey, format_args!("{key} was accepted {times} times"));
            }
        }
        for (task_index, times) in charged.into_iter().enumerate() {
            if times > 1 {
                self.violate(Invariant::OneCharge, format_args!("task {task_index} was charged {times} times"));
            }
        }
    }
}

impl Checker {
    /// Whether the snapshot counts what happened.
    fn counts_match(&self, generation: &Generation) -> bool {
        let polling = generation.polling;
        let counts = (polling.checks, polling.not_found, polling.unknown_status, polling.missing_url);
        counts == (self.checks, self.not_found, self.unknown_status, self.missing_url)
    }

    /// Whether something happened that leads to this outcome.
    fn justifies(&self, code: &str, task: &Task, offline: bool) -> bool {
        let done = matches!(
            self.reply,
            Some(Meaning::Accepted(ReportedStatus::Completed) | Meaning::Status(ReportedStatus::Completed))
        );
        match code {
            "ok" => match task.goal {
                Goal::Submit | Goal::Recover => self.accepted,
                Goal::Check | Goal::Download => true,
                Goal::Generate | Goal::Wait => self.is_final && (done || self.reply.is_none()),
            },
            "generation_failed" => self.is_final,
            "not_found" => self.not_found >= MAX_NOT_FOUND && self.reply == Some(Meaning::NotFound),
            "unknown_status" => {
                self.unknown_status >= MAX_UNKNOWN_STATUS
                    && self.reply == Some(Meaning::Status(ReportedStatus::Undocumented))
            }
            "bad_reply" => {
                let blank = self.missing_url >= MAX_MISSING_URL
                    && self.reply == Some(Meaning::Status(ReportedStatus::CompletedWithoutUrl));
                blank || self.reply == Some(Meaning::AcceptedWithoutId)
            }
            "unauthorized" => self.reply == Some(Meaning::Unauthorized),
            "out_of_credits" | "forbidden" | "rejected" => {
                matches!(self.reply, Some(Meaning::Refused(refused)) if refused == code)
            }
            "rate_limited" => self.rate_limited && !self.accepted,
            "offline" => offline && !self.accepted,
            "credentials_failed" => self.key_failed,
            "callback_failed" => self.callback_failed,
            "aborted" => task.aborted,
            "submit_unknown" => self.unknown,
            "deadline" => true,
            _ => false,
        }
    }
}

/// Whether the contract calls the error retryable.
fn retryable(code: &str, task: &Task, checker: &Checker) -> bool {
    match code {
        "credentials_failed" | "rate_limited" | "offline" | "deadline" => !checker.accepted,
        "aborted" => !checker.accepted && !checker.aborted_in_flight && !checker.unknown,
        "submit_unknown" => checker.lookups.from_caller && checker.lookups.within_reach,
        "generation_failed" => task.goal == Goal::Generate && !checker.lookups.from_caller,
        _ => false,
    }
}

/// Whether the snapshot holds no key.
pub(super) fn is_clean(generation: &Generation) -> bool {
    let audio = generation.audio.as_ref();
    let words = [
        Some(generation.id.as_str()),
        generation.error.as_deref(),
        audio.map(|audio| audio.url.as_str()),
        audio.and_then(|audio| audio.content_type.as_deref()),
        audio.and_then(|audio| audio.file_name.as_deref()),
    ];
    let prompt = generation.request.as_ref().map(|request| request.prompt.as_str());
    !words.into_iter().flatten().any(keys::has_key) && !prompt.is_some_and(keys::has_key)
}
