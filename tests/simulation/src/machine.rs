//! The state machine as the driver holds it: the real one, or the real one with a mutation.

use std::sync::Arc;

use protocol::{
    Action, Call, Context, Event, Gates, Generation, Goal, HttpRequest, Now, OriginState, Purpose, Recovery,
};

use crate::mutant::Mutant;
use crate::reply_value::ReplyValue;
use crate::sim_rng::SimRng;

/// A call, perhaps with a mutation between it and its driver.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) call: Call,
    mutant: Option<Mutant>,
    pub(crate) state: MutantState,
}

/// What a mutant knows of its call.
#[derive(Debug, Default)]
pub(crate) struct MutantState {
    /// Whether the call submits.
    pub(crate) submits_itself: bool,
    pub(crate) recovery: Option<Recovery>,
    /// The idempotency key.
    pub(crate) key: Option<Arc<str>>,
    /// The purpose of the request in flight.
    pub(crate) in_flight: Option<Purpose>,
    /// Its body is a stream.
    pub(crate) streamed: bool,
    pub(crate) last_submit: Option<Box<HttpRequest>>,
    pub(crate) last_poll: Option<Box<HttpRequest>>,
    /// A settlement that is held back.
    pub(crate) held: Option<Action>,
    pub(crate) gates: Gates,
    /// The time of the last step.
    pub(crate) since: Now,
    pub(crate) again: u32,
    /// The look-ups and submits so far.
    pub(crate) lookups: u32,
    pub(crate) submits: u32,
    /// How far the clock of a hurried mutant is ahead.
    pub(crate) ahead: u64,
}

impl Machine {
    /// The state machine of a call.
    pub(crate) fn new(
        call: Call,
        goal: Goal,
        recovery: Option<Recovery>,
        key: Option<Arc<str>>,
        mutant: Option<Mutant>,
    ) -> Self {
        let submits_itself = matches!(goal, Goal::Generate | Goal::Submit);
        Self { call, mutant, state: MutantState { submits_itself, recovery, key, ..MutantState::default() } }
    }

    /// Reports an event to it.
    #[inline]
    pub(crate) fn step(
        &mut self,
        event: Event<ReplyValue<'_>>,
        now: Now,
        origin_state: &mut OriginState,
        client_rng: &mut SimRng,
    ) -> Action {
        match self.mutant {
            None => self.call.step(event, &mut Context { now, origin_state, rng: client_rng }),
            Some(mutant) => mutant.step(self, event, now, origin_state, client_rng),
        }
    }

    /// After how many milliseconds the current operation times out.
    #[inline]
    pub(crate) fn poll_timeout(&mut self, now: Now) -> u64 {
        let timeout = self.call.poll_timeout(now);
        self.mutant.map_or(timeout, |mutant| mutant.poll_timeout(self, timeout, now))
    }

    /// The submit that is about to leave has a stream as its body.
    pub(crate) fn on_body_streamed(&mut self, streamed: bool) {
        if streamed {
            self.call.on_body_streamed();
        }
        self.state.streamed = streamed;
    }

    /// The generation as far as it is known.
    pub(crate) fn generation(&self) -> Option<&Generation> {
        self.call.generation()
    }
}
