//! The checker: what can be seen of a call from outside, and what must follow from it.

mod lookups;
mod replies;
mod settled;
mod waits;

use protocol::{Event, Generation, Goal, Now};

use crate::answer::Meaning;
use crate::invariant::Invariant;
use crate::keys::KEYS;
use crate::page::elapsed;
use crate::reply_value::ReplyValue;
use crate::task::{Method, OnSubmittedBehaviour, Operation};
use crate::world::World;

pub(crate) use lookups::Lookups;

/// The grace poll after a deadline that passed while the machine was suspended, and the shortest interval
/// before it.
const GRACE: u64 = 31_500;
/// How late timers are if nothing happens to the page.
const TIMER_LATENESS: u64 = 250;
/// The 404s, the unknown statuses and the completions without a URL that are too many.
const MAX_NOT_FOUND: u32 = 4;
const MAX_UNKNOWN_STATUS: u32 = 5;
const MAX_MISSING_URL: u32 = 3;
/// Between two polls of a waiting call.
const MIN_INTERVAL: u64 = 1_000;

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
/// What is known of a call without asking its state machine.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    timeout: u64,
    started: Option<(Now, u64)>,
    /// When the call first saw that its deadline had passed, in time that the page was not frozen.
    deadline_seen_at: Option<u64>,
    /// It saw that the deadline had passed, even if the clock was set back later.
    saw_deadline: bool,
    /// A 429 came.
    rate_limited: bool,
    /// The deadline is so close that the final attempt may have begun.
    final_attempt_allowed: bool,
    /// Something happened to the page meanwhile.
    is_disturbed: bool,
    /// How much the timers of a hidden page may add.
    slack: u64,
    pub(crate) submitter: Option<u32>,
    pub(crate) posts: u32,
    /// When the submit in flight was sent.
    submit_sent_at: Option<Now>,
    may_submit: bool,
    /// A submit failed because its body was a stream: no other stream may follow.
    pub(crate) stream_failed: bool,
    /// It was aborted while a submit was in flight.
    aborted_in_flight: bool,
    /// The key that a 401 refused, and how many 401s came in a row.
    refused: Option<usize>,
    refusals: u32,
    /// The key function was asked once more after the last one.
    pub(crate) key_requested_again: bool,
    accepted: bool,
    id_reported: bool,
    unknown: bool,
    is_final: bool,
    /// A truncated reply tells all the same what became of the request.
    pub(crate) is_conclusive: bool,
    /// Every key that it sent.
    pub(crate) keys: Vec<usize>,
    checks: u32,
    not_found: u32,
    unknown_status: u32,
    missing_url: u32,
    reply: Option<Meaning>,
    /// The true time at which its next request is due, while it waits for that.
    due: Option<u64>,
    pub(crate) key_failed: bool,
    pub(crate) callback_failed: bool,
    /// What it settled with: `ok`, or the error's code.
    outcome: Option<&'static str>,
    pub(crate) lookups: Lookups,
}

impl Checker {
    /// Of a call that is about to start.
    pub(crate) fn new(goal: Goal, timeout: u64, submitter: Option<u32>, known: Option<&Generation>) -> Self {
        let submits = matches!(goal, Goal::Generate | Goal::Submit);
        let fresh = Self { timeout, submitter, may_submit: submits, ..Self::default() };
        let Some(known) = known else { return fresh };
        Self {
            checks: known.polling.checks,
            not_found: known.polling.not_found,
            unknown_status: known.polling.unknown_status,
            missing_url: known.polling.missing_url,
            is_final: known.status.is_final(),
            ..fresh
        }
    }
}

impl Checker {
    /// Whether the deadline was seen to have passed.
    pub(crate) fn saw_deadline(&self) -> bool {
        self.saw_deadline
    }
}

impl World {
    /// The call's clock starts.
    pub(crate) fn check_begin(&mut self, task_index: usize) {
        let (now, awake) = (self.clock.now(), self.clock.awake());
        let hidden = self.page.hidden;
        let task = &mut self.tasks[task_index];
        task.checker.started = Some((now, awake));
        task.checker.slack = [0, 3_000, 130_000].get(usize::from(hidden)).copied().unwrap_or_default();
        task.checker.is_disturbed = hidden > 0;
        self.count_running(task_index);
    }

