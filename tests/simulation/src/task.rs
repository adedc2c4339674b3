//! A task: what a user wants, and the calls made for it, one after another.

use std::sync::Arc;

use emulator::ScriptedOutcome;
use protocol::{Generation, Goal, KeyFailure, PollInterval, Recovery};

use crate::checker::Checker;
use crate::download::FileOutcome;
use crate::fifo_checker::FifoChecker;
use crate::machine::Machine;

/// What the user does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskKind {
    /// `generate`.
    Generate,
    /// `submit`, then `check` whenever the browser's alarm fires.
    Extension,
    /// `waitFor` a generation that exists, or never did.
    Wait,
}

/// What the user's `onSubmitted` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnSubmittedBehaviour {
    Absent,
    Stores,
    StoresAfter(u64),
    Throws,
    RejectsAfter(u64),
    NeverSettles,
}

/// What the user calls next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NextCall {
    /// What the task is about.
    Start,
    /// `waitFor` the stored snapshot.
    Resume,
    /// `check` the stored snapshot.
    Check,
    /// `recover` the submit with the stored key.
    Recover,
    /// Download the audio.
    Download,
    /// Nothing more.
    Nothing,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// A generation.
    Submit,
    /// How the generation stands.
    Poll,
    /// What became of the submit.
    Lookup,
    /// The file.
    Download,
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    None,
    /// For a permit of the client.
    AcquiringClientPermit(u32),
    Waiting,
    /// For the key function, which will return this.
    RequestingKey(KeyResult),
    /// For a permit for a request.
    AcquiringRequestPermit(u32),
    /// For the reply to such a request.
    Exchanging(Method),
    /// For `onSubmitting`, which will succeed or not.
    OnSubmitting(bool),
    /// For `onSubmitted`, which will succeed or not.
    OnSubmitted(bool),
}

/// What a key function returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyResult {
    Key(usize),
    Fails(KeyFailure),
    Never,
}

/// Where a client's key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// A proxy adds it.
    Proxy,
    Static(usize),
    Function,
}

/// A client of the page.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) key: KeySource,
    pub(crate) origin: usize,
    pub(crate) loopback: bool,
    /// The bodies of its submits are streams if the platform can send them.
    pub(crate) streams: bool,
    pub(crate) permits: Option<FifoChecker>,
    pub(crate) recovery: Option<Recovery>,
}

/// The idempotency key of a task's submits.
#[derive(Clone, Debug)]
pub(crate) struct SubmitKey {
    pub(crate) key: Arc<str>,
    /// The caller made it: it outlives the page.
    pub(crate) from_caller: bool,
    /// When it was first sent by the wall clock, as the caller stored it.
    pub(crate) stored_submitted_at: Option<u64>,
    /// That time, if it was passed to `recover`.
    pub(crate) recover_submitted_at: Option<u64>,
    /// When it was first sent, in true time.
    pub(crate) first_sent: u64,
    /// When the server said that it may be sent again, in true time.
    pub(crate) allowed_at: u64,
}

/// How a task is carried out.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) kind: TaskKind,
    pub(crate) client: usize,
    pub(crate) timeout: u64,
    pub(crate) poll_interval: PollInterval,
    /// Whether there is an `onSubmitting`.
    pub(crate) has_on_submitting: bool,
    pub(crate) on_submitted: OnSubmittedBehaviour,
    pub(crate) on_status: bool,
    pub(crate) steps: Option<u32>,
    pub(crate) scripted: ScriptedOutcome,
    /// How many times the user tries again after an error.
    pub(crate) retries_left: u32,
    /// Whether the caller makes the idempotency key.
    pub(crate) has_key_from_caller: bool,
}

/// A task.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) plan: Plan,
    pub(crate) next_call: NextCall,
    pub(crate) goal: Goal,
    pub(crate) machine: Option<Machine>,
    pub(crate) operation: Operation,
    /// The last request.
    pub(crate) exchange: usize,
    /// Grows with every wait: what belongs to an earlier wait is ignored.
    pub(crate) epoch: u32,
    /// The same for timers.
    pub(crate) timer_id: u32,
    /// The monotonic time at which the timer is due.
    pub(crate) timer_due: Option<u64>,
    pub(crate) aborted: bool,
    /// Whether it has a permit for a request.
    pub(crate) has_request_permit: bool,
    /// Whether it has a permit of its client.
    pub(crate) has_client_permit: bool,
    /// The id, once the user could know it.
    pub(crate) id: Option<Arc<str>>,
    /// What the user stored last.
    pub(crate) stored: Option<Box<Generation>>,
    pub(crate) checker: Checker,
    pub(crate) checks: u32,
    /// What became of the file that it downloads.
    pub(crate) file: Option<FileOutcome>,
    pub(crate) submit_key: Option<SubmitKey>,
}

impl Task {
    /// A task that has not started.
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            plan,
            next_call: NextCall::Start,
            goal: Goal::Wait,
            machine: None,
            operation: Operation::None,
            exchange: 0,
            epoch: 0,
            timer_id: 0,
            timer_due: None,
            aborted: false,
            has_request_permit: false,
            has_client_permit: false,
            id: None,
            stored: None,
            checker: Checker::default(),
            checks: 0,
            file: None,
            submit_key: None,
        }
    }

    /// Whether a call runs.
    pub(crate) fn is_running(&self) -> bool {
        self.machine.is_some()
    }

    /// Whether the call waits for the end of a generation.
    pub(crate) fn waits(&self) -> bool {
        matches!(self.goal, Goal::Generate | Goal::Wait)
    }

    /// Whether the call submits.
    pub(crate) fn submits(&self) -> bool {
        matches!(self.goal, Goal::Generate | Goal::Submit)
    }
}
