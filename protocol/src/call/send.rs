//! The key, the permit, and the request itself.

use super::{Action, Call, Context, Phase, Step};
use crate::http::request::{HttpRequest, Purpose};
use crate::model::api_key::ApiKey;
use crate::model::error::Failure;
use crate::model::rng::Rng;
use crate::model::time::{Stopwatch, Timer};
use crate::policy::gate::Method;

/// A submit that can be looked up is given up after so long without a reply, in milliseconds.
const SUBMIT_REPLY_TIMEOUT: u64 = 60_000;

impl Call {
    pub(super) fn request_key(&mut self, request: Method, after_401: bool) -> Action {
        self.step = Step::AwaitingKey { request, after_401 };
        Action::RequestKey { after_unauthorized: after_401 }
    }

    pub(super) fn acquire_permit(&mut self, request: Method) -> Action {
        self.step = Step::AwaitingPermit(request);
        Action::AcquirePermit
    }

    pub(super) fn on_key(&mut self, key: ApiKey, request: Method, after_401: bool) -> Action {
        match self.credentials.on_key(key, after_401) {
            Ok(()) => self.acquire_permit(request),
            Err(message) => self.fail_with(Failure::Unauthorized, message),
        }
    }

    /// 401: once more, if the key function returns another key.
    pub(super) fn on_unauthorized(&mut self, request: Method, message: String) -> Action {
        match self.credentials.on_unauthorized(message) {
            Ok(()) => self.request_key(request, true),
            Err(message) => self.fail_with(Failure::Unauthorized, message),
        }
    }

    /// There is a permit; or `onSubmitting` has resolved.
    pub(super) fn on_permit(&mut self, request: Method, offline: bool, context: &mut Context<'_, impl Rng>) -> Action {
        if let Phase::Download(source) = &self.phase {
            self.step = Step::AwaitingFile;
            return Action::Send(Box::new(HttpRequest::download(source.url.clone())));
        }
        let now = context.now;
        self.gate_bypass = context.origin_state.gates.bypass_token(request, now);
        let closed = self.gate_bypass.is_some() && self.deadline.respects_gates();
        if closed || self.deadline.left(now) == 0 || self.min_poll_interval_left(request, now, context.origin_state) > 0
        {
            return self.prepare_request(request, context);
        }
        if request == Method::Submit {
            if self.is_offline(offline) {
                return self.fail(Failure::Offline);
            }
            if self.has_on_submitting && !matches!(self.step, Step::AwaitingOnSubmitting) {
                self.step = Step::AwaitingOnSubmitting;
                return Action::CallOnSubmitting;
            }
        }
        let stream_body = request == Method::Submit && self.stream_next_body();
        let recovers = self.goal == super::Goal::Recover;
        let key = self.credentials.current();
        let (step, sent) = match (request, &mut self.phase) {
            (Method::Submit, Phase::Submit(submission)) => {
                let header = submission.lookup.as_mut().map(|lookup| {
                    lookup.on_submit_sent(now);
                    lookup.header()
                });
                let step = Step::AwaitingSubmitReply(Timer::start(now, SUBMIT_REPLY_TIMEOUT));
                (step, HttpRequest::submit(&self.endpoint, key, &submission.request, header, stream_body))
            }
            (Method::Poll, phase) => {
                let (purpose, url) = if let Phase::Poll(generation) = phase {
                    generation.polling.checks = generation.polling.checks.saturating_add(1);
                    context.origin_state.on_poll_sent(&generation.id, now);
                    (Purpose::Poll, self.endpoint.poll_url(&generation.id))
                } else if let Some(lookup) = phase.lookup_mut() {
                    lookup.on_lookup_sent(now);
                    (Purpose::Lookup, lookup.url(&self.endpoint, recovers))
                } else {
                    return self.on_invalid_event();
                };
                let cache = context.origin_state.cache_mode();
                (Step::AwaitingPollReply(Stopwatch::start(now)), HttpRequest::new(purpose, url, key, cache))
            }
            _ => return self.on_invalid_event(),
        };
        self.credentials.on_sent();
        self.rest_of_body = None;
        self.step = step;
        Action::Send(Box::new(sent))
    }
}
