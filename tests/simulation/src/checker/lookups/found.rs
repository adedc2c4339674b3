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
    pub(crate) fn check_lookup(&mut self, who: usize) {
        let (monotonic, calm) = (self.clock.monotonic(), self.environment_events.is_empty());
        let checker = &mut self.tasks[who].checker;
        let passed = checker.passed;
        let lookups = &mut checker.lookups;
        let logs = lookups.recovery == Some(Recovery::Logs);
        let turns = matches!(checker.reply, Some(Meaning::NotInLogs(true))) && lookups.pages < PAGES;
        let since = lookups.last.replace(monotonic).map(|last| monotonic.saturating_sub(last));
        let again = lookups.pages > 1 && self.asks_again(who);
        let lookups = &mut self.tasks[who].checker.lookups;
        let (floor, page) = match (logs, turns, again) {
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
        let checker = &self.tasks[who].checker;
        if !checker.unknown {
            wrong.push((Invariant::RepliesObeyed, "a look-up that nothing calls for"));
        }
        let believed = matches!(checker.reply, Some(Meaning::NeverArrived(_))) && checker.lookups.covered;
        if believed && !passed {
            wrong.push((Invariant::RepliesObeyed, "a look-up where the submit should be sent again"));
        }
        for (invariant, why) in wrong {
            self.violate(invariant, format_args!("task {who}: {why}"));
        }
        self.check_found(who);
    }

    /// A 401 to a later page leads to the same page again.
    fn asks_again(&self, who: usize) -> bool {
        let task = &self.tasks[who];
        let function = self.clients[task.plan.client].key == KeySource::Function;
        function && task.checker.refused.is_some()
    }

    /// What a look-up can find is found within one interval.
    pub(crate) fn check_found(&mut self, who: usize) {
        let time = self.clock.time;
        let task = &self.tasks[who];
        let checker = &task.checker;
        let (Some(usual), None) = (checker.usual_interval(), self.environment_events.first()) else { return };
        let calm = self.fault_profile.is_calm() && self.page.requests.most == 100;
        let Some(from) = self.found_from(who).filter(|_| calm) else { return };
        let blocked = self.page.gates[self.clients[task.plan.client].origin].blocked_until(false);
        let from = from.max(checker.lookups.fine_since).max(blocked);
        if time > from + usual + MARGIN + SPREAD * self.tasks.len() as u64 {
            self.violate(
                Invariant::FoundInTime,
                format_args!("task {who} has not found its generation {} ms after it could be seen", time - from),
            );
        }
    }

    /// A submit that has had its time is given up, and not before.
    pub(crate) fn check_given_up(&mut self, who: usize) {
        let (now, calm) = (self.clock.now(), self.environment_events.is_empty());
        let checker = &self.tasks[who].checker;
        let waited = checker.posted_at.map_or(0, |posted| elapsed(posted, now));
        let recovers = checker.lookups.recovery.is_some();
        if !(checker.passed || recovers && waited >= SUBMIT_REPLY_TIMEOUT) {
            self.violate(Invariant::UnknownIsExact, format_args!("task {who} gives its POST up early"));
        }
        if recovers && calm && waited > SUBMIT_REPLY_TIMEOUT + TIMER_LATENESS {
            self.violate(Invariant::DeadlineKept, format_args!("task {who} waits {waited} ms for its POST"));
        }
    }

    /// A call with a key, or about one, fails.
    pub(crate) fn check_failed(&mut self, who: usize, error: &Error) {
        let now = self.clock.now();
        let offline = self.offline(who);
        let checker = &self.tasks[who].checker;
        if checker.lookups.recovery.is_none() {
            return;
        }
        let code = error.code();
        let asks = self.clients[self.tasks[who].plan.client].key == KeySource::Function;
        let open = checker.unknown || checker.posting && !checker.accepted;
        let key = error.idempotency_key.as_deref();
        let mut wrong: Vec<(Invariant, &str)> = Vec::new();
        if key != Some(&*checker.lookups.key).filter(|_| open) {
            wrong.push((Invariant::KeyOnError, "the key is on the error exactly where the outcome is unknown"));
        }
        if open && error.message().contains("nothing was ") {
            wrong.push((Invariant::UnknownIsExact, "the error says that nothing was spent"));
        }
        let called_for = checker.passed
            || checker.ends_lookup(now)
            || checker.key_failed
            || checker.store_failed
            || checker.reply == Some(Meaning::Unauthorized) && (!asks || checker.asked_again || checker.refusals > 1)
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
            && !checker.store_failed
            && !checker.passed
            && error.http_status != status
        {
            wrong.push((Invariant::RepliesObeyed, "the status of the refusal is not on the error"));
        }
        for (invariant, why) in wrong {
            self.violate(invariant, format_args!("task {who}: {why} ({code})"));
        }
        if code == "submit_unknown" {
            self.check_found(who);
        }
    }

    /// `recover` resolves to nothing.
    pub(crate) fn check_absent(&mut self, who: usize) {
        let task = &mut self.tasks[who];
        task.checker.outcome = Some("absent");
        let checker = &task.checker;
        let told = matches!(checker.reply, Some(Meaning::NeverArrived(_))) && checker.lookups.covered;
        if task.goal != Goal::Recover || !told {
            self.violate(Invariant::NoneBelieved, format_args!("task {who} resolves to nothing, and nobody said so"));
        }
        let sent = self.tasks[who].submit_key.as_ref().map_or(0, |name| name.first_sent);
        self.check_believed(who, sent);
    }

    /// A server's reach is believed: it must have known the submit, had it arrived. A caller's clock that
    /// is set meanwhile tells a wrong age.
    pub(crate) fn check_believed(&mut self, who: usize, sent: u64) {
        let clock_set = self.environment_events.iter().any(|event| matches!(event, EnvironmentEvent::SetWall(_)));
        let forgot = self.server.born > sent && self.server.born < self.tasks[who].checker.lookups.told_at;
        match &self.tasks[who].submit_key {
            Some(name) if forgot && clock_set => self.server.excused.push(Arc::clone(&name.key)),
            _ if forgot => {
                self.violate(Invariant::NoneBelieved, format_args!("task {who} believes a server that forgot"));
            }
            _ => {}
        }
    }

    /// Notes what a reply was, for what the error says of it.
    pub(crate) fn check_status(&mut self, who: usize, method: Method, status: u16) {
        if method != Method::Poll {
            self.tasks[who].checker.lookups.status = status;
        }
    }
}
