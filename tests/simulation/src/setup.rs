//! How a run is drawn: its page, its clients, its tasks, its weather.

use std::sync::Arc;

use emulator::{Config, Key, Outcome, ScriptedOutcome, Submission};
use protocol::options::{Pace, Recovery};

use crate::agenda::What;
use crate::answer::address;
use crate::bodies::FAILURES;
use crate::caller::timeout;
use crate::chance::Chance;
use crate::climate::Climate;
use crate::driver::index;
use crate::keys;
use crate::line::Line;
use crate::page::{ORIGINS, Page};
use crate::server::Server;
use crate::task::{Client, KeySource, Kind, OnSubmit, Plan, Task};
use crate::world::World;

impl World {
    /// Draws everything that a run has from its beginning on.
    pub(crate) fn begin(&mut self) {
        let chance = &mut self.chance;
        self.climate = Climate::draw(chance);
        let seed = chance.seed();
        let accepted = if chance.one_in(2) { 200 } else { 201 };
        let logs_lag_ms = chance.pick(&[0, 5_000, 30_000, 120_000]);
        self.service.reset(Config { seed, ids: self.climate.ids, accepted, logs_lag_ms, ..Config::default() });
        self.server = Server::draw(self.clock.time, chance);
        let most = match chance.within(0, 7) {
            0 => 1,
            1 => 2,
            2 => 3,
            _ => 100,
        };
        self.page = Page::new(most);
        let tasks = match chance.within(0, 63) {
            0..=49 => 1,
            50..=58 => 2,
            59..=61 => chance.within(3, 4),
            62 => chance.within(4, 8),
            _ => chance.within(2, 20),
        };
        let clients = 1 + chance.within(0, 2).min(tasks - 1);
        for _ in 0..clients {
            let client = draw_client(chance, self.climate.caller);
            self.clients.push(client);
        }
        let spread = if chance.one_in(2) { 0 } else { chance.span(10, 12) };
        for who in 0..tasks {
            let plan = self.draw_plan();
            self.tasks.push(Task::new(plan));
            let who = usize::try_from(who).unwrap_or_default();
            self.give_id(who);
            let at = self.clock.time + self.chance.within(0, spread);
            self.agenda.note(at, What::Start(index(who)));
        }
        if self.clients.iter().any(|client| client.recovery.is_some()) && self.chance.one_in(2) {
            self.climate.roughen(&mut self.chance);
        }
        let logs = self.clients.iter().any(|client| client.recovery == Some(Recovery::Logs));
        if logs && self.chance.one_in(12) {
            let at = self.clock.time + self.chance.within(0, 90_000);
            let count = self.chance.pick(&[20, 99, 150, 450]);
            self.agenda.note(at, What::Others(count));
        }
        let gusts = self.chance.pick(&[0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 4, 8]);
        let span = self.chance.pick(&[60_000, 60_000, 120_000, 700_000]);
        self.draw_weather(gusts, span);
    }

    fn draw_plan(&mut self) -> Plan {
        let chance = &mut self.chance;
        let caller = self.climate.caller;
        let odd = chance.happens(caller);
        Plan {
            kind: match chance.within(0, 9) {
                0..=6 => Kind::Generate,
                7 => Kind::Extension,
                _ => Kind::Wait,
            },
            client: usize::try_from(chance.within(0, self.clients.len() as u64 - 1)).unwrap_or_default(),
            timeout: timeout(chance),
            pace: match chance.within(0, 7) {
                0 => Pace::Every(10_000),
                1 => Pace::Every(chance.span(1_000, 5)),
                _ => Pace::Adaptive,
            },
            announces: chance.one_in(4),
            on_submit: match chance.within(0, 5) {
                0 if odd => OnSubmit::Throws,
                1 if odd => OnSubmit::RejectsAfter(chance.span(1, 16)),
                2 if odd => OnSubmit::NeverSettles,
                3 if odd => OnSubmit::StoresAfter(chance.span(1, 16)),
                0 | 3 => OnSubmit::Absent,
                _ => OnSubmit::Stores,
            },
            on_status: chance.one_in(2),
            steps: chance.one_in(8).then(|| u32::try_from(chance.span(1, 9)).unwrap_or(1)),
            named: chance.one_in(2),
            fate: ScriptedOutcome { outcome: draw_outcome(chance), ends_immediately: chance.one_in(24) },
            persistence: u32::try_from(chance.within(0, 5).saturating_sub(2)).unwrap_or_default(),
        }
    }

    /// A task that waits has an id: of an older job, perhaps another task's, or of none at all.
    fn give_id(&mut self, who: usize) {
        if self.tasks[who].plan.kind != Kind::Wait {
            return;
        }
        let shared = self.tasks.iter().find_map(|task| task.id.clone()).filter(|_| self.chance.one_in(2));
        let id: Arc<str> = match shared {
            Some(id) => id,
            None if self.chance.one_in(12) => "never-given-out".into(),
            None => {
                let age = self.chance.within(0, 60_000);
                self.service.next_outcome = self.tasks[who].plan.fate.clone();
                let request = Submission { prompt: "older", ..Submission::default() };
                let time = self.clock.time - age;
                self.service
                    .submit(time, Key::Demo, &request)
                    .map_or("?".into(), |reply| Arc::clone(&reply.generation.id))
            }
        };
        self.tasks[who].id = Some(id);
    }
}

fn draw_client(chance: &mut Chance, caller: f64) -> Client {
    let recovery = match chance.within(0, 15) {
        0 => Some(Recovery::Logs),
        1 | 2 => Some(Recovery::Server),
        _ => None,
    };
    // The service itself is no server half.
    let origin = usize::from(recovery == Some(Recovery::Server) || chance.one_in(6)) % ORIGINS;
    let first = origin * keys::PER_ORIGIN;
    let wrong = chance.happens(caller / 4.0);
    let key = match chance.within(0, 7) {
        0 if origin == 1 => KeySource::Proxy,
        0..=2 => KeySource::Function,
        _ if wrong => KeySource::Static(first + chance.pick(&[2, 3])),
        _ => KeySource::Static(first),
    };
    let most = match chance.within(0, 9) {
        0 => Some(1),
        1 => Some(2),
        2 => Some(3),
        _ => None,
    };
    let streams = chance.one_in(3);
    Client { key, origin, loopback: chance.one_in(16), streams, line: most.map(Line::new), recovery }
}

fn draw_outcome(chance: &mut Chance) -> Outcome {
    match chance.within(0, 31) {
        0 => Outcome::CompletesWithoutUrl,
        1 => Outcome::CompletesWithUrl(address(chance)),
        2 | 3 => Outcome::Fails(chance.pick(&FAILURES)),
        _ => Outcome::Completes,
    }
}
