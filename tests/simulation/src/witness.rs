//! What is seen of a call from outside, and what must follow from it.

mod lookups;
mod replies;
mod settled;
mod waits;

use protocol::call::{Event, Goal};
use protocol::generation::Generation;
use protocol::time::Now;

use crate::answer::Meaning;
use crate::invariant::Invariant;
use crate::keys::KEYS;
use crate::page::elapsed;
use crate::task::{Doing, Method, OnSubmit};
use crate::view::View;
use crate::world::World;

pub(crate) use lookups::Lookups;

/// The one last GET where the machine slept across the deadline, and the floor before it.
const OVERTIME: u64 = 31_500;
/// How late timers are where nothing befalls the page.
const LATE: u64 = 250;
/// The 404s, the unknown statuses and the completions without a URL that are too many.
const MISSES: u32 = 4;
const UNKNOWNS: u32 = 5;
const BLANKS: u32 = 3;
/// Between two polls of a waiting call.
const FLOOR: u64 = 1_000;

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
/// What is known of a call without asking the machine.
#[derive(Debug, Default)]
pub(crate) struct Witness {
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
    misses: u32,
    unknowns: u32,
    blanks: u32,
    reply: Option<Meaning>,
    /// The true time by which its next request is due, once it sleeps before that.
    due: Option<u64>,
    pub(crate) key_failed: bool,
    pub(crate) store_failed: bool,
    /// What it settled with: `ok`, or the error's code.
    outcome: Option<&'static str>,
    pub(crate) lookups: Lookups,
}

impl Witness {
    /// Of a call about to begin.
    pub(crate) fn new(goal: Goal, timeout: u64, submitter: Option<u32>, known: Option<&Generation>) -> Self {
        let submits = matches!(goal, Goal::Generate | Goal::Submit);
        let fresh = Self { timeout, submitter, may_post: submits, ..Self::default() };
        let Some(known) = known else { return fresh };
        Self {
            checks: known.polling.checks,
            misses: known.polling.not_found,
            unknowns: known.polling.unknown_status,
            blanks: known.polling.missing_url,
            is_final: known.status.is_final(),
            ..fresh
        }
    }
}

impl World {
    /// The call's clock starts.
    pub(crate) fn witness_begin(&mut self, who: usize) {
        let (now, awake) = (self.clock.now(), self.clock.awake());
        let hidden = self.page.hidden;
        let task = &mut self.tasks[who];
        task.witness.begun = Some((now, awake));
        task.witness.slack = [0, 3_000, 130_000].get(usize::from(hidden)).copied().unwrap_or_default();
        task.witness.bumpy = hidden > 0;
        self.count_running(who);
    }

    fn count_running(&mut self, who: usize) {
        let client = self.tasks[who].plan.client;
        let Some(line) = &self.clients[client].line else { return };
        let (most, running) = (
            line.most,
            self.tasks
                .iter()
                .filter(|task| {
                    task.plan.client == client && task.client_place && task.is_running() && task.witness.begun.is_some()
                })
                .count(),
        );
        if running > most as usize {
            self.breaks(Invariant::PlacesKept, format_args!("{running} of {most} waiting calls run"));
        }
    }

    /// Something befalls the page while calls run.
    pub(crate) fn witness_weather(&mut self, slack: u64) {
        for task in &mut self.tasks {
            task.witness.bumpy = true;
            task.witness.slack = task.witness.slack.max(slack);
        }
    }

    /// The machine looks at the clocks, and may see that its time has passed: one may be set back later.
    pub(crate) fn witness_look(&mut self, who: usize) {
        let now = self.clock.now();
        let witness = &mut self.tasks[who].witness;
        witness.passed |= witness.begun.is_some_and(|(begun, _)| elapsed(begun, now) >= witness.timeout);
    }

    /// The machine is told something.
    pub(crate) fn witness_step(&mut self, who: usize, event: &Event<View<'_>>) {
        let (now, awake) = (self.clock.now(), self.clock.awake());
        let task = &mut self.tasks[who];
        let posts = task.submits() && !task.witness.accepted;
        let witness = &mut task.witness;
        let Some((begun, awake_then)) = witness.begun else { return };
        let passed = elapsed(begun, now);
        let left = witness.timeout.saturating_sub(passed);
        let lead = if posts { 10_000 } else { 2_000 };
        witness.lead |= left <= lead.min(witness.timeout / 4);
        if left == 0 {
            witness.passed = true;
            let since = awake - *witness.passed_at.get_or_insert(awake);
            let total = (awake - awake_then).saturating_sub(witness.timeout);
            let overtime = if witness.bumpy { OVERTIME } else { 0 };
            if since > OVERTIME + witness.slack || total > overtime + witness.slack + LATE {
                self.breaks(
                    Invariant::DeadlineKept,
                    format_args!("task {who} goes on {total} ms after its deadline, {since} ms after it could see it"),
                );
            }
        } else {
            witness.passed_at = None;
        }
        let task = &mut self.tasks[who];
        let known = std::mem::take(&mut task.witness.decided);
        if matches!(event, Event::Aborted(_)) {
            task.witness.posting = task.doing == Doing::Exchange(Method::Submit) && !known;
        }
        if !matches!(event, Event::Elapsed | Event::Cut(_)) {
            return;
        }
        let time = self.clock.time;
        if let (Doing::Exchange(Method::Poll | Method::Lookup), false) = (task.doing, known) {
            task.witness.reply = Some(Meaning::Passing);
            task.witness.hears_lookup(Meaning::Passing, now, time, time);
        }
        if task.doing != Doing::Sleep && !known {
            task.witness.refused = None;
            task.witness.refusals = 0;
        }
        if task.doing == Doing::Exchange(Method::Submit) && !known {
            task.witness.loses_submit(time);
            task.witness.reply = Some(Meaning::Unknown);
            self.witness_given_up(who);
        }
    }

