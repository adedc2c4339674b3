//! The protocol's machine as the driver holds it: the real one, or the real one with a bug.

use protocol::call::{Call, Event, Next};
use protocol::gate::Gates;
use protocol::generation::Generation;
use protocol::secret::Secret;
use protocol::shared::Shared;
use protocol::time::Now;

use crate::bug::Bug;
use crate::chance::Chance;
use crate::view::View;

/// A call, perhaps with a bug planted between it and its driver.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) call: Call,
    bug: Option<Bug>,
    pub(crate) memory: Memory,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
/// What a bug remembers of its call.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// What the driver was told last, if it was a request.
    pub(crate) posting: bool,
    pub(crate) getting: bool,
    /// Its body was a stream.
    pub(crate) streamed: bool,
    /// A settlement that is held back.
    pub(crate) held: Option<Next>,
    pub(crate) gates: Gates,
    /// When it was.
    pub(crate) since: Now,
    pub(crate) again: u32,
    /// The driver was told last to look up.
    pub(crate) looking: bool,
    /// It was told to look up at some time.
    pub(crate) looked: bool,
    /// The look-ups and submits so far.
    pub(crate) lookups: u32,
    pub(crate) submits: u32,
    /// How far the clock of a machine in a hurry is ahead.
    pub(crate) ahead: u64,
}

impl Machine {
    /// The machine of a call.
    pub(crate) fn new(call: Call, bug: Option<Bug>) -> Self {
        Self { call, bug, memory: Memory::default() }
    }

    /// Tells it what happened.
    #[inline]
    pub(crate) fn step(&mut self, event: Event<View<'_>>, now: Now, shared: &mut Shared, dice: &mut Chance) -> Next {
        match self.bug {
            None => self.call.step(event, now, shared, dice),
            Some(bug) => bug.step(self, event, now, shared, dice),
        }
    }

    /// After how many milliseconds to give up.
    #[inline]
    pub(crate) fn limit(&mut self, now: Now) -> u64 {
        let limit = self.call.limit(now);
        self.bug.map_or(limit, |bug| bug.limit(self, limit, now))
    }

    /// Whether the submit that is about to leave is a stream, where the platform can send one.
    pub(crate) fn stream(&mut self, can: bool) -> bool {
        let mut streamed = false;
        self.call.try_stream(|| {
            streamed = can;
            can
        });
        self.memory.streamed = streamed;
        streamed
    }

    /// The generation as it is known.
    pub(crate) fn generation(&self) -> Option<&Generation> {
        self.call.generation()
    }

    /// The header by which the submit is known again.
    pub(crate) fn submit_header(&self) -> Option<(&'static str, String)> {
        let header = self.call.submit_header();
        match self.bug {
            None => header,
            Some(bug) => header.map(|(name, value)| (name, bug.header(&self.memory, value))),
        }
    }

    /// The key to send.
    pub(crate) fn key(&self) -> Option<&Secret> {
        self.call.key()
    }
}
