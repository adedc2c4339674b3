//! One call, from its first request to its end, as a state machine without I/O.
//!
//! # In scope
//!
//! Every decision about money, time and statuses: what to send, whether to send it again, how long
//! to wait, what a reply means, when to give up, and what the caller is told.
//!
//! # Out of scope
//!
//! I/O, clocks, timers, randomness and promises: the driver performs each [`Action`] and reports an
//! [`Event`].
//!
//! A call is in a [`Phase`]: what it is about; and at a [`Step`]: what it waits for.

mod credentials;
mod deadline;
mod download;
mod event;
mod lookup;
mod phase;
mod poll;
mod schedule;
mod send;
mod streaming;
mod subject;
mod submit;

pub use event::{Action, Event, KeyFailure};
pub use lookup::Lookup;
pub use subject::Subject;

use crate::http::endpoint::Endpoint;
use crate::model::api_key::{ApiKey, Redactor};
use crate::model::error::{Error, Failure, UnknownReason};
use crate::model::generation::{Generation, Status};
use crate::model::goal::Goal;
use crate::model::options::PollInterval;
use crate::model::rng::Rng;
use crate::model::time::{Now, Timer};
use crate::parse::reply::{Body, Reply};
use crate::parse::untrusted::Untrusted;
use crate::policy::gate::Method;
use crate::policy::origin_state::OriginState;

use credentials::Credentials;
use deadline::{Deadline, REPLY_GRACE, SUSPEND_THRESHOLD};
use phase::{Phase, Step};
use poll::POLL_REPLY_TIMEOUT;
use streaming::BodyMode;

/// What a step needs from outside: the time, the state of the base origin, and random numbers.
#[derive(Debug)]
pub struct Context<'a, R> {
    /// The current time.
    pub now: Now,
    /// What all calls share for the base origin.
    pub origin_state: &'a mut OriginState,
    /// The source of randomness.
    pub rng: &'a mut R,
}

/// One call of the package's JavaScript API.
#[derive(Debug)]
pub struct Call {
    goal: Goal,
    endpoint: Endpoint,
    poll_interval: PollInterval,
    credentials: Credentials,
    deadline: Deadline,
    phase: Phase,
    step: Step,
    /// The accepted submit had an idempotency key of the caller's, which names that generation for ever.
    key_from_caller: bool,
    /// Whether the caller has an `onSubmitting`.
    has_on_submitting: bool,
    body_mode: BodyMode,
    /// Set if the request in flight bypassed a closed gate.
    gate_bypass: Option<u32>,
    /// A whole document has arrived of the reply in flight: the rest may take so long.
    rest_of_body: Option<Timer>,
    /// The service's message with the last 429 to a submit.
    rate_limit_message: Option<String>,
    /// The service's message with the last transient error.
    poll_error_message: String,
    http_status: Option<u16>,
    request_id: Option<String>,
}

impl Call {
    /// A call that has not started.
    pub fn new(goal: Goal, endpoint: Endpoint, subject: Subject, timeout: u64, poll_interval: PollInterval) -> Self {
        Self {
            goal,
            endpoint,
            poll_interval,
            credentials: Credentials::default(),
            deadline: Deadline::new(timeout),
            phase: subject.0,
            step: Step::Created,
            key_from_caller: false,
            has_on_submitting: false,
            body_mode: BodyMode::Buffered,
            gate_bypass: None,
            rest_of_body: None,
            rate_limit_message: None,
            poll_error_message: String::new(),
            http_status: None,
            request_id: None,
        }
    }

    /// With this key for every request.
    #[must_use]
    pub fn with_key(mut self, key: ApiKey) -> Self {
        self.credentials.use_key(key);
        self
    }

    /// With a key function that is called before every request.
    #[must_use]
    pub fn with_key_function(mut self) -> Self {
        self.credentials.use_function();
        self
    }

    /// With an `onSubmitting` that is awaited before each submit.
    #[must_use]
    pub fn with_on_submitting(mut self) -> Self {
        self.has_on_submitting = true;
        self
    }

    /// Whether `maxConcurrent` counts it: it waits, and has something to poll.
    pub fn is_counted(&self) -> bool {
        matches!(self.goal, Goal::Generate | Goal::Wait) && !self.phase.is_final()
    }

    /// The generation as far as it is known; in the end it is part of [`Action::Settle`].
    pub fn generation(&self) -> Option<&Generation> {
        self.phase.generation()
    }