    /// A request is about to be sent.
    pub(crate) fn witness_send(&mut self, who: usize, method: Method, key: Option<usize>) {
        let create = method == Method::Submit;
        self.witness_on_time(who, create);
        let now = self.clock.now();
        let task = &mut self.tasks[who];
        let origin = self.clients[task.plan.client].origin;
        let gate = self.page.gates[origin].left(create, now);
        let witness = &mut task.witness;
        let mut wrong: Vec<(Invariant, &str)> = Vec::new();
        if witness.is_final || witness.outcome.is_some() {
            wrong.push((Invariant::SilentAfterFinal, "a request after the end"));
        }
        if create && witness.unknown && !witness.lookups.may_resend {
            let invariant = match witness.lookups.recovery {
                None => Invariant::UnknownIsExact,
                Some(_) => Invariant::NoBlindResend,
            };
            wrong.push((invariant, "a POST after an unknown outcome"));
        }
        if create && !witness.may_post {
            wrong.push((Invariant::RepliesHeeded, "a POST that nothing allows"));
        }
        if witness.refused.is_some() && (witness.refused == key || witness.refusals > 1) {
            wrong.push((Invariant::RepliesHeeded, "a request again after a 401, without another key"));
        }
        if gate > 0 && !witness.lead && !witness.passed {
            wrong.push((Invariant::GateKept, "a request through a closed gate"));
        }
        if key.is_some_and(|key| KEYS[key].origin != origin) {
            wrong.push((Invariant::KeyKept, "another origin's key"));
        }
        if self.page.open >= self.page.requests.most {
            wrong.push((Invariant::PlacesKept, "one open request too many"));
        }
        witness.keys.extend(key.filter(|key| !witness.keys.contains(key)));
        if create {
            witness.posts += 1;
            witness.may_post = false;
            witness.posted_at = Some(now);
            witness.sends_submit(now, self.clock.time);
        } else if method == Method::Poll {
            witness.checks += 1;
            if task.plan.on_submit != OnSubmit::Absent && task.submits() && !task.witness.told {
                wrong.push((Invariant::IdInHand, "a poll before onSubmitted"));
            }
            if self.tasks[who].waits() && self.too_soon(who) {
                wrong.push((Invariant::PollFloor, "two polls within a second"));
            }
        }
        for (invariant, why) in wrong {
            self.breaks(invariant, format_args!("task {who}: {why}"));
        }
        let witness = &self.tasks[who].witness;
        if method == Method::Lookup {
            self.witness_lookup(who);
            self.tasks[who].witness.lookups.covered = false;
        } else if create && witness.lookups.may_resend {
            self.witness_believed(who, witness.lookups.sent_at);
        }
    }

    /// Whether a waiting call polled this job less than a second ago; this poll is remembered.
    fn too_soon(&mut self, who: usize) -> bool {
        let (steady, time) = (self.clock.steady(), self.clock.time);
        let task = &self.tasks[who];
        let origin = self.clients[task.plan.client].origin;
        let Some(id) = &task.id else { return false };
        let Some(asked) = self.asked.iter_mut().find(|asked| asked.id == *id && asked.origin == origin) else {
            self.asked.push(crate::world::Asked { id: id.clone(), origin, steady, times: vec![time] });
            return false;
        };
        asked.times.push(time);
        let since = steady.saturating_sub(std::mem::replace(&mut asked.steady, steady));
        since < FLOOR
    }

    /// A callback is called with the snapshot.
    pub(crate) fn witness_told(&mut self, who: usize) {
        let task = &mut self.tasks[who];
        let generation = task.machine.as_ref().and_then(|machine| machine.generation());
        let known = generation.is_some_and(|generation| Some(generation.id.as_str()) == task.id.as_deref());
        let clean = !self.climate.is_watched() || generation.is_none_or(settled::is_clean);
        task.witness.told |= known;
        if !known {
            self.breaks(Invariant::IdInHand, format_args!("task {who} tells another id"));
        }
        if !clean {
            self.breaks(Invariant::KeyKept, format_args!("task {who} tells the key"));
        }
    }
}
