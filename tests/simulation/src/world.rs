//! One run: a page with its tasks, the service, and everything that happens between them.

use std::collections::VecDeque;
use std::fmt::Display;

use emulator::{Config, Service};

use crate::agenda::{Agenda, What};
use crate::bug::Bug;
use crate::chance::Chance;
use crate::climate::Climate;
use crate::clock::Clock;
use crate::exchange::Exchange;
use crate::invariant::{Broken, Invariant};
use crate::page::Page;
use crate::server::Server;
use crate::task::{Client, Method, Task};
use crate::trace::Trace;
use crate::weather::Gust;

/// More events than this in one run: it does not end.
const MOST_EVENTS: u32 = 200_000;

/// What a run showed.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Simulated milliseconds.
    pub simulated: u64,
    /// The invariants that did not hold.
    pub broken: Broken,
    /// Calls that settled.
    pub calls: u32,
    /// What happened, where it was asked for.
    pub trace: Vec<String>,
}

/// A POST of one call, told apart by its prompt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Submitter {
    pub(crate) task: u32,
    /// The call failed and said that nothing was charged.
    pub(crate) free: bool,
}

/// A generation that a waiting call of the page asked for, and when it last did.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) id: std::sync::Arc<str>,
    pub(crate) origin: usize,
    pub(crate) steady: u64,
    /// The true times of all its polls.
    pub(crate) times: Vec<u64>,
}

/// The room for runs, used again and again.
#[derive(Debug)]
pub struct World {
    pub(crate) bug: Option<Bug>,
    pub(crate) chance: Chance,
    pub(crate) dice: Chance,
    pub(crate) clock: Clock,
    pub(crate) agenda: Agenda,
    pub(crate) service: Service,
    pub(crate) server: Server,
    pub(crate) climate: Climate,
    pub(crate) page: Page,
    pub(crate) clients: Vec<Client>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) gusts: Vec<Gust>,
    pub(crate) submitters: Vec<Submitter>,
    pub(crate) asked: Vec<Asked>,
    /// Tasks to wake before anything else happens.
    pub(crate) ready: VecDeque<u32>,
    pub(crate) broken: Broken,
    pub(crate) calls: u32,
    pub(crate) trace: Trace,
}

impl World {
    /// A room for runs of the real machine, or of one with a bug.
    pub fn new(bug: Option<Bug>) -> Self {
        Self {
            bug,
            chance: Chance::of(0, 0),
            dice: Chance::of(0, 1),
            clock: Clock::new(),
            agenda: Agenda::default(),
            service: Service::new(Config::default()),
            server: Server::draw(0, &mut Chance::of(0, 0)),
            climate: Climate::default(),
            page: Page::new(100),
            clients: Vec::new(),
            tasks: Vec::new(),
            exchanges: Vec::new(),
            gusts: Vec::new(),
            submitters: Vec::new(),
            asked: Vec::new(),
            ready: VecDeque::new(),
            broken: Broken::default(),
            calls: 0,
            trace: Trace::default(),
        }
    }

    /// One run of the many that a seed has.
    pub fn run(&mut self, seed: u64, index: u64) -> Outcome {
        self.set_up(seed, index);
        let mut events = 0;
        while let Some((at, what)) = self.agenda.next() {
            self.clock.time = self.clock.time.max(at);
            events += 1;
            if events > MOST_EVENTS {
                self.breaks(Invariant::NothingHangs, "the run does not end");
                break;
            }
            self.happen(what);
            self.settle_down();
            if self.is_over() {
                break;
            }
        }
        self.close();
        Outcome {
            simulated: self.clock.passed(),
            broken: self.broken,
            calls: self.calls,
            trace: std::mem::take(&mut self.trace).into_lines(),
        }
    }

    /// The same with an account of what happened.
    pub fn replay(&mut self, seed: u64, index: u64) -> Outcome {
        self.trace = Trace::on();
        self.run(seed, index)
    }

    fn set_up(&mut self, seed: u64, index: u64) {
        self.chance = Chance::of(seed, index);
        self.clock = Clock::new();
        self.agenda.clear();
        self.clients.clear();
        self.tasks.clear();
        self.exchanges.clear();
        self.gusts.clear();
        self.submitters.clear();
        self.asked.clear();
        self.ready.clear();
        self.broken = Broken::default();
        self.calls = 0;
        let other = self.chance.seed();
        self.dice = Chance::of(other, 0);
        self.begin();
    }

    /// Lets those act who wait for each other.
    fn settle_down(&mut self) {
        loop {
            if let Some(task) = self.ready.pop_front() {
                self.turn(task as usize);
            } else if std::mem::take(&mut self.page.opened) {
                self.wake_sleepers(false);
            } else {
                return;
            }
        }
    }

    fn happen(&mut self, what: What) {
        let in_page = matches!(
            what,
            What::Start(_) | What::Timer { .. } | What::Deliver(_) | What::Answered { .. } | What::Abort(_)
        );
        if in_page && self.clock.is_frozen() {
            // What piled up meanwhile comes in any order.
            let tie = u32::try_from(self.chance.within(0, u64::from(u32::MAX))).unwrap_or_default();
            self.agenda.note_among(self.clock.frozen_until, tie, what);
            return;
        }
        match what {
            What::Start(task) => self.start(task as usize),
            What::Timer { task, alarm } => self.timer(task as usize, alarm),
            What::Arrive(exchange) => self.arrive(exchange as usize),
            What::Upstream(number) => self.upstream_arrives(number as usize),
            What::Outcome(number) => self.upstream_answers(number as usize),
            What::Patience(exchange) => self.out_of_patience(exchange as usize),
            What::Others(count) => self.others(count),
            What::Deliver(exchange) => self.deliver(exchange as usize),
            What::Answered { task, epoch } => self.answered(task as usize, epoch),
            What::Abort(task) => self.abort(task as usize),
            What::Gust(gust) => self.gust(gust as usize),
        }
    }

    /// Whether nothing is left that could matter.
    fn is_over(&self) -> bool {
        use crate::task::Todo;
        self.tasks.iter().all(|task| !task.is_running() && task.todo == Todo::Nothing)
            && !self.exchanges.iter().rev().any(|it| it.method == Method::Submit && !it.arrived)
            && !self.server.upstream.iter().any(|upstream| !upstream.arrived)
    }

    /// After everything: whatever still runs hangs, and the service's ledger is read.
    fn close(&mut self) {
        for who in 0..self.tasks.len() {
            if self.tasks[who].is_running() {
                self.breaks(Invariant::NothingHangs, format_args!("task {who} still runs"));
            }
        }
        self.audit();
    }

    /// Notes that an invariant did not hold.
    #[cold]
    pub(crate) fn breaks(&mut self, invariant: Invariant, why: impl Display) {
        self.broken.add(invariant);
        if self.trace.is_on() {
            self.tell(None, format_args!("✗ {}: {why}", invariant.name()));
        }
    }

    /// Writes a line of the account.
    #[cold]
    pub(crate) fn tell(&mut self, task: Option<usize>, what: impl Display) {
        let passed = self.clock.passed();
        let (seconds, rest) = (passed / 1_000, passed % 1_000);
        let task = task.map_or("-".into(), |task| format!("#{task}"));
        self.trace.write(format!("{seconds:>6}.{rest:03} {task:>4}  {what}"));
    }
}

/// Writes a line of the account, if there is one.
macro_rules! tell {
    ($world:expr, $task:expr, $($what:tt)*) => {
        if $world.trace.is_on() {
            $world.tell($task, format_args!($($what)*));
        }
    };
}
pub(crate) use tell;
