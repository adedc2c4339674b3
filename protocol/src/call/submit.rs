//! What the reply to a submit means. Only a refused submit is ever repeated.

use super::{Action, Call, Context, Phase, Step};
use crate::model::error::{Failure, UnknownReason};
use crate::model::generation::Generation;
use crate::model::goal::Goal;
use crate::model::options::PollInterval;
use crate::model::rng::Rng;
use crate::model::time::Now;
use crate::parse::error_body::{ErrorBody, error_text};
use crate::parse::reply::{Body, Reply};
use crate::parse::status_body::{RemoteStatus, StatusBody};
use crate::parse::untrusted::Untrusted;
use crate::policy::gate::Method;
use crate::policy::poll_schedule;

impl Call {
    pub(super) fn on_submit_reply<V: Untrusted>(
        &mut self,
        reply: &Reply<V>,
        context: &mut Context<'_, impl Rng>,
    ) -> Action {
        let error_body = self.record_reply(reply, Method::Submit, context);
        match reply.status {
            200..=299 if self.accept_reply(reply, context) => self.on_accepted(),
            200..=299 => match &reply.body {
                Body::Json(body) if self.phase.lookup().is_none() => {
                    let message = error_text(body, self.redactor()).unwrap_or_default();
                    self.fail_with(Failure::NoId, message)
                }
                _ => self.on_outcome_unknown(UnknownReason::Unreadable, None, context),
            },
            // Perhaps the stream was refused.
            400 | 411 | 413 | 415 | 501 if self.fall_back_to_buffered() => {
                self.prepare_request(Method::Submit, context)
            }
            401 => self.on_unauthorized(Method::Submit, error_body.message),
            429 => {
                self.rate_limit_message = Some(error_body.message);
                if self.deadline.left_before_margin(Method::Submit, context.now) == 0 {
                    self.deadline.begin_final_attempt();
                }
                self.prepare_request(Method::Submit, context)
            }
            // Servers that time out continue working; and a 303 follows after the request was processed.
            303 | 408 => self.on_outcome_unknown(UnknownReason::ServerError, reply.wait(context.now), context),
            // The package's own server: a submit with the same key is still in flight.
            409 if self.phase.lookup().is_some() => {
                self.on_outcome_unknown(UnknownReason::ServerError, reply.wait(context.now), context)
            }
            _ if reply.redirect => self.fail(Failure::Redirected),
            400..=499 => self.fail_with(error_body.refusal(reply.status), error_body.message),
            _ => self.on_outcome_unknown(UnknownReason::ServerError, reply.wait(context.now), context),
        }
    }

    /// The generation is known: the caller is told.
    pub(super) fn on_accepted(&mut self) -> Action {
        if self.goal == Goal::Generate {
            self.step = Step::AwaitingOnSubmitted;
            return Action::CallOnSubmitted;
        }
        self.settle()
    }

    /// Adopts the generation named in the body of a good reply, or else in its head. Returns whether there is one.
    pub(super) fn accept_reply<V: Untrusted>(&mut self, reply: &Reply<V>, context: &mut Context<'_, impl Rng>) -> bool {
        let mut status_body = match &reply.body {
            Body::Json(body) => StatusBody::read(body, self.redactor()),
            Body::NotJson | Body::Incomplete => StatusBody::default(),
        };
        status_body.id = status_body.id.or_else(|| reply.id());
        self.adopt_generation(status_body, context.now.wall, context)
    }

    /// Adopts the generation that was submitted at that time (epoch ms). Returns whether its id is known.
    pub(super) fn adopt_generation(
        &mut self,
        mut status_body: StatusBody,
        sent: u64,
        context: &mut Context<'_, impl Rng>,
    ) -> bool {
        let Some(id) = status_body.id.take() else { return false };
        let mut generation = Box::new(Generation::new(id, context.now));
        generation.submitted_at = sent.min(context.now.wall);
        if let Phase::Submit(submission) = &self.phase {
            generation.request = Some(submission.request.clone());
            self.key_from_caller = submission.lookup.as_ref().is_some_and(|lookup| lookup.key_from_caller);
        }
        let wait = poll_schedule::plan(
            self.poll_interval,
            &mut generation,
            context.now,
            &context.origin_state.duration_model,
            context.rng,
        );
        generation.next_check_at = Some(match (self.poll_interval, &generation.request) {
            (PollInterval::Adaptive, Some(_)) => context.now.wall.saturating_add(wait),
            // Without a request nothing is known of its progress: it may be complete.
            _ => context.now.wall,
        });
        if status_body.status == RemoteStatus::Missing {
            status_body.status = RemoteStatus::Queued;
        }
        generation.apply(status_body);
        self.phase = Phase::Poll(generation);
        self.credentials.allow_renewal();
        self.deadline.on_accepted();
        true
    }

    /// Updates the gates, keeps what an error would report of this reply, and reads the body of an HTTP error.
    pub(super) fn record_reply<V: Untrusted>(
        &mut self,
        reply: &Reply<V>,
        method: Method,
        context: &mut Context<'_, impl Rng>,
    ) -> ErrorBody {
        if method == Method::Poll && self.phase.lookup().is_some() {
            // Replies to look-ups do not affect the limits of other requests.
        } else if reply.status == 429 {
            context.origin_state.gates.close(method, context.now, reply.wait(context.now), context.rng);
        } else {
            context.origin_state.gates.on_reply(method, context.now, self.gate_bypass);
        }
        self.http_status = Some(reply.status).filter(|status| *status > 0);
        let mut error_body = match &reply.body {
            Body::Json(body) if !(200..300).contains(&reply.status) => ErrorBody::read(body, self.redactor()),
            _ => ErrorBody::default(),
        };
        let named = error_body.request_id.take();
        self.request_id = named.or_else(|| self.redactor().label(reply.inference_id.as_ref()?));
        error_body
    }
}

impl<V> Reply<V> {
    pub(super) fn wait(&self, now: Now) -> Option<u64> {
        self.retry_after.as_ref().and_then(|retry| retry.wait(now.wall))
    }
}

impl ErrorBody {
    /// What a 4xx other than 401, 404 on a poll, and 429 means.
    pub(super) fn refusal(&self, status: u16) -> Failure {
        match status {
            403 if self.out_of_credits => Failure::OutOfCredits,
            403 => Failure::Forbidden,
            _ => Failure::Rejected,
        }
    }
}
