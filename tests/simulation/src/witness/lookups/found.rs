//! When look-ups are sent, what must be found by them, and what a call must say that found nothing.

use std::sync::Arc;

use protocol::call::Goal;
use protocol::error::Error;
use protocol::options::Recovery;

use super::{CLOSE, FLOOR, LOGS_FLOOR, MANY, MARGIN, PAGES, SUBMIT_LIMIT};
use crate::answer::Meaning;
use crate::invariant::Invariant;
use crate::page::elapsed;
use crate::task::{KeySource, Method};
use crate::weather::Gust;
use crate::witness::LATE;
use crate::witness::waits::SPREAD;
use crate::world::World;

impl World {
    /// A look-up is about to be sent.
    pub(crate) fn witness_lookup(&mut self, who: usize) {
        let (steady, calm) = (self.clock.steady(), self.gusts.is_empty());
        let witness = &mut self.tasks[who].witness;
        let passed = witness.passed;
        let lookups = &mut witness.lookups;
        let logs = lookups.recovery == Some(Recovery::Logs);
        let turns = matches!(witness.reply, Some(Meaning::Unlisted(true))) && lookups.pages < PAGES;
        let since = lookups.last.replace(steady).map(|last| steady.saturating_sub(last));
        let again = lookups.pages > 1 && self.asks_again(who);
        let lookups = &mut self.tasks[who].witness.lookups;
        let (floor, page) = match (logs, turns, again) {
            (true, true, _) => (0, lookups.pages + 1),
            (true, _, true) => (0, lookups.pages),
            (true, ..) => (LOGS_FLOOR, 1),
            _ => (FLOOR, 1),
        };
        lookups.pages = page;
        if lookups.count == 0 {
            lookups.first = steady;
        }
        lookups.count += 1;
        let spread = steady.saturating_sub(lookups.first) / u64::from(lookups.count);
        let mut wrong: Vec<(Invariant, &str)> = Vec::new();
        if since.is_some_and(|since| since < floor) {
            wrong.push((Invariant::LookupsPaced, "look-ups too close together"));
        }
        if !logs && calm && lookups.count >= MANY && spread < CLOSE {
            wrong.push((Invariant::LookupsPaced, "look-ups do not back off"));
        }
        let witness = &self.tasks[who].witness;
        if !witness.unknown {
            wrong.push((Invariant::RepliesHeeded, "a look-up that nothing calls for"));
        }
        let believed = matches!(witness.reply, Some(Meaning::Absent(_))) && witness.lookups.covered;
        if believed && !passed {
            wrong.push((Invariant::RepliesHeeded, "a look-up where the submit should be sent again"));
        }
        for (invariant, why) in wrong {
            self.breaks(invariant, format_args!("task {who}: {why}"));
        }
        self.witness_found(who);
    }

    /// A 401 to a later page leads to the same page again.
    fn asks_again(&self, who: usize) -> bool {
        let task = &self.tasks[who];
        let function = self.clients[task.plan.client].key == KeySource::Function;
        function && task.witness.refused.is_some()
    }

    /// What a look-up can find is found within one interval.
    pub(crate) fn witness_found(&mut self, who: usize) {
        let time = self.clock.time;
        let task = &self.tasks[who];
        let witness = &task.witness;
        let (Some(usual), None) = (witness.usual_interval(), self.gusts.first()) else { return };
        let calm = self.climate.is_calm() && self.page.requests.most == 100;
        let Some(from) = self.found_from(who).filter(|_| calm) else { return };
        let blocked = self.page.gates[self.clients[task.plan.client].origin].blocked_until(false);
        let from = from.max(witness.lookups.fine_since).max(blocked);
        if time > from + usual + MARGIN + SPREAD * self.tasks.len() as u64 {
            self.breaks(
                Invariant::FoundInTime,
                format_args!("task {who} has not found its generation {} ms after it could be seen", time - from),
            );
        }
    }

