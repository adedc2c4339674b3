//! How long a call may wait for its next request, and for what.
//!
//! The bound holds if nothing happens to the page, there are enough permits, and the caller's functions take
//! no time: only the schedule and the gates are left.

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
/// What each other task may add: it takes slots behind a gate.
pub(super) const SPREAD: u64 = 400;
/// What each poll of the same job by another call may add: the second between two, and a timer.
const POLLED: u64 = 1_200;

impl World {
    /// The call waits before its next request; if it was waiting already, the first due time stays.
    pub(crate) fn check_wait(&mut self, task_index: usize) {
        let (time, wall) = (self.clock.time, self.clock.wall());
        let task = &mut self.tasks[task_index];
        if task.checker.due.is_some() {
            return;
        }
        let generation = task.machine.as_ref().and_then(|machine| machine.generation());
        let next = generation.and_then(|generation| generation.next_check_at).unwrap_or(wall);
        let planned = next.saturating_sub(wall).min(longest_wait(task, wall));
        task.checker.due = Some(time + task.checker.lookup_interval(wall).unwrap_or(planned));
    }

    /// A request is about to be sent.
    pub(crate) fn check_on_time(&mut self, task_index: usize, create: bool) {
        let time = self.clock.time;
        let others = self.tasks.len() as u64;
        let client = &self.clients[self.tasks[task_index].plan.client];
        let blocked = self.page.gates[client.origin].blocked_until(create);
        let plan = &self.tasks[task_index].plan;
        let waits_for_caller =
            (client.key == KeySource::Function || plan.has_on_submitting) && self.fault_profile.caller > 0.0;
        let calm = self.environment_events.is_empty() && self.page.requests.capacity == 100 && !waits_for_caller;
        let Some(due) = self.tasks[task_index].checker.due.take().filter(|_| calm) else { return };
        let due = due.max(blocked);
        let late = time.saturating_sub(due);
        if late > MARGIN + SPREAD * others + POLLED * self.polls_since(task_index, due) {
            self.violate(Invariant::OnTime, format_args!("task {task_index} sends {late} ms late"));
        }
    }
}

impl World {
    /// How often the generation of this call was polled after that time: of the calls that wait for the same
    /// one, any may be the next.
    fn polls_since(&self, task_index: usize, time: u64) -> u64 {
        let task = &self.tasks[task_index];
        let origin = self.clients[task.plan.client].origin;
        let same =
            self.poll_records.iter().find(|record| Some(&record.id) == task.id.as_ref() && record.origin == origin);
        same.map_or(0, |record| record.times.iter().filter(|at| **at >= time).count() as u64)
    }
}

/// The longest wait in milliseconds that the schedule allows after the last reply.
fn longest_wait(task: &Task, wall: u64) -> u64 {
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
        Some(Meaning::RateLimited(RetryHint::Milliseconds(requested))) => requested.max(MAX_BACKOFF),
        Some(Meaning::RateLimited(RetryHint::Until(until))) => until.saturating_sub(wall).max(MAX_BACKOFF),
        Some(_) => MAX_BACKOFF,
    }
}
