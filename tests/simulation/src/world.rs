//! One run: a page with its tasks, the service, and everything that happens between them.

use std::collections::VecDeque;
use std::fmt::Display;

use emulator::{Config, Service};

use crate::clock::Clock;
use crate::environment::EnvironmentEvent;
use crate::event_queue::{EventQueue, SimEvent};
use crate::exchange::Exchange;
use crate::fault_profile::FaultProfile;
use crate::invariant::{Invariant, Violations};
use crate::mutant::Mutant;
use crate::page::Page;
use crate::server::Server;
use crate::sim_rng::SimRng;
use crate::task::{Client, Method, Task};
use crate::trace::Trace;

/// More events than this in one run: it does not end.
const MAX_EVENTS: u32 = 200_000;

/// What a run showed.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Simulated milliseconds.
    pub simulated: u64,
    /// The invariants that did not hold.
    pub violations: Violations,
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
pub(crate) struct PollRecord {
    pub(crate) id: std::sync::Arc<str>,
    pub(crate) origin: usize,
    pub(crate) monotonic: u64,
    /// The true times of all its polls.
    pub(crate) times: Vec<u64>,
}

/// The state of a run; used for one run after another.
#[derive(Debug)]
pub struct World {
    pub(crate) mutant: Option<Mutant>,
    pub(crate) rng: SimRng,
    pub(crate) client_rng: SimRng,
    pub(crate) clock: Clock,
    pub(crate) event_queue: EventQueue,
    pub(crate) service: Service,
    pub(crate) server: Server,
    pub(crate) fault_profile: FaultProfile,
    pub(crate) page: Page,
    pub(crate) clients: Vec<Client>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) environment_events: Vec<EnvironmentEvent>,
    pub(crate) submitters: Vec<Submitter>,
    pub(crate) poll_records: Vec<PollRecord>,
    /// Tasks to wake before anything else happens.
    pub(crate) ready: VecDeque<u32>,
    pub(crate) violations: Violations,
    pub(crate) calls: u32,
    pub(crate) trace: Trace,
}

impl World {
    /// For runs of the real state machine, or of a mutant.
    pub fn new(mutant: Option<Mutant>) -> Self {
        Self {
            mutant,
            rng: SimRng::of(0, 0),
            client_rng: SimRng::of(0, 1),
            clock: Clock::new(),
            event_queue: EventQueue::default(),
            service: Service::new(Config::default()),
            server: Server::draw(0, &mut SimRng::of(0, 0)),
            fault_profile: FaultProfile::default(),
            page: Page::new(100),
            clients: Vec::new(),
            tasks: Vec::new(),
            exchanges: Vec::new(),
            environment_events: Vec::new(),
            submitters: Vec::new(),
            poll_records: Vec::new(),
            ready: VecDeque::new(),
            violations: Violations::default(),
            calls: 0,
            trace: Trace::default(),
        }
    }

    /// One run of the many that a seed has.
    pub fn run(&mut self, seed: u64, index: u64) -> Outcome {
        self.reset(seed, index);
        let mut events = 0;
        while let Some((at, what)) = self.event_queue.next() {
            self.clock.time = self.clock.time.max(at);
            events += 1;
            if events > MAX_EVENTS {
                self.violate(Invariant::NothingHangs, "the run does not end");
                break;
            }
            self.handle(what);
            self.run_ready_tasks();
            if self.is_over() {
                break;
            }
        }
        self.close();
        Outcome {
            simulated: self.clock.passed(),
            violations: self.violations,
            calls: self.calls,
            trace: std::mem::take(&mut self.trace).into_lines(),
        }
    }

    /// The same with an account of what happened.
    pub fn replay(&mut self, seed: u64, index: u64) -> Outcome {
        self.trace = Trace::on();
        self.run(seed, index)
    }

    fn reset(&mut self, seed: u64, index: u64) {
        self.rng = SimRng::of(seed, index);
        self.clock = Clock::new();
        self.event_queue.clear();
        self.clients.clear();
        self.tasks.clear();
        self.exchanges.clear();
        self.environment_events.clear();
        self.submitters.clear();
        self.poll_records.clear();
        self.ready.clear();
        self.violations = Violations::default();
        self.calls = 0;
        let other = self.rng.seed();
        self.client_rng = SimRng::of(other, 0);
        self.draw_run();
    }

