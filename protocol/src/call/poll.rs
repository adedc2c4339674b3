//! What the reply to a poll or a look-up means.

use super::deadline::SUSPEND_THRESHOLD;
use super::{Action, Call, Context, Step};
use crate::model::error::Failure;
use crate::model::generation::{Generation, PollError, PollErrorCode};
use crate::model::goal::Goal;
use crate::model::rng::Rng;
use crate::model::time::{Now, Stopwatch};
use crate::parse::reply::{Body, Reply};
use crate::parse::status_body::{RemoteStatus, StatusBody};
use crate::parse::untrusted::Untrusted;
use crate::policy::backoff::backoff;
use crate::policy::gate::Method;
use crate::policy::poll_schedule;

/// A poll without a reply is given up after so long, in milliseconds.
pub(super) const POLL_REPLY_TIMEOUT: u64 = 30_000;
/// So many consecutive 404s end the call.
const MAX_NOT_FOUND: u32 = 4;
/// So many consecutive undocumented statuses end the call.
const MAX_UNKNOWN_STATUS: u32 = 5;
/// So many consecutive completions without a URL end the call.
const MAX_MISSING_URL: u32 = 3;
/// The longest back-off of a poll, in milliseconds.
const MAX_BACKOFF: u64 = 30_000;

/// What a poll led to.
#[derive(Debug)]
pub(super) enum PollOutcome {
    /// Poll again after so many milliseconds.
    Pending(u64),
    /// The generation is final.
    Final,
    /// The call fails.
    Failed(Failure, String),
    /// 401, with this message.
    Unauthorized(String),
}

impl Call {
    pub(super) fn on_poll_reply<V: Untrusted>(
        &mut self,
        reply: &Reply<V>,
        context: &mut Context<'_, impl Rng>,
    ) -> Action {
        if self.generation().is_some() {
            context.origin_state.on_poll_reply(reply.cacheable);
        }
        let mut error_body = self.record_reply(reply, Method::Poll, context);
        self.poll_error_message = core::mem::take(&mut error_body.message);
        if reply.status != 401 {
            self.credentials.allow_renewal();
        }
        let http = |code| PollError { code, http_status: Some(reply.status).filter(|status| *status > 0) };
        match (reply.status, &reply.body) {
            (200..=299, Body::Json(body)) if self.generation().is_none() => self.on_lookup_reply(body, context),
            (200..=299, Body::Json(body)) => {
                let mut status_body = StatusBody::read(body, self.redactor());
                if status_body.status == RemoteStatus::Missing {
                    self.poll_error_message = status_body.error.take().unwrap_or_default();
                    return self.on_transient_error(http(PollErrorCode::Body), None, context);
                }
                self.on_status_body(status_body, context)
            }
            (200..=299, _) => self.on_transient_error(http(PollErrorCode::Body), None, context),
            (401, _) => {
                let message = core::mem::take(&mut self.poll_error_message);
                self.finish_poll(PollOutcome::Unauthorized(message))
            }
            (404, _) if self.generation().is_some() => self.on_not_found(context),
            (429, _) => self.on_transient_error(http(PollErrorCode::RateLimited), reply.wait(context.now), context),
            _ if reply.redirect => self.finish_poll(PollOutcome::Failed(Failure::Redirected, String::new())),
            (408 | 425, _) => self.on_transient_error(http(PollErrorCode::Http), reply.wait(context.now), context),
            (status @ 400..=499, body) if matches!(body, Body::Json(_)) || self.ends_log_search(status) => {
                let message = core::mem::take(&mut self.poll_error_message);
                self.finish_poll(PollOutcome::Failed(error_body.refusal(status), message))
            }
            _ => self.on_transient_error(http(PollErrorCode::Http), reply.wait(context.now), context),
        }
    }

    /// The request in flight failed without a reply.
    pub(super) fn on_network_error(&mut self, context: &mut Context<'_, impl Rng>) -> Action {
        context.origin_state.on_poll_network_error();
        self.http_status = None;
        self.poll_error_message.clear();
        self.on_transient_error(PollError { code: PollErrorCode::Network, http_status: None }, None, context)
    }

    /// The time for the reply has passed, or the deadline.
    pub(super) fn on_poll_timeout(&mut self, since: Stopwatch, context: &mut Context<'_, impl Rng>) -> Action {
        self.http_status = None;
        self.poll_error_message.clear();
        if self.generation().is_none() {
            return self.schedule_lookup(None, context);
        }
        // The default timeout of a check equals that of a poll: if nearly all of it has passed, that is a transient
        // error.
        let timed_out = self.goal == Goal::Check
            && since.elapsed(context.now).saturating_add(SUSPEND_THRESHOLD) >= POLL_REPLY_TIMEOUT;
        if self.deadline.left(context.now) == 0 && !timed_out {
            return self.on_deadline(self.deadline.was_suspended(context.now), context);
        }
        self.on_transient_error(PollError { code: PollErrorCode::Timeout, http_status: None }, None, context)
    }

