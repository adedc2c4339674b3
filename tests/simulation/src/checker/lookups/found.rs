//! When look-ups are sent, what must be found by them, and what a call must say that found nothing.

use std::sync::Arc;

use protocol::{Error, Goal, Recovery};

use super::{CLOSE, LOGS_MIN_INTERVAL, MANY, MARGIN, MIN_INTERVAL, PAGES, SUBMIT_REPLY_TIMEOUT};
use crate::answer::Meaning;
use crate::checker::TIMER_LATENESS;
use crate::checker::waits::SPREAD;
use crate::environment::EnvironmentEvent;
use crate::invariant::Invariant;
use crate::page::elapsed;
use crate::task::{KeySource, Method};
use crate::world::World;

impl World {
    /// A look-up is about to be sent.
    pub(crate) fn check_lookup(&mut self, task_index: usize) {
        let (monotonic, calm) = (self.clock.monotonic(), self.environment_events.is_empty());
        let checker = &mut self.tasks[task_index].checker;
        let passed = checker.saw_deadline;
        let lookups = &mut checker.lookups;
        let logs = lookups.recovery == Some(Recovery::Logs);
        let next_page = matches!(checker.reply, Some(Meaning::NotInLogs(true))) && lookups.pages < PAGES;
        let since = lookups.last.replace(monotonic).map(|last| monotonic.saturating_sub(last));
        let again = lookups.pages > 1 && self.is_repeated_request(task_index);
        let lookups = &mut self.tasks[task_index].checker.lookups;
        let (floor, page) = match (logs, next_page, again) {
            (true, true, _) => (0, lookups.pages + 1),
            (true, _, true) => (0, lookups.pages),
            (true, ..) => (LOGS_MIN_INTERVAL, 1),
            _ => (MIN_INTERVAL, 1),
        };
        lookups.pages = page;
        if lookups.count == 0 {
            lookups.first = monotonic;
        }
        lookups.count += 1;
        let spread = monotonic.saturating_sub(lookups.first) / u64::from(lookups.count);
        let mut wrong: Vec<(Invariant, &str)> = Vec::new();
        if since.is_some_and(|since| since < floor) {
            wrong.push((Invariant::LookupsPaced, "look-ups too close together"));
        }
        if !logs && calm && lookups.count >= MANY && spread < CLOSE {
            wrong.push((Invariant::LookupsPaced, "look-ups do not back off"));
        }
        let checker = &self.tasks[task_index].checker;
        if !checker.unknown {
            wrong.push((Invariant::RepliesObeyed, "a look-up that nothing calls for"));
        }
        let believed = matches!(checker.reply, Some(Meaning::NeverArrived(_))) && checker.lookups.within_reach;
        if believed && !passed {
            wrong.push((Invariant::RepliesObeyed, "a look-up where the submit should be sent again"));
        }
        for (invariant, why) in wrong {
            self.violate(invariant, format_args!("task {task_index}: {why}"));
        }
        self.check_found(task_index);
    }

    /// A 401 to a later page leads to the same page again.
    fn is_repeated_request(&self, task_index: usize) -> bool {
        let task = &self.tasks[task_index];
        let function = self.clients[task.plan.client].key == KeySource::Function;
        function && task.checker.refused.is_some()
    }

    /// What a look-up can find is found within one interval.
    pub(crate) fn check_found(&mut self, task_index: usize) {
        let time = self.clock.time;
        let task = &self.tasks[task_index];
        let checker = &task.checker;
        let (Some(usual), None) = (checker.usual_interval(), self.environment_events.first()) else { return };
        let calm = self.fault_profile.is_calm() && self.page.requests.capacity == 100;
        let Some(from) = self.found_since(task_index).filter(|_| calm) else { return };
        let blocked = self.page.gates[self.clients[task.plan.client].origin].blocked_until(false);
        let from = from.max(checker.lookups.undisturbed_since).max(blocked);
        if time > from + usual + MARGIN + SPREAD * self.tasks.len() as u64 {
            self.violate(
                Invariant::FoundInTime,
                format_args!(
                    "task {task_index} has not found its generation {} ms after it could be seen",
                    time - from
                ),
            );
        }
    }

