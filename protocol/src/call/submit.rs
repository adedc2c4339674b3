//! What the reply to a POST means. Only a refusal is ever sent again.

use super::{Action, Call, Context, DeadlinePhase, Goal, State};
use crate::model::error::{Failure, UnknownReason};
use crate::model::generation::Generation;
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
                Body::Json(body) if self.lookup.is_none() => {
                    let message = error_text(body, self.redactor()).unwrap_or_default();
                    self.fail_with(Failure::NoId, message)
                }
                _ => self.on_outcome_unknown(UnknownReason::Unreadable, None, context),
            },
            // It may be the stream that is refused.
            400 | 411 | 413 | 415 | 501 if self.fall_back_to_buffered() => {
                self.prepare_request(Method::Submit, context)
            }
            401 => self.on_unauthorized(Method::Submit, error_body.message),
            429 => {
                self.rate_limit_message = Some(error_body.message);
                if self.deadline.left(context.now) <= self.reply_margin(Method::Submit) {
                    self.deadline_phase = DeadlinePhase::FinalAttempt;
                }
                self.prepare_request(Method::Submit, context)
            }
            // Servers that time out go on working; and what follows this redirect was done already.
            303 | 408 => self.on_outcome_unknown(UnknownReason::ServerError, reply.wait(context.now), context),
            // The server half's word for a submit with the same key that has not been answered yet.
            409 if self.lookup.is_some() => {
                self.on_outcome_unknown(UnknownReason::ServerError, reply.wait(context.now), context)
            }
            _ if reply.redirect => self.fail(Failure::Redirected),
            400..=499 => self.fail_with(error_body.refusal(reply.status), error_body.message),
            _ => self.on_outcome_unknown(UnknownReason::ServerError, reply.wait(context.now), context),
        }
    }

    /// There is a generation: the caller is told.
    pub(super) fn on_accepted(&mut self) -> Action {
        if self.goal == Goal::Generate {
            self.state = State::AwaitingOnSubmitted;
            return Action::CallOnSubmitted;
        }
        self.settle()
    }

    /// Keeps the generation that a good reply names, in its body or else in its head.
    fn accept_reply<V: Untrusted>(&mut self, reply: &Reply<V>, context: &mut Context<'_, impl Rng>) -> bool {
        let mut status_body = match &reply.body {
            Body::Json(body) => StatusBody::read(body, self.redactor()),
            Body::NotJson | Body::Incomplete => StatusBody::default(),
        };
        status_body.id = status_body.id.or_else(|| reply.id());
        self.adopt_generation(status_body, context.now.wall, context)
    }

    /// Keeps the generation that was submitted at that time of day, if its id is known.
    pub(super) fn adopt_generation(
        &mut self,
        mut status_body: StatusBody,
        sent: u64,
        context: &mut Context<'_, impl Rng>,
    ) -> bool {
        let Some(id) = status_body.id.take() else { return false };
        let mut generation = Box::new(Generation::new(id, context.now));
        generation.submitted_at = sent.min(context.now.wall);
        generation.request.clone_from(&self.request);
        let wait = poll_schedule::plan(
            self.poll_interval,
            &mut generation,
            context.now,
            &context.origin_state.duration_model,
            context.rng,
        );
        generation.next_check_at = Some(match (self.poll_interval, &self.request) {
            (PollInterval::Adaptive, Some(_)) => context.now.wall.saturating_add(wait),
            // Of one that nothing is known of, all may be over.
            _ => context.now.wall,
        });
        if status_body.status == RemoteStatus::Missing {
            status_body.status = RemoteStatus::Queued;
        }
        generation.apply(status_body);
        self.generation = Some(generation);
        self.credentials.unauthorized_message = None;
        // There is one overtime, also where its look-up finds the generation.
        if self.deadline_phase == DeadlinePhase::FinalAttempt {
            self.deadline_phase = DeadlinePhase::Normal;
        }
        true
    }

    /// The caller aborts in the very moment of a reply that tells what became of the submit.
    pub(super) fn on_abort_with_reply<V: Untrusted>(
        &mut self,
        reply: &Reply<V>,
        context: &mut Context<'_, impl Rng>,
    ) -> Action {
        self.record_reply(reply, Method::Submit, context);
        let submit_in_flight = match reply.status {
            200..=299 => !self.accept_reply(reply, context),
            // The server half has the key, and says no more.
            409 => self.lookup.is_some(),
            _ => false,
        };
        self.fail(Failure::Aborted { submit_in_flight })
    }

    /// Tells the gate of this reply, keeps what an error would tell of it, and reads its complaint.
    pub(super) fn record_reply<V: Untrusted>(
        &mut self,
        reply: &Reply<V>,
        method: Method,
        context: &mut Context<'_, impl Rng>,
    ) -> ErrorBody {
        if method == Method::Poll && self.generation.is_none() {
            // A look-up's replies say nothing of the limits of others.
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