    fn on_transient_error(
        &mut self,
        error: PollError,
        retry_after: Option<u64>,
        context: &mut Context<'_, impl Rng>,
    ) -> Action {
        let Some(generation) = self.phase.generation_mut() else { return self.schedule_lookup(retry_after, context) };
        let polling = &mut generation.polling;
        polling.errors = polling.errors.saturating_add(1);
        polling.last_error = Some(error);
        let mut wait = backoff(polling.errors, MAX_BACKOFF, context.rng).max(retry_after.unwrap_or(0));
        if error.code == PollErrorCode::RateLimited {
            wait = wait.saturating_add(context.origin_state.gates.spread_refused_poll(context.rng));
        }
        self.schedule_poll(wait, context.now)
    }

    fn on_not_found(&mut self, context: &mut Context<'_, impl Rng>) -> Action {
        let mut not_found = 0;
        if let Some(generation) = self.phase.generation_mut() {
            generation.polling.not_found = generation.polling.not_found.saturating_add(1);
            generation.polling.last_error = Some(PollError { code: PollErrorCode::Http, http_status: Some(404) });
            not_found = generation.polling.not_found;
        }
        if not_found >= MAX_NOT_FOUND {
            return self.finish_poll(PollOutcome::Failed(Failure::NotFound, String::new()));
        }
        let wait = backoff(not_found, MAX_BACKOFF, context.rng);
        self.schedule_poll(wait, context.now)
    }

    fn on_status_body(&mut self, status_body: StatusBody, context: &mut Context<'_, impl Rng>) -> Action {
        let Some(generation) = self.phase.generation_mut() else { return self.settle() };
        if status_body.status == RemoteStatus::Completed && status_body.audio.is_some() {
            poll_schedule::learn(self.poll_interval, generation, context.now, &mut context.origin_state.duration_model);
        }
        let remote_status = status_body.status.clone();
        generation.apply(status_body);
        let Generation { polling, status, .. } = *generation;
        match remote_status {
            RemoteStatus::Unknown(remote_status) if polling.unknown_status >= MAX_UNKNOWN_STATUS => {
                self.finish_poll(PollOutcome::Failed(Failure::UnknownStatus, remote_status))
            }
            RemoteStatus::Completed if polling.missing_url >= MAX_MISSING_URL => {
                self.finish_poll(PollOutcome::Failed(Failure::NoUrl, String::new()))
            }
            _ if status.is_final() => self.finish_poll(PollOutcome::Final),
            _ if polling.missing_url > 0 => {
                let wait = backoff(polling.missing_url, MAX_BACKOFF, context.rng);
                self.schedule_poll(wait, context.now)
            }
            _ => {
                let wait = poll_schedule::plan(
                    self.poll_interval,
                    generation,
                    context.now,
                    &context.origin_state.duration_model,
                    context.rng,
                );
                self.schedule_poll(wait, context.now)
            }
        }
    }

    fn schedule_poll(&mut self, wait: u64, now: Now) -> Action {
        if let Some(generation) = self.phase.generation_mut() {
            generation.next_check_at = Some(now.wall.saturating_add(wait));
        }
        self.finish_poll(PollOutcome::Pending(wait))
    }

    /// A waiting call calls `onStatus` first, once there is a generation; a check settles at once.
    fn finish_poll(&mut self, outcome: PollOutcome) -> Action {
        if self.goal != Goal::Check && self.generation().is_some() {
            self.step = Step::AwaitingOnStatus(outcome);
            return Action::CallOnStatus;
        }
        match outcome {
            PollOutcome::Failed(failure, message) => self.fail_with(failure, message),
            PollOutcome::Unauthorized(message) => self.on_unauthorized(Method::Poll, message),
            PollOutcome::Pending(_) | PollOutcome::Final => self.settle(),
        }
    }

    pub(super) fn on_status_returned(&mut self, context: &mut Context<'_, impl Rng>) -> Action {
        match core::mem::replace(&mut self.step, Step::Created) {
            Step::AwaitingOnStatus(PollOutcome::Pending(wait)) => self.wait_for_poll(wait, context),
            Step::AwaitingOnStatus(PollOutcome::Failed(failure, message)) => self.fail_with(failure, message),
            Step::AwaitingOnStatus(PollOutcome::Unauthorized(message)) => self.on_unauthorized(Method::Poll, message),
            _ => self.settle(),
        }
    }
}
