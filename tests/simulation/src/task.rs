//! A user's wish, and the calls made for it: one after another, by whatever the user does.

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
    /// `submit`, then `check` whenever an alarm rings.
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
    Begin,
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
    /// For a place of the client.
    AcquiringClientPermit(u32),
    Waiting,
    /// For the key function, which will have given this.
    RequestingKey(KeyResult),
    /// For a place among the open requests.
    AcquiringRequestPermit(u32),
    /// For the reply to such a request.
    Exchanging(Method),
    /// For `onSubmitting`, which will have succeeded or not.
    OnSubmitting(bool),
    /// For `onSubmitted`, which will have succeeded or not.
    OnSubmitted(bool),
}

/// What a key function gives.
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
    /// Its submits are streams where they can be.
    pub(crate) streams: bool,
    pub(crate) permits: Option<FifoChecker>,
    pub(crate) recovery: Option<Recovery>,
}

/// The idempotency key of a task's submits.
#[derive(Clone, Debug)]
pub(crate) struct SubmitKey {
    pub(crate) key: Arc<str>,
    /// The caller's own: a page that dies leaves it behind.
    pub(crate) given: bool,
    /// What the wall clock said when it was first sent, as the caller stored it.
    pub(crate) stored_at: Option<u64>,
    /// What of that `recover` was told.
    pub(crate) told: Option<u64>,
    /// The true time of that.
    pub(crate) first_sent: u64,
    /// The true time of the server's word by which it may be sent again.
    pub(crate) allowed_at: u64,
}

/// How a task is done.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) kind: TaskKind,
    pub(crate) client: usize,
    pub(crate) timeout: u64,
    pub(crate) poll_interval: PollInterval,
    /// Whether there is an `onSubmitting`.
    pub(crate) announces: bool,
    pub(crate) on_submitted: OnSubmittedBehaviour,
    pub(crate) on_status: bool,
    pub(crate) steps: Option<u32>,
    pub(crate) fate: ScriptedOutcome,
    /// How many times the user goes on after an error.
    pub(crate) persistence: u32,
    /// Whether submits carry a key of the caller's own.
    pub(crate) has_own_key: bool,
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
    /// Grows with every wait: what belongs to an earlier one is void.
    pub(crate) epoch: u32,
    /// Likewise for timers.
    pub(crate) alarm: u32,
    /// The steady time for which the timer is set.
    pub(crate) timer: Option<u64>,
    pub(crate) aborted: bool,
    /// Whether it has a place among the open requests.
    pub(crate) has_request_permit: bool,
    /// Whether it has a place of its client.
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
    /// A task not yet begun.
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            plan,
            next_call: NextCall::Begin,
            goal: Goal::Wait,
            machine: None,
            operation: Operation::None,
            exchange: 0,
            epoch: 0,
            alarm: 0,
            timer: None,
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
