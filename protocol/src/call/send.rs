//! The key, the place, and the request itself.

use super::{Call, Next, Patience, SUBMIT_LIMIT, State, Turn};
use crate::error::Failure;
use crate::gate::Method;
use crate::secret::Secret;
use crate::time::{Dice, Now, Stopwatch, Timer};

impl Call {
    pub(super) fn keyed(&mut self, key: Secret, request: Method, again: bool) -> Next {
        if again && self.key() == Some(&key) {
            let words = self.credentials.refused.take().unwrap_or_default();
            return self.fail_with(Failure::Unauthorized, words);
        }
        if self.key() != Some(&key) {
            self.credentials.keys.push(key);
        }
        self.credentials.mended = again;
        self.state = State::Entering(request);
        Next::Enter
    }

    pub(super) fn entered(&mut self, request: Method, offline: bool, turn: &mut Turn<'_, impl Dice>) -> Next {
        self.forced = turn.shared.gates.forced(request, turn.now);
        let closed = self.forced.is_some() && self.patience == Patience::Usual;
        if closed || self.deadline.left(turn.now) == 0 || self.floor(request, turn.now, turn.shared) > 0 {
            return self.attempt(request, turn);
        }
        match (request, &mut self.generation) {
            (Method::Poll, generation) => {
                let next = match (generation, &mut self.lookup) {
                    (Some(generation), _) => {
                        generation.polling.checks = generation.polling.checks.saturating_add(1);
                        turn.shared.polled(&generation.id, turn.now);
                        Next::Get
                    }
                    (None, Some(lookup)) => {
                        lookup.look(turn.now);
                        Next::LookUp
                    }
                    (None, None) => return self.fail(Failure::Deadline),
                };
                self.credentials.mended = false;
                self.document = None;
                self.state = State::Getting(Stopwatch::start(turn.now));
                next
            }
            (Method::Submit, None) if !offline && self.announces && !matches!(self.state, State::Announcing) => {
                self.state = State::Announcing;
                Next::Announce
            }
            (Method::Submit, None) if !offline => self.post(turn.now),
            _ => self.fail(Failure::Offline),
        }
    }

    fn post(&mut self, now: Now) -> Next {
        if let Some(lookup) = &mut self.lookup {
            lookup.send(now);
        }
        self.credentials.mended = false;
        self.document = None;
        self.state = State::Posting(Timer::start(now, SUBMIT_LIMIT));
        Next::Post
    }

    /// 401: once more, if the key function now gives another key.
    pub(super) fn unauthorized(&mut self, request: Method, words: String) -> Next {
        if !self.credentials.asked || self.credentials.refused.is_some() {
            return self.fail_with(Failure::Unauthorized, words);
        }
        self.credentials.refused = Some(words);
        self.state = State::Keying { request, again: true };
        Next::AskKey { after_unauthorized: true }
    }
}
