//! The key, the place, and the request itself.

use super::{Action, Call, Context, DeadlinePhase, SUBMIT_REPLY_TIMEOUT, State};
use crate::model::api_key::ApiKey;
use crate::model::error::Failure;
use crate::model::rng::Rng;
use crate::model::time::{Now, Stopwatch, Timer};
use crate::policy::gate::Method;

impl Call {
    pub(super) fn on_key(&mut self, key: ApiKey, request: Method, again: bool) -> Action {
        if again && self.key() == Some(&key) {
            let message = self.credentials.unauthorized_message.take().unwrap_or_default();
            return self.fail_with(Failure::Unauthorized, message);
        }
        if self.key() != Some(&key) {
            self.credentials.keys.push(key);
        }
        self.credentials.fresh_after_401 = again;
        self.state = State::AwaitingPermit(request);
        Action::AcquirePermit
    }

    pub(super) fn on_permit(&mut self, request: Method, offline: bool, context: &mut Context<'_, impl Rng>) -> Action {
        self.gate_bypass = context.origin_state.gates.bypass_token(request, context.now);
        let closed = self.gate_bypass.is_some() && self.deadline_phase == DeadlinePhase::Normal;
        if closed
            || self.deadline.left(context.now) == 0
            || self.min_poll_interval_left(request, context.now, context.origin_state) > 0
        {
            return self.prepare_request(request, context);
        }
        match (request, &mut self.generation) {
            (Method::Poll, generation) => {
                let next = match (generation, &mut self.lookup) {
                    (Some(generation), _) => {
                        generation.polling.checks = generation.polling.checks.saturating_add(1);
                        context.origin_state.on_poll_sent(&generation.id, context.now);
                        Action::SendPoll
                    }
                    (None, Some(lookup)) => {
                        lookup.on_lookup_sent(context.now);
                        Action::SendLookup
                    }
                    (None, None) => return self.fail(Failure::Deadline),
                };
                self.credentials.fresh_after_401 = false;
                self.rest_of_body = None;
                self.state = State::AwaitingPollReply(Stopwatch::start(context.now));
                next
            }
            (Method::Submit, None)
                if !offline && self.has_on_submitting && !matches!(self.state, State::AwaitingOnSubmitting) =>
            {
                self.state = State::AwaitingOnSubmitting;
                Action::CallOnSubmitting
            }
            (Method::Submit, None) if !offline => self.send_submit(context.now),
            _ => self.fail(Failure::Offline),
        }
    }

    fn send_submit(&mut self, now: Now) -> Action {
        if let Some(lookup) = &mut self.lookup {
            lookup.on_submit_sent(now);
        }
        self.credentials.fresh_after_401 = false;
        self.rest_of_body = None;
        self.state = State::AwaitingSubmitReply(Timer::start(now, SUBMIT_REPLY_TIMEOUT));
        Action::SendSubmit
    }

    /// 401: once more, if the key function now gives another key.
    pub(super) fn on_unauthorized(&mut self, request: Method, message: String) -> Action {
        if !self.credentials.from_function || self.credentials.unauthorized_message.is_some() {
            return self.fail_with(Failure::Unauthorized, message);
        }
        self.credentials.unauthorized_message = Some(message);
        self.state = State::AwaitingKey { request, again: true };
        Action::RequestKey { after_unauthorized: true }
    }
}
