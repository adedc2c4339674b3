//! The protocol's machine as the driver holds it: the real one, or the real one with a bug.

use protocol::{Action, ApiKey, Call, Event, Gates, Generation, Now, OriginState};

use crate::mutant::Mutant;
use crate::reply_value::ReplyValue;
use crate::sim_rng::SimRng;

/// A call, perhaps with a bug planted between it and its driver.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) call: Call,
    mutant: Option<Mutant>,
    pub(crate) state: MutantState,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
/// What a bug remembers of its call.
#[derive(Debug, Default)]
pub(crate) struct MutantState {
    /// What the driver was told last, if it was a request.
    pub(crate) posting: bool,
    pub(crate) getting: bool,
    /// Its body was a stream.
    pub(crate) streamed: bool,
    /// A settlement that is held back.
    pub(crate) held: Option<Action>,
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
    pub(crate) fn new(call: Call, mutant: Option<Mutant>) -> Self {
        Self { call, mutant, state: MutantState::default() }
    }

    /// Tells it what happened.
    #[inline]
    pub(crate) fn step(
        &mut self,
        event: Event<ReplyValue<'_>>,
        now: Now,
        origin_state: &mut OriginState,
        client_rng: &mut SimRng,
    ) -> Action {
        match self.mutant {
            None => self.call.step(event, now, origin_state, client_rng),
            Some(mutant) => mutant.step(self, event, now, origin_state, client_rng),
        }
    }

    /// After how many milliseconds to give up.
    #[inline]
    pub(crate) fn limit(&mut self, now: Now) -> u64 {
        let limit = self.call.poll_timeout(now);
        self.mutant.map_or(limit, |mutant| mutant.limit(self, limit, now))
    }

    /// Whether the submit that is about to leave is a stream, where the platform can send one.
    pub(crate) fn stream(&mut self, can: bool) -> bool {
        let mut streamed = false;
        self.call.choose_submit_body(|| {
            streamed = can;
            can
        });
        self.state.streamed = streamed;
        streamed
    }

    /// The generation as it is known.
    pub(crate) fn generation(&self) -> Option<&Generation> {
        self.call.generation()
    }

    /// The header by which the submit is known again.
    pub(crate) fn submit_header(&self) -> Option<(&'static str, String)> {
        let header = self.call.submit_header();
        match self.mutant {
            None => header,
            Some(mutant) => header.map(|(name, value)| (name, mutant.header(&self.state, value))),
        }
    }

    /// The key to send.
    pub(crate) fn key(&self) -> Option<&ApiKey> {
        self.call.key()
    }
}