    /// Runs the tasks that others have woken.
    fn run_ready_tasks(&mut self) {
        loop {
            if let Some(task) = self.ready.pop_front() {
                self.try_waiting_permit(task as usize);
            } else if std::mem::take(&mut self.page.opened) {
                self.wake_sleepers(false);
            } else {
                return;
            }
        }
    }

    fn handle(&mut self, what: SimEvent) {
        let in_page = matches!(
            what,
            SimEvent::Start(_)
                | SimEvent::FileArrives { .. }
                | SimEvent::Timer { .. }
                | SimEvent::ReplyArrives(_)
                | SimEvent::CallbackSettles { .. }
                | SimEvent::Abort(_)
        );
        if in_page && self.clock.is_frozen() {
            // What happened meanwhile arrives in any order.
            let tie = u32::try_from(self.rng.within(0, u64::from(u32::MAX))).unwrap_or_default();
            self.event_queue.schedule_with_tie(self.clock.frozen_until, tie, what);
            return;
        }
        match what {
            SimEvent::Start(task) => self.start(task as usize),
            SimEvent::Timer { task, timer_id } => self.timer_fires(task as usize, timer_id),
            SimEvent::RequestArrives(exchange) => self.request_arrives(exchange as usize),
            SimEvent::UpstreamArrives(number) => self.upstream_arrives(number as usize),
            SimEvent::UpstreamAnswers(number) => self.upstream_answers(number as usize),
            SimEvent::RepeatTimesOut(exchange) => self.repeat_times_out(exchange as usize),
            SimEvent::OtherSubmits(count) => self.add_other_submits(count),
            SimEvent::ReplyArrives(exchange) => self.reply_arrives(exchange as usize),
            SimEvent::CallbackSettles { task, epoch } => self.callback_settles(task as usize, epoch),
            SimEvent::FileArrives { task, epoch, outcome } => self.file_arrives(task as usize, epoch, outcome),
            SimEvent::Abort(task) => self.abort(task as usize),
            SimEvent::Environment(event) => self.environment_event(event as usize),
        }
    }

    /// Whether nothing is left that could matter.
    fn is_over(&self) -> bool {
        use crate::task::NextCall;
        self.tasks.iter().all(|task| !task.is_running() && task.next_call == NextCall::Nothing)
            && !self.exchanges.iter().rev().any(|it| it.method == Method::Submit && !it.arrived)
            && !self.server.upstream.iter().any(|upstream| !upstream.arrived)
    }

    /// After everything: whatever still runs hangs, and the service's ledger is read.
    fn close(&mut self) {
        for task_index in 0..self.tasks.len() {
            if self.tasks[task_index].is_running() {
                self.violate(Invariant::NothingHangs, format_args!("task {task_index} still runs"));
            }
        }
        self.audit();
    }

    /// Notes that an invariant did not hold.
    #[cold]
    pub(crate) fn violate(&mut self, invariant: Invariant, why: impl Display) {
        self.violations.add(invariant);
        if self.trace.is_on() {
            self.trace_line(None, format_args!("✗ {}: {why}", invariant.name()));
        }
    }

    /// Writes a line of the trace.
    #[cold]
    pub(crate) fn trace_line(&mut self, task: Option<usize>, what: impl Display) {
        let passed = self.clock.passed();
        let (seconds, rest) = (passed / 1_000, passed % 1_000);
        let task = task.map_or("-".into(), |task| format!("#{task}"));
        self.trace.write(format!("{seconds:>6}.{rest:03} {task:>4}  {what}"));
    }
}

/// Writes a line of the trace, if there is one.
macro_rules! trace {
    ($world:expr, $task:expr, $($what:tt)*) => {
        if $world.trace.is_on() {
            $world.trace_line($task, format_args!($($what)*));
        }
    };
}
pub(crate) use trace;
