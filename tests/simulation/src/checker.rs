//! What is seen of a call from outside, and what must follow from it.

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

/// The one last GET where the machine slept across the deadline, and the floor before it.
const GRACE: u64 = 31_500;
/// How late timers are where nothing befalls the page.
const TIMER_LATENESS: u64 = 250;
/// The 404s, the unknown statuses and the completions without a URL that are too many.
const MAX_NOT_FOUND: u32 = 4;
const MAX_UNKNOWN_STATUS: u32 = 5;
const MAX_MISSING_URL: u32 = 3;
/// Between two polls of a waiting call.
const MIN_INTERVAL: u64 = 1_000;

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
/// What is known of a call without asking the machine.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    timeout: u64,
    begun: Option<(Now, u64)>,
    /// Since when it was seen that the deadline had passed, in the page's waking time.
    passed_at: Option<u64>,
    /// It was seen, even if the clock was set back later.
    passed: bool,
    /// A 429 came.
    limited: bool,
    /// The last try may have begun.
    lead: bool,
    /// Something befell the page meanwhile.
    bumpy: bool,
    /// How much the timers of a hidden page may add.
    slack: u64,
    pub(crate) submitter: Option<u32>,
    pub(crate) posts: u32,
    /// When the submit under way was sent.
    posted_at: Option<Now>,
    may_post: bool,
    /// A stream came to nothing: no other may follow.
    pub(crate) in_vain: bool,
    /// It was aborted while a POST was under way.
    posting: bool,
    /// The key that a 401 refused, and how many came running.
    refused: Option<usize>,
    refusals: u32,
    /// The key function was asked once more after the last one.
    pub(crate) asked_again: bool,
    accepted: bool,
    told: bool,
    unknown: bool,
    is_final: bool,
    /// A reply that was cut tells what became of the request.
    pub(crate) decided: bool,
    /// Every key that it sent.
    pub(crate) keys: Vec<usize>,
    checks: u32,
    not_found: u32,
    unknown_status: u32,
    missing_url: u32,
    reply: Option<Meaning>,
    /// The true time by which its next request is due, once it sleeps before that.
    due: Option<u64>,
    pub(crate) key_failed: bool,
    pub(crate) store_failed: bool,
    /// What it settled with: `ok`, or the error's code.
    outcome: Option<&'static str>,
    pub(crate) lookups: Lookups,
}

impl Checker {
    /// Of a call about to begin.
    pub(crate) fn new(goal: Goal, timeout: u64, submitter: Option<u32>, known: Option<&Generation>) -> Self {
        let submits = matches!(goal, Goal::Generate | Goal::Submit);
        let fresh = Self { timeout, submitter, may_post: submits, ..Self::default() };
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
    pub(crate) fn has_passed(&self) -> bool {
        self.passed
    }
}

impl World {
    /// The call's clock starts.
    pub(crate) fn check_begin(&mut self, who: usize) {
        let (now, awake) = (self.clock.now(), self.clock.awake());
        let hidden = self.page.hidden;
        let task = &mut self.tasks[who];
        task.checker.begun = Some((now, awake));
        task.checker.slack = [0, 3_000, 130_000].get(usize::from(hidden)).copied().unwrap_or_default();
        task.checker.bumpy = hidden > 0;
        self.count_running(who);
    }

    fn count_running(&mut self, who: usize) {
        let client = self.tasks[who].plan.client;
        let Some(line) = &self.clients[client].permits else { return };
        let (most, running) = (
            line.most,
            self.tasks
                .iter()
                .filter(|task| {
                    task.plan.client == client
                        && task.has_client_permit
                        && task.is_running()
                        && task.checker.begun.is_some()
                })
                .count(),
        );
        if running > most as usize {
            self.violate(Invariant::PermitsKept, format_args!("{running} of {most} waiting calls run"));
        }
    }

    /// Something befalls the page while calls run.
    pub(crate) fn check_environment(&mut self, slack: u64) {
        for task in &mut self.tasks {
            task.checker.bumpy = true;
            task.checker.slack = task.checker.slack.max(slack);
        }
    }

    /// The machine looks at the clocks, and may see that its time has passed: one may be set back later.
    pub(crate) fn check_look(&mut self, who: usize) {
        let now = self.clock.now();
        let checker = &mut self.tasks[who].checker;
        checker.passed |= checker.begun.is_some_and(|(begun, _)| elapsed(begun, now) >= checker.timeout);
    }

