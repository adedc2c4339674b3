//! A user's wish, and the calls made for it: one after another, by whatever the user does.

use std::sync::Arc;

use emulator::ScriptedOutcome;
use protocol::call::Goal;
use protocol::generation::Generation;
use protocol::options::{Pace, Recovery};

use crate::line::Line;
use crate::machine::Machine;
use crate::witness::Witness;

/// What the user does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `generate`.
    Generate,
    /// `submit`, then `check` whenever an alarm rings.
    Extension,
    /// `waitFor` a generation that exists, or never did.
    Wait,
}

/// What the user's `onSubmitted` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnSubmit {
    Absent,
    Stores,
    StoresAfter(u64),
    Throws,
    RejectsAfter(u64),
    NeverSettles,
}

/// What the user calls next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Todo {
    /// What the task is about.
    Begin,
    /// `waitFor` the stored snapshot.
    Resume,
    /// `check` the stored snapshot.
    Check,
    /// `recover` the submit with the stored key.
    Recover,
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
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    Nothing,
    /// For a place of the client.
    Queue(u32),
    Sleep,
    /// For the key function, which will have given this.
    Key(Given),
    /// For a place among the open requests.
    Enter(u32),
    /// For the reply to such a request.
    Exchange(Method),
    /// For `onSubmitting`, which will have succeeded or not.
    Announce(bool),
    /// For `onSubmitted`, which will have succeeded or not.
    Store(bool),
}

/// What a key function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    Key(usize),
    Fails(&'static str),
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
    pub(crate) line: Option<Line>,
    pub(crate) recovery: Option<Recovery>,
}

/// The idempotency key of a task's submits.
#[derive(Clone, Debug)]
pub(crate) struct Name {
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
    pub(crate) kind: Kind,
    pub(crate) client: usize,
    pub(crate) timeout: u64,
    pub(crate) pace: Pace,
    /// Whether there is an `onSubmitting`.
    pub(crate) announces: bool,
    pub(crate) on_submit: OnSubmit,
    pub(crate) on_status: bool,
    pub(crate) steps: Option<u32>,
    pub(crate) fate: ScriptedOutcome,
    /// How many times the user goes on after an error.
    pub(crate) persistence: u32,
    /// Whether submits carry a key of the caller's own.
    pub(crate) named: bool,
}

/// A task.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) plan: Plan,
    pub(crate) todo: Todo,
    pub(crate) goal: Goal,
    pub(crate) machine: Option<Machine>,
    pub(crate) doing: Doing,
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
    pub(crate) place: bool,
    /// Whether it has a place of its client.
    pub(crate) client_place: bool,
    /// The id, once the user could know it.
    pub(crate) id: Option<Arc<str>>,
    /// What the user stored last.
    pub(crate) stored: Option<Box<Generation>>,
    pub(crate) witness: Witness,
    pub(crate) checks: u32,
    pub(crate) name: Option<Name>,
}

impl Task {
    /// A task not yet begun.
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            plan,
            todo: Todo::Begin,
            goal: Goal::Wait,
            machine: None,
            doing: Doing::Nothing,
            exchange: 0,
            epoch: 0,
            alarm: 0,
            timer: None,
            aborted: false,
            place: false,
            client_place: false,
            id: None,
            stored: None,
            witness: Witness::default(),
            checks: 0,
            name: None,
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