    /// A submit that has had its time is given up, and not before.
    pub(crate) fn check_given_up(&mut self, task_index: usize) {
        let (now, calm) = (self.clock.now(), self.environment_events.is_empty());
        let checker = &self.tasks[task_index].checker;
        let waited = checker.submit_sent_at.map_or(0, |posted| elapsed(posted, now));
        let recovers = checker.lookups.recovery.is_some();
        if !(checker.saw_deadline || recovers && waited >= SUBMIT_REPLY_TIMEOUT) {
            self.violate(Invariant::UnknownIsExact, format_args!("task {task_index} gives its POST up early"));
        }
        if recovers && calm && waited > SUBMIT_REPLY_TIMEOUT + TIMER_LATENESS {
            self.violate(Invariant::DeadlineKept, format_args!("task {task_index} waits {waited} ms for its POST"));
        }
    }

    /// A call with a key, or about one, fails.
    pub(crate) fn check_failed(&mut self, task_index: usize, error: &Error) {
        let now = self.clock.now();
        let offline = self.offline(task_index);
        let checker = &self.tasks[task_index].checker;
        if checker.lookups.recovery.is_none() {
            return;
        }
        let code = error.code();
        let asks = self.clients[self.tasks[task_index].plan.client].key == KeySource::Function;
        let open = checker.unknown || checker.aborted_in_flight && !checker.accepted;
        let key = error.idempotency_key.as_deref();
        let mut wrong: Vec<(Invariant, &str)> = Vec::new();
        if key != Some(&*checker.lookups.key).filter(|_| open) {
            wrong.push((Invariant::KeyOnError, "the key is on the error exactly where the outcome is unknown"));
        }
        if open && error.message().contains("nothing was ") {
            wrong.push((Invariant::UnknownIsExact, "the error says that nothing was spent"));
        }
        let called_for = checker.saw_deadline
            || checker.ends_lookup(now)
            || checker.key_failed
            || checker.callback_failed
            || checker.reply == Some(Meaning::Unauthorized)
                && (!asks || checker.key_requested_again || checker.refusals > 1)
            || offline;
        if code == "submit_unknown" && !called_for {
            wrong.push((Invariant::DeadlineNotEarly, "`submit_unknown` while there is time"));
        }
        let refused =
            matches!(checker.reply, Some(Meaning::Refused(_) | Meaning::InvalidState(_) | Meaning::Unauthorized));
        let status = Some(checker.lookups.status).filter(|status| *status >= 300);
        if code == "submit_unknown"
            && refused
            && !checker.key_failed
            && !checker.callback_failed
            && !checker.saw_deadline
            && error.http_status != status
        {
            wrong.push((Invariant::RepliesObeyed, "the status of the refusal is not on the error"));
        }
        for (invariant, why) in wrong {
            self.violate(invariant, format_args!("task {task_index}: {why} ({code})"));
        }
        if code == "submit_unknown" {
            self.check_found(task_index);
        }
    }

    /// `recover` resolves to nothing.
    pub(crate) fn check_absent(&mut self, task_index: usize) {
        let task = &mut self.tasks[task_index];
        task.checker.outcome = Some("absent");
        let checker = &task.checker;
        let is_justified = matches!(checker.reply, Some(Meaning::NeverArrived(_))) && checker.lookups.within_reach;
        if task.goal != Goal::Recover || !is_justified {
            self.violate(
                Invariant::NoneBelieved,
                format_args!("task {task_index} resolves to nothing, and nobody said so"),
            );
        }
        let sent = self.tasks[task_index].submit_key.as_ref().map_or(0, |submit_key| submit_key.first_sent);
        self.check_believed(task_index, sent);
    }

    /// A server's reach is believed: it must have known the submit, had it arrived. A caller's clock that
    /// is set meanwhile tells a wrong age.
    pub(crate) fn check_believed(&mut self, task_index: usize, sent: u64) {
        let clock_set = self.environment_events.iter().any(|event| matches!(event, EnvironmentEvent::SetWall(_)));
        let forgot = self.server.remembers_since > sent
            && self.server.remembers_since < self.tasks[task_index].checker.lookups.reach_known_at;
        match &self.tasks[task_index].submit_key {
            Some(submit_key) if forgot && clock_set => self.server.excused.push(Arc::clone(&submit_key.key)),
            _ if forgot => {
                self.violate(Invariant::NoneBelieved, format_args!("task {task_index} believes a server that forgot"));
            }
            _ => {}
        }
    }

    /// Notes what a reply was, for what the error says of it.
    pub(crate) fn check_status(&mut self, task_index: usize, method: Method, status: u16) {
        if method != Method::Poll {
            self.tasks[task_index].checker.lookups.status = status;
        }
    }
}