    fn redactor(&self) -> Redactor<'_> {
        self.credentials.redactor()
    }

    /// A whole JSON document has arrived of the reply in flight, and its stream has not ended.
    ///
    /// Nothing that follows would change its meaning; a stream that ends soon keeps its connection for the
    /// next request. Returns whether that is news, which shortens [`Self::poll_timeout`].
    pub fn on_whole_document(&mut self, now: Now) -> bool {
        self.rest_of_body.replace(self.rest_of_body.unwrap_or(Timer::start(now, REPLY_GRACE))).is_none()
    }

    /// Milliseconds after which the driver is to report [`Event::Timeout`]; `u64::MAX` for never.
    ///
    /// If the page was suspended past the deadline of a submit, or the time for its reply, the reply may have
    /// arrived unread: it is given a moment more.
    pub fn poll_timeout(&mut self, now: Now) -> u64 {
        let recovers = self.phase.lookup().is_some();
        if let Step::AwaitingSubmitReply(limit) = &mut self.step {
            self.deadline.grant_reply_grace(now);
            if recovers && limit.overdue(now) > SUSPEND_THRESHOLD {
                *limit = Timer::start(now, REPLY_GRACE);
            }
        }
        let left = self.deadline.left(now);
        let rest = self.rest_of_body.map_or(u64::MAX, |rest| rest.left(now));
        match &self.step {
            Step::AwaitingSubmitReply(limit) if recovers => left.min(rest).min(limit.left(now)),
            Step::AwaitingSubmitReply(_) => left.min(rest),
            Step::AwaitingPollReply(since) => left.min(rest).min(POLL_REPLY_TIMEOUT.saturating_sub(since.elapsed(now))),
            Step::AwaitingGate(timer, _) | Step::AwaitingPollTime(timer) => timer.left(now),
            _ => left,
        }
    }

    /// Takes in an event and returns the next action.
    pub fn step<V: Untrusted>(&mut self, event: Event<V>, context: &mut Context<'_, impl Rng>) -> Action {
        let now = context.now;
        match (event, &self.step) {
            (Event::Aborted(reply), _) => self.on_aborted(reply, context),
            (Event::TimerFailed, _) => self.fail_with(Failure::Unsupported, "setTimeout".into()),
            (Event::Start { offline }, Step::Created) => self.start(offline, context),
            (Event::Timeout, &Step::AwaitingGate(timer, request)) => self.on_wait_over(timer, request, context),
            (Event::Timeout, &Step::AwaitingPollTime(timer)) => self.on_wait_over(timer, Method::Poll, context),
            (Event::PageWoke { waiting, .. }, &Step::AwaitingGate(timer, request)) => {
                self.on_page_woke_at_gate(timer, request, waiting, context)
            }
            (Event::PageWoke { online, waiting }, &Step::AwaitingPollTime(timer)) => {
                self.on_page_woke(timer, online, waiting, context)
            }
            (Event::KeyReceived(key), &Step::AwaitingKey { request, after_401 }) => {
                self.on_key(key, request, after_401)
            }
            (Event::KeyFailed(how), Step::AwaitingKey { .. }) => {
                self.fail_with(Failure::CredentialsFailed, how.message().into())
            }
            (Event::PermitAcquired { offline }, &Step::AwaitingPermit(request)) => {
                self.on_permit(request, offline, context)
            }
            // Time has passed: the deadline or a gate may be in the way by now.
            (Event::CallbackResolved, Step::AwaitingOnSubmitting) => self.on_permit(Method::Submit, false, context),
            (Event::CallbackRejected, Step::AwaitingOnSubmitting) => self.fail(Failure::OnSubmittingFailed),
            (Event::Timeout, Step::AwaitingKey { .. } | Step::AwaitingPermit(_) | Step::AwaitingOnSubmitting) => {
                self.on_deadline(self.deadline.was_suspended(now), context)
            }
            (Event::Reply(reply), Step::AwaitingSubmitReply(_)) => self.on_submit_reply(&reply, context),
            (Event::ReplyTruncated(reply), Step::AwaitingSubmitReply(_)) if reply.settles_submit_outcome() => {
                self.on_submit_reply(&reply, context)
            }
            (Event::Timeout | Event::ReplyTruncated(_), Step::AwaitingSubmitReply(_)) => {
                self.on_outcome_unknown(UnknownReason::TimedOut, None, context)
            }
            (Event::NetworkError, Step::AwaitingSubmitReply(_)) => {
                self.on_outcome_unknown(UnknownReason::Network, None, context)
            }
            (Event::BodyNeverRead, Step::AwaitingSubmitReply(_)) => self.on_body_never_read(context),
            (
                Event::Reply(reply) | Event::ReplyTruncated(reply @ Reply { body: Body::Json(_), .. }),
                Step::AwaitingPollReply(_),
            ) => self.on_poll_reply(&reply, context),
            (Event::Timeout | Event::ReplyTruncated(_), &Step::AwaitingPollReply(since)) => {
                self.on_poll_timeout(since, context)
            }
            (Event::NetworkError, Step::AwaitingPollReply(_)) => self.on_network_error(context),
            (Event::CallbackResolved, Step::AwaitingOnSubmitted) => self.poll_or_settle(context),
            (Event::CallbackRejected, Step::AwaitingOnSubmitted) => self.fail(Failure::OnSubmittedFailed),
            (Event::Timeout, Step::AwaitingOnSubmitted) => self.fail(Failure::Deadline),
            (Event::OnStatusReturned, Step::AwaitingOnStatus(_)) => self.on_status_returned(context),
            (event, Step::AwaitingFile) => self.on_file_event(&event),
            _ => self.on_invalid_event(),
        }
    }

    fn start(&mut self, offline: bool, context: &mut Context<'_, impl Rng>) -> Action {
        self.deadline.start(context.now);
        match &self.phase {
            Phase::Submit(_) if self.is_offline(offline) => self.fail(Failure::Offline),
            Phase::Submit(_) => self.prepare_request(Method::Submit, context),
            Phase::Recover(_) => self.prepare_request(Method::Poll, context),
            Phase::Poll(_) if self.goal == Goal::Check && !self.phase.is_final() => {
                self.prepare_request(Method::Poll, context)
            }
            Phase::Poll(_) => self.poll_or_settle(context),
            Phase::Download(_) => self.acquire_permit(Method::Poll),
            Phase::Settled => self.on_invalid_event(),
        }
    }

    /// The caller's signal. What had arrived of the reply to a submit may tell what became of it.
    fn on_aborted<V: Untrusted>(&mut self, reply: Option<Reply<V>>, context: &mut Context<'_, impl Rng>) -> Action {
        let mut submit_in_flight = matches!(self.step, Step::AwaitingSubmitReply(_));
        if let Some(reply) = reply.filter(|reply| submit_in_flight && reply.settles_submit_outcome()) {
            self.record_reply(&reply, Method::Submit, context);
            submit_in_flight = match reply.status {
                200..=299 => !self.accept_reply(&reply, context),
                // The package's own server has the key, and does not know more.
                409 => self.phase.lookup().is_some(),
                _ => false,
            };
        }
        self.fail(Failure::Aborted { submit_in_flight })
    }

    /// An event that is impossible at this step, or after the end: the driver is broken, and nothing more is
    /// sent.
    fn on_invalid_event(&mut self) -> Action {
        let submit_in_flight = matches!(self.step, Step::AwaitingSubmitReply(_));
        self.fail(Failure::Aborted { submit_in_flight })
    }

    /// The service on this machine can be reached offline.
    fn is_offline(&self, offline: bool) -> bool {
        offline && !self.endpoint.loopback
    }

    /// Ends the call with the generation as it stands.
    fn settle(&mut self) -> Action {
        match self.end() {
            Phase::Poll(generation) if generation.status != Status::Error => Action::Settle(Ok(generation)),
            Phase::Poll(generation) => {
                let message = generation.error.clone().unwrap_or_default();
                self.phase = Phase::Poll(generation);
                self.fail_with(Failure::GenerationFailed, message)
            }
            _ => self.on_invalid_event(),
        }
    }

    /// Nothing more happens; returns the last phase.
    fn end(&mut self) -> Phase {
        self.step = Step::Created;
        core::mem::replace(&mut self.phase, Phase::Settled)
    }

    /// Ends the call with an error that carries all that is known.
    fn fail(&mut self, failure: Failure) -> Action {
        self.fail_with(failure, String::new())
    }

    /// The same with a detail.
    ///
    /// Whatever ends a call while the outcome of its submit is unknown, that is what the caller is told.
    fn fail_with(&mut self, failure: Failure, detail: String) -> Action {
        let replied = failure.is_from_reply();
        let failure = self.phase.lookup().map_or(failure, |lookup| lookup.adjust(failure));
        let mut error = Error::with(failure, detail);
        error.retryable = self.is_retryable(failure);
        error.idempotency_key = self.phase.lookup().and_then(|lookup| lookup.key_for(failure));
        if let Phase::Poll(generation) = self.end() {
            error.generation = Some(generation);
        }
        if replied {
            error.http_status = self.http_status;
            error.request_id = self.request_id.take();
        }
        Action::Settle(Err(error))
    }

    /// Whether the very call that fails so can be repeated: it cannot bill twice, and may succeed.
    fn is_retryable(&self, failure: Failure) -> bool {
        match (failure, &self.phase) {
            (Failure::GenerationFailed, _) => self.goal == Goal::Generate && !self.key_from_caller,
            (Failure::SubmitUnknown(_), phase) => phase.lookup().is_some_and(Lookup::is_repeatable),
            (_, Phase::Poll(_)) if matches!(self.goal, Goal::Generate | Goal::Submit) => false,
            _ => failure.is_repeatable(),
        }
    }
}