    /// A submit that has had its time is given up, and not before.
    pub(crate) fn witness_given_up(&mut self, who: usize) {
        let (now, calm) = (self.clock.now(), self.gusts.is_empty());
        let witness = &self.tasks[who].witness;
        let waited = witness.posted_at.map_or(0, |posted| elapsed(posted, now));
        let recovers = witness.lookups.recovery.is_some();
        if !(witness.passed || recovers && waited >= SUBMIT_LIMIT) {
            self.breaks(Invariant::UnknownIsExact, format_args!("task {who} gives its POST up early"));
        }
        if recovers && calm && waited > SUBMIT_LIMIT + LATE {
            self.breaks(Invariant::DeadlineKept, format_args!("task {who} waits {waited} ms for its POST"));
        }
    }

    /// A call with a key, or about one, fails.
    pub(crate) fn witness_failed(&mut self, who: usize, error: &Error) {
        let now = self.clock.now();
        let offline = self.offline(who);
        let witness = &self.tasks[who].witness;
        if witness.lookups.recovery.is_none() {
            return;
        }
        let code = error.code();
        let asks = self.clients[self.tasks[who].plan.client].key == KeySource::Function;
        let open = witness.unknown || witness.posting && !witness.accepted;
        let key = error.idempotency_key.as_deref();
        let mut wrong: Vec<(Invariant, &str)> = Vec::new();
        if key != Some(&*witness.lookups.key).filter(|_| open) {
            wrong.push((Invariant::KeyOnError, "the key is on the error exactly where the outcome is unknown"));
        }
        if open && error.message().contains("nothing was ") {
            wrong.push((Invariant::UnknownIsExact, "the error says that nothing was spent"));
        }
        let called_for = witness.passed
            || witness.ends_lookup(now)
            || witness.key_failed
            || witness.store_failed
            || witness.reply == Some(Meaning::Unauthorized) && (!asks || witness.asked_again || witness.refusals > 1)
            || offline;
        if code == "submit_unknown" && !called_for {
            wrong.push((Invariant::DeadlineNotEarly, "`submit_unknown` while there is time"));
        }
        let refused = matches!(witness.reply, Some(Meaning::Refused(_) | Meaning::Unclear(_) | Meaning::Unauthorized));
        let status = Some(witness.lookups.status).filter(|status| *status >= 300);
        if code == "submit_unknown"
            && refused
            && !witness.key_failed
            && !witness.store_failed
            && !witness.passed
            && error.http_status != status
        {
            wrong.push((Invariant::RepliesHeeded, "the status of the refusal is not on the error"));
        }
        for (invariant, why) in wrong {
            self.breaks(invariant, format_args!("task {who}: {why} ({code})"));
        }
        if code == "submit_unknown" {
            self.witness_found(who);
        }
    }

    /// `recover` resolves to nothing.
    pub(crate) fn witness_absent(&mut self, who: usize) {
        let task = &mut self.tasks[who];
        task.witness.outcome = Some("absent");
        let witness = &task.witness;
        let told = matches!(witness.reply, Some(Meaning::Absent(_))) && witness.lookups.covered;
        if task.goal != Goal::Recover || !told {
            self.breaks(Invariant::NoneBelieved, format_args!("task {who} resolves to nothing, and nobody said so"));
        }
        let sent = self.tasks[who].name.as_ref().map_or(0, |name| name.first_sent);
        self.witness_believed(who, sent);
    }

    /// A server's reach is believed: it must have known the submit, had it arrived. A caller's clock that
    /// is set meanwhile tells a wrong age.
    pub(crate) fn witness_believed(&mut self, who: usize, sent: u64) {
        let clock_set = self.gusts.iter().any(|gust| matches!(gust, Gust::SetWall(_)));
        let forgot = self.server.born > sent && self.server.born < self.tasks[who].witness.lookups.told_at;
        match &self.tasks[who].name {
            Some(name) if forgot && clock_set => self.server.excused.push(Arc::clone(&name.key)),
            _ if forgot => {
                self.breaks(Invariant::NoneBelieved, format_args!("task {who} believes a server that forgot"));
            }
            _ => {}
        }
    }

    /// Notes what a reply was, for what the error says of it.
    pub(crate) fn witness_status(&mut self, who: usize, method: Method, status: u16) {
        if method != Method::Poll {
            self.tasks[who].witness.lookups.status = status;
        }
    }
}
