//! The key, the place, and the request itself.

use super::{Call, Next, Patience, Request, State, Turn};
use crate::error::Failure;
use crate::secret::Secret;
use crate::time::{Dice, Stopwatch};

impl Call {
    pub(super) fn keyed(&mut self, key: Secret, request: Request, again: bool) -> Next {
        if again && self.credentials.key.as_ref() == Some(&key) {
            let words = self.credentials.refused.take().unwrap_or_default();
            return self.fail(Failure::Unauthorized(words));
        }
        self.credentials.key = Some(key);
        self.credentials.mended = again;
        self.state = State::Entering(request);
        Next::Enter
    }

    pub(super) fn entered(&mut self, request: Request, offline: bool, turn: &mut Turn<'_, impl Dice>) -> Next {
        let closed = turn.shared.gate.left(turn.now) > 0 && self.patience == Patience::Usual;
        if closed || self.deadline.left(turn.now) == 0 || self.floor(request, turn.now, turn.shared) > 0 {
            return self.attempt(request, turn);
        }
        match (request, &mut self.generation) {
            (Request::Get, Some(generation)) => {
                generation.checks = generation.checks.saturating_add(1);
                turn.shared.polled(&generation.id, turn.now);
                self.credentials.mended = false;
                self.state = State::Getting(Stopwatch::start(turn.now));
                Next::Get
            }
            (Request::Post, None) if !offline => {
                self.credentials.mended = false;
                self.state = State::Posting;
                Next::Post
            }
            _ => self.fail(Failure::Offline),
        }
    }

    /// 401: once more, if the key function now gives another key.
    pub(super) fn unauthorized(&mut self, request: Request, words: String) -> Next {
        if !self.credentials.asked || self.credentials.refused.is_some() {
            return self.fail(Failure::Unauthorized(words));
        }
        self.credentials.refused = Some(words);
        self.state = State::Keying { request, again: true };
        Next::AskKey { after_unauthorized: true }
    }
}