    fn count_running(&mut self, task_index: usize) {
        let client = self.tasks[task_index].plan.client;
        let Some(permits) = &self.clients[client].permits else { return };
        let (capacity, running) = (
            permits.capacity,
            self.tasks
                .iter()
                .filter(|task| {
                    task.plan.client == client
                        && task.has_client_permit
                        && task.is_running()
                        && task.checker.started.is_some()
                })
                .count(),
        );
        if running > capacity as usize {
            self.violate(Invariant::PermitsKept, format_args!("{running} of {capacity} waiting calls run"));
        }
    }

    /// Something happens to the page while calls run.
    pub(crate) fn check_environment(&mut self, slack: u64) {
        for task in &mut self.tasks {
            task.checker.is_disturbed = true;
            task.checker.slack = task.checker.slack.max(slack);
        }
    }

    /// The call reads the clocks, and may see that its deadline has passed; they may be set back later.
    pub(crate) fn check_clock_read(&mut self, task_index: usize) {
        let now = self.clock.now();
        let checker = &mut self.tasks[task_index].checker;
        checker.saw_deadline |= checker.started.is_some_and(|(started, _)| elapsed(started, now) >= checker.timeout);
    }

    /// An event is about to be reported to the call.
    pub(crate) fn check_step(&mut self, task_index: usize, event: &Event<ReplyValue<'_>>) {
        let (now, awake) = (self.clock.now(), self.clock.awake());
        let task = &mut self.tasks[task_index];
        let posts = task.submits() && !task.checker.accepted;
        let checker = &mut task.checker;
        let Some((started, awake_then)) = checker.started else { return };
        let passed = elapsed(started, now);
        let left = checker.timeout.saturating_sub(passed);
        let margin = if posts { 10_000 } else { 2_000 };
        checker.final_attempt_allowed |= left <= margin.min(checker.timeout / 4);
        if left == 0 {
            checker.saw_deadline = true;
            let since = awake - *checker.deadline_seen_at.get_or_insert(awake);
            let total = (awake - awake_then).saturating_sub(checker.timeout);
            let grace = if checker.is_disturbed { GRACE } else { 0 };
            if since > GRACE + checker.slack || total > grace + checker.slack + TIMER_LATENESS {
                self.violate(
                    Invariant::DeadlineKept,
                    format_args!(
                        "task {task_index} goes on {total} ms after its deadline, {since} ms after it could see it"
                    ),
                );
            }
        } else {
            checker.deadline_seen_at = None;
        }
        let task = &mut self.tasks[task_index];
        let known = std::mem::take(&mut task.checker.is_conclusive);
        if matches!(event, Event::Aborted(_)) {
            task.checker.aborted_in_flight = task.operation == Operation::Exchanging(Method::Submit) && !known;
        }
        if !matches!(event, Event::Timeout | Event::ReplyTruncated(_)) {
            return;
        }
        let time = self.clock.time;
        if let (Operation::Exchanging(Method::Poll | Method::Lookup), false) = (task.operation, known) {
            task.checker.reply = Some(Meaning::Transient);
            task.checker.record_lookup(Meaning::Transient, now, time, time);
        }
        if task.operation != Operation::Waiting && !known {
            task.checker.refused = None;
            task.checker.refusals = 0;
        }
        if task.operation == Operation::Exchanging(Method::Submit) && !known {
            task.checker.record_unknown_outcome(time);
            task.checker.reply = Some(Meaning::Unknown);
            self.check_given_up(task_index);
        }
    }

