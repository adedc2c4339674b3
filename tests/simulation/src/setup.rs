//! How a run is drawn: its page, its clients, its tasks, its environment.

use std::sync::Arc;

use emulator::{Config, Key, Outcome, ScriptedOutcome, Submission};
use protocol::{MAX_REQUESTS, PollInterval, Recovery};

use crate::answer::address;
use crate::bodies::FAILURES;
use crate::caller::timeout;
use crate::driver::index;
use crate::event_queue::SimEvent;
use crate::fault_profile::FaultProfile;
use crate::fifo_checker::FifoChecker;
use crate::keys;
use crate::page::{ORIGINS, Page};
use crate::server::Server;
use crate::sim_rng::SimRng;
use crate::task::{Client, KeySource, OnSubmittedBehaviour, Plan, Task, TaskKind};
use crate::world::World;

impl World {
    /// Draws everything that a run has from its beginning on.
    pub(crate) fn draw_run(&mut self) {
        let rng = &mut self.rng;
        self.fault_profile = FaultProfile::draw(rng);
        let seed = rng.seed();
        let accepted = if rng.one_in(2) { 200 } else { 201 };
        let logs_lag_ms = rng.pick(&[0, 5_000, 30_000, 120_000]);
        self.service.reset(Config { seed, ids: self.fault_profile.ids, accepted, logs_lag_ms, ..Config::default() });
        self.server = Server::draw(self.clock.time, rng);
        let capacity = match rng.within(0, 7) {
            0 => 1,
            1 => 2,
            2 => 3,
            _ => MAX_REQUESTS,
        };
        self.page = Page::new(capacity);
        let tasks = match rng.within(0, 63) {
            0..=49 => 1,
            50..=58 => 2,
            59..=61 => rng.within(3, 4),
            62 => rng.within(4, 8),
            _ => rng.within(2, 20),
        };
        let clients = 1 + rng.within(0, 2).min(tasks - 1);
        for _ in 0..clients {
            let client = draw_client(rng, self.fault_profile.caller);
            self.clients.push(client);
        }
        let spread = if rng.one_in(2) { 0 } else { rng.span(10, 12) };
        for task_index in 0..tasks {
            let plan = self.draw_plan();
            self.tasks.push(Task::new(plan));
            let task_index = usize::try_from(task_index).unwrap_or_default();
            self.draw_id(task_index);
            let at = self.clock.time + self.rng.within(0, spread);
            self.event_queue.schedule(at, SimEvent::Start(index(task_index)));
        }
        if self.clients.iter().any(|client| client.recovery.is_some()) && self.rng.one_in(2) {
            self.fault_profile.raise_faults(&mut self.rng);
        }
        let logs = self.clients.iter().any(|client| client.recovery == Some(Recovery::Logs));
        if logs && self.rng.one_in(12) {
            let at = self.clock.time + self.rng.within(0, 90_000);
            let count = self.rng.pick(&[20, 99, 150, 450]);
            self.event_queue.schedule(at, SimEvent::OtherSubmits(count));
        }
        let environment_events = self.rng.pick(&[0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 4, 8]);
        let span = self.rng.pick(&[60_000, 60_000, 120_000, 700_000]);
        self.draw_environment(environment_events, span);
    }

    fn draw_plan(&mut self) -> Plan {
        let rng = &mut self.rng;
        let caller = self.fault_profile.caller;
        let odd = rng.happens(caller);
        Plan {
            kind: match rng.within(0, 9) {
                0..=6 => TaskKind::Generate,
                7 => TaskKind::Extension,
                _ => TaskKind::Wait,
            },
            client: usize::try_from(rng.within(0, self.clients.len() as u64 - 1)).unwrap_or_default(),
            timeout: timeout(rng),
            poll_interval: match rng.within(0, 7) {
                0 => PollInterval::Fixed(10_000),
                1 => PollInterval::Fixed(rng.span(1_000, 5)),
                _ => PollInterval::Adaptive,
            },
            has_on_submitting: rng.one_in(4),
            on_submitted: match rng.within(0, 5) {
                0 if odd => OnSubmittedBehaviour::Throws,
                1 if odd => OnSubmittedBehaviour::RejectsAfter(rng.span(1, 16)),
                2 if odd => OnSubmittedBehaviour::NeverSettles,
                3 if odd => OnSubmittedBehaviour::StoresAfter(rng.span(1, 16)),
                0 | 3 => OnSubmittedBehaviour::Absent,
                _ => OnSubmittedBehaviour::Stores,
            },
            on_status: rng.one_in(2),
            steps: rng.one_in(8).then(|| u32::try_from(rng.span(1, 9)).unwrap_or(1)),
            has_key_from_caller: rng.one_in(2),
            scripted: ScriptedOutcome { outcome: draw_outcome(rng), ends_immediately: rng.one_in(24) },
            retries_left: u32::try_from(rng.within(0, 5).saturating_sub(2)).unwrap_or_default(),
        }
    }

    /// A task that waits has an id: of an older job, perhaps another task's, or of none at all.
    fn draw_id(&mut self, task_index: usize) {
        if self.tasks[task_index].plan.kind != TaskKind::Wait {
            return;
        }
        let shared = self.tasks.iter().find_map(|task| task.id.clone()).filter(|_| self.rng.one_in(2));
        let id: Arc<str> = match shared {
            Some(id) => id,
            None if self.rng.one_in(12) => "never-given-out".into(),
            None => {
                let age = self.rng.within(0, 60_000);
                self.service.next_outcome = self.tasks[task_index].plan.scripted.clone();
                let request = Submission { prompt: "older", ..Submission::default() };
                let time = self.clock.time - age;
                self.service
                    .submit(time, Key::Demo, &request)
                    .map_or("?".into(), |reply| Arc::clone(&reply.generation.id))
            }
        };
        self.tasks[task_index].id = Some(id);
    }
}

fn draw_client(rng: &mut SimRng, caller: f64) -> Client {
    let recovery = match rng.within(0, 15) {
        0 => Some(Recovery::Logs),
        1 | 2 => Some(Recovery::Server),
        _ => None,
    };
    // The service itself is no server half.
    let origin = usize::from(recovery == Some(Recovery::Server) || rng.one_in(6)) % ORIGINS;
    let first = origin * keys::PER_ORIGIN;
    let wrong = rng.happens(caller / 4.0);
    let key = match rng.within(0, 7) {
        0 if origin == 1 => KeySource::Proxy,
        0..=2 => KeySource::Function,
        _ if wrong => KeySource::Static(first + rng.pick(&[2, 3])),
        _ => KeySource::Static(first),
    };
    let capacity = match rng.within(0, 9) {
        0 => Some(1),
        1 => Some(2),
        2 => Some(3),
        _ => None,
    };
    let streams = rng.one_in(3);
    Client { key, origin, loopback: rng.one_in(16), streams, permits: capacity.map(FifoChecker::new), recovery }
}

fn draw_outcome(rng: &mut SimRng) -> Outcome {
    match rng.within(0, 31) {
        0 => Outcome::CompletesWithoutUrl,
        1 => Outcome::CompletesWithUrl(address(rng)),
        2 | 3 => Outcome::Fails(rng.pick(&FAILURES)),
        _ => Outcome::Completes,
    }
}