    /// The machine is told something.
    pub(crate) fn check_step(&mut self, who: usize, event: &Event<ReplyValue<'_>>) {
        let (now, awake) = (self.clock.now(), self.clock.awake());
        let task = &mut self.tasks[who];
        let posts = task.submits() && !task.checker.accepted;
        let checker = &mut task.checker;
        let Some((begun, awake_then)) = checker.begun else { return };
        let passed = elapsed(begun, now);
        let left = checker.timeout.saturating_sub(passed);
        let lead = if posts { 10_000 } else { 2_000 };
        checker.lead |= left <= lead.min(checker.timeout / 4);
        if left == 0 {
            checker.passed = true;
            let since = awake - *checker.passed_at.get_or_insert(awake);
            let total = (awake - awake_then).saturating_sub(checker.timeout);
            let grace = if checker.bumpy { GRACE } else { 0 };
            if since > GRACE + checker.slack || total > grace + checker.slack + TIMER_LATENESS {
                self.violate(
                    Invariant::DeadlineKept,
                    format_args!("task {who} goes on {total} ms after its deadline, {since} ms after it could see it"),
                );
            }
        } else {
            checker.passed_at = None;
        }
        let task = &mut self.tasks[who];
        let known = std::mem::take(&mut task.checker.decided);
        if matches!(event, Event::Aborted(_)) {
            task.checker.posting = task.operation == Operation::Exchanging(Method::Submit) && !known;
        }
        if !matches!(event, Event::Timeout | Event::ReplyTruncated(_)) {
            return;
        }
        let time = self.clock.time;
        if let (Operation::Exchanging(Method::Poll | Method::Lookup), false) = (task.operation, known) {
            task.checker.reply = Some(Meaning::Transient);
            task.checker.hears_lookup(Meaning::Transient, now, time, time);
        }
        if task.operation != Operation::Waiting && !known {
            task.checker.refused = None;
            task.checker.refusals = 0;
        }
        if task.operation == Operation::Exchanging(Method::Submit) && !known {
            task.checker.loses_submit(time);
            task.checker.reply = Some(Meaning::Unknown);
            self.check_given_up(who);
        }
    }

    /// A request is about to be sent.
    pub(crate) fn check_send(&mut self, who: usize, method: Method, key: Option<usize>) {
        let create = method == Method::Submit;
        self.check_on_time(who, create);
        let now = self.clock.now();
        let task = &mut self.tasks[who];
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
        if create && !checker.may_post {
            wrong.push((Invariant::RepliesObeyed, "a POST that nothing allows"));
        }
        if checker.refused.is_some() && (checker.refused == key || checker.refusals > 1) {
            wrong.push((Invariant::RepliesObeyed, "a request again after a 401, without another key"));
        }
        if gate > 0 && !checker.lead && !checker.passed {
            wrong.push((Invariant::GateKept, "a request through a closed gate"));
        }
        if key.is_some_and(|key| KEYS[key].origin != origin) {
            wrong.push((Invariant::KeyKept, "another origin's key"));
        }
        if self.page.open >= self.page.requests.most {
            wrong.push((Invariant::PermitsKept, "one open request too many"));
        }
        checker.keys.extend(key.filter(|key| !checker.keys.contains(key)));
        if create {
            checker.posts += 1;
            checker.may_post = false;
            checker.posted_at = Some(now);
            checker.sends_submit(now, self.clock.time);
        } else if method == Method::Poll {
            checker.checks += 1;
            if task.plan.on_submitted != OnSubmittedBehaviour::Absent && task.submits() && !task.checker.told {
                wrong.push((Invariant::IdInHand, "a poll before onSubmitted"));
            }
            if self.tasks[who].waits() && self.too_soon(who) {
                wrong.push((Invariant::PollFloor, "two polls within a second"));
            }
        }
        for (invariant, why) in wrong {
            self.violate(invariant, format_args!("task {who}: {why}"));
        }
        let checker = &self.tasks[who].checker;
        if method == Method::Lookup {
            self.check_lookup(who);
            self.tasks[who].checker.lookups.covered = false;
        } else if create && checker.lookups.may_resend {
            self.check_believed(who, checker.lookups.sent_at);
        }
    }

    /// Whether a waiting call polled this job less than a second ago; this poll is remembered.
    fn too_soon(&mut self, who: usize) -> bool {
        let (monotonic, time) = (self.clock.monotonic(), self.clock.time);
        let task = &self.tasks[who];
        let origin = self.clients[task.plan.client].origin;
        let Some(id) = &task.id else { return false };
        let Some(asked) = self.poll_records.iter_mut().find(|asked| asked.id == *id && asked.origin == origin) else {
            self.poll_records.push(crate::world::PollRecord { id: id.clone(), origin, monotonic, times: vec![time] });
            return false;
        };
        asked.times.push(time);
        let since = monotonic.saturating_sub(std::mem::replace(&mut asked.monotonic, monotonic));
        since < MIN_INTERVAL
    }

    /// A callback is called with the snapshot.
    pub(crate) fn check_told(&mut self, who: usize) {
        let task = &mut self.tasks[who];
        let generation = task.machine.as_ref().and_then(|machine| machine.generation());
        let known = generation.is_some_and(|generation| Some(generation.id.as_str()) == task.id.as_deref());
        let clean = !self.fault_profile.is_watched() || generation.is_none_or(settled::is_clean);
        task.checker.told |= known;
        if !known {
            self.violate(Invariant::IdInHand, format_args!("task {who} tells another id"));
        }
        if !clean {
            self.violate(Invariant::KeyKept, format_args!("task {who} tells the key"));
        }
    }
}