    /// A request is about to be sent.
    pub(crate) fn check_send(&mut self, task_index: usize, method: Method, key: Option<usize>) {
        let create = method == Method::Submit;
        self.check_on_time(task_index, create);
        let now = self.clock.now();
        let task = &mut self.tasks[task_index];
        let origin = self.clients[task.plan.client].origin;
        let gate = self.page.gates[origin].left(create, now);
        let checker = &mut task.checker;
        let mut wrong: Vec<(Invariant, &str)> = Vec::new();
        if checker.is_final || checker.outcome.is_some() {
            wrong.push((Invariant::SilentAfterFinal, "a request after the end"));
        }
        if create && checker.unknown && !checker.lookups.may_resend {
            let invariant = match checker.lookups.recovery {
                None => Invariant::UnknownIsExact,
                Some(_) => Invariant::NoBlindResend,
            };
            wrong.push((invariant, "a POST after an unknown outcome"));
        }
        if create && !checker.may_submit {
            wrong.push((Invariant::RepliesObeyed, "a POST that nothing allows"));
        }
        if checker.refused.is_some() && (checker.refused == key || checker.refusals > 1) {
            wrong.push((Invariant::RepliesObeyed, "a request again after a 401, without another key"));
        }
        if gate > 0 && !checker.final_attempt_allowed && !checker.saw_deadline {
            wrong.push((Invariant::GateKept, "a request through a closed gate"));
        }
        if key.is_some_and(|key| KEYS[key].origin != origin) {
            wrong.push((Invariant::KeyKept, "another origin's key"));
        }
        if self.page.open >= self.page.requests.capacity {
            wrong.push((Invariant::PermitsKept, "one open request too many"));
        }
        checker.keys.extend(key.filter(|key| !checker.keys.contains(key)));
        if create {
            checker.posts += 1;
            checker.may_submit = false;
            checker.submit_sent_at = Some(now);
            checker.record_submit(now, self.clock.time);
        } else if method == Method::Poll {
            checker.checks += 1;
            if task.plan.on_submitted != OnSubmittedBehaviour::Absent && task.submits() && !task.checker.id_reported {
                wrong.push((Invariant::IdInHand, "a poll before onSubmitted"));
            }
            if self.tasks[task_index].waits() && self.polled_too_soon(task_index) {
                wrong.push((Invariant::PollFloor, "two polls within a second"));
            }
        }
        for (invariant, why) in wrong {
            self.violate(invariant, format_args!("task {task_index}: {why}"));
        }
        let checker = &self.tasks[task_index].checker;
        if method == Method::Lookup {
            self.check_lookup(task_index);
            self.tasks[task_index].checker.lookups.within_reach = false;
        } else if create && checker.lookups.may_resend {
            self.check_believed(task_index, checker.lookups.sent_at);
        }
    }

    /// Whether a waiting call polled this job less than a second ago; this poll is remembered.
    fn polled_too_soon(&mut self, task_index: usize) -> bool {
        let (monotonic, time) = (self.clock.monotonic(), self.clock.time);
        let task = &self.tasks[task_index];
        let origin = self.clients[task.plan.client].origin;
        let Some(id) = &task.id else { return false };
        let Some(record) = self.poll_records.iter_mut().find(|record| record.id == *id && record.origin == origin)
        else {
            self.poll_records.push(crate::world::PollRecord { id: id.clone(), origin, monotonic, times: vec![time] });
            return false;
        };
        record.times.push(time);
        let since = monotonic.saturating_sub(std::mem::replace(&mut record.monotonic, monotonic));
        since < MIN_INTERVAL
    }

    /// A callback is called with the snapshot.
    pub(crate) fn check_callback(&mut self, task_index: usize) {
        let task = &mut self.tasks[task_index];
        let generation = task.machine.as_ref().and_then(|machine| machine.generation());
        let known = generation.is_some_and(|generation| Some(generation.id.as_str()) == task.id.as_deref());
        let clean = !self.fault_profile.is_watched() || generation.is_none_or(settled::is_clean);
        task.checker.id_reported |= known;
        if !known {
            self.violate(Invariant::IdInHand, format_args!("task {task_index} tells another id"));
        }
        if !clean {
            self.violate(Invariant::KeyKept, format_args!("task {task_index} tells the key"));
        }
    }
}
