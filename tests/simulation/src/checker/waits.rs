//! How long a call may wait for its next request, and for what.
//!
//! The bound holds where nothing befalls the page, places among the open requests are not short, and
//! the caller's own functions take no time: what is left are the schedule and the gates.

use protocol::{Goal, PollInterval};

use crate::answer::{Meaning, ReportedStatus, RetryHint};
use crate::invariant::Invariant;
use crate::task::{KeySource, Task};
use crate::world::World;

/// The longest wait of the adaptive schedule.
const MAX_SCHEDULED: u64 = 60_000;
/// The longest back-off of a poll.
const MAX_BACKOFF: u64 = 30_000;
/// Timers, and the second between two polls of one job.
const MARGIN: u64 = 1_250;
/// What each of the others may add with its places behind a gate.
pub(super) const SPREAD: u64 = 400;
/// What each poll of the same job by another call may add: the second between two, and a timer.
const POLLED: u64 = 1_200;

impl World {
    /// The call sleeps before its next request; what it slept for before stays its reason.
    pub(crate) fn check_wait(&mut self, who: usize) {
        let (time, wall) = (self.clock.time, self.clock.wall());
        let task = &mut self.tasks[who];
        if task.checker.due.is_some() {
            return;
        }
        let generation = task.machine.as_ref().and_then(|machine| machine.generation());
        let next = generation.and_then(|generation| generation.next_check_at).unwrap_or(wall);
        let planned = next.saturating_sub(wall).min(explained(task, wall));
        task.checker.due = Some(time + task.checker.lookup_interval(wall).unwrap_or(planned));
    }

    /// A request is about to be sent.
    pub(crate) fn check_on_time(&mut self, who: usize, create: bool) {
        let time = self.clock.time;
        let others = self.tasks.len() as u64;
        let client = &self.clients[self.tasks[who].plan.client];
        let blocked = self.page.gates[client.origin].blocked_until(create);
        let plan = &self.tasks[who].plan;
        let asks = (client.key == KeySource::Function || plan.announces) && self.fault_profile.caller > 0.0;
        let calm = self.environment_events.is_empty() && self.page.requests.most == 100 && !asks;
        let Some(due) = self.tasks[who].checker.due.take().filter(|_| calm) else { return };
        let due = due.max(blocked);
        let late = time.saturating_sub(due);
        if late > MARGIN + SPREAD * others + POLLED * self.polls_since(who, due) {
            self.violate(Invariant::OnTime, format_args!("task {who} sends {late} ms late"));
        }
    }
}

impl World {
    /// How often the job of this call was asked for after that time: of those that wait for one job,
    /// any may be the next.
    fn polls_since(&self, who: usize, time: u64) -> u64 {
        let task = &self.tasks[who];
        let origin = self.clients[task.plan.client].origin;
        let same = self.poll_records.iter().find(|asked| Some(&asked.id) == task.id.as_ref() && asked.origin == origin);
        same.map_or(0, |asked| asked.times.iter().filter(|at| **at >= time).count() as u64)
    }
}

/// Milliseconds that the schedule can explain, after the last reply.
fn explained(task: &Task, wall: u64) -> u64 {
    let scheduled = match task.plan.poll_interval {
        PollInterval::Fixed(interval) if task.goal != Goal::Check => interval,
        _ => MAX_SCHEDULED,
    };
    match task.checker.reply {
        // What is found in a snapshot was planned by another call.
        None => MAX_SCHEDULED.max(scheduled),
        Some(Meaning::Accepted(_) | Meaning::Status(ReportedStatus::Pending)) => scheduled,
        // After a completion without a URL it is asked for as after an error.
        Some(Meaning::Status(ReportedStatus::Undocumented)) => scheduled.max(MAX_BACKOFF),
        Some(Meaning::RateLimited(RetryHint::Milliseconds(asked))) => asked.max(MAX_BACKOFF),
        Some(Meaning::RateLimited(RetryHint::Until(until))) => until.saturating_sub(wall).max(MAX_BACKOFF),
        Some(_) => MAX_BACKOFF,
    }
}
