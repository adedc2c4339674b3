//! One call, from its first request to its end, as a machine that is told what happened and says
//! what to do next.
//!
//! # In scope
//!
//! Every decision about money, time and statuses: what to send, whether to send it again, how long
//! to wait, what a reply means, when to give up, and what the caller is told.
//!
//! # Out of scope
//!
//! Requests, clocks, timers, randomness, promises: the driver does what [`Action`] says and hands
//! back an [`Event`].
//!
//! ```text
//!          ┌────────── 429, 401 with a new key, a stream that was not sent ──────────┐
//!          ▼                                                                         │
//! Begin ─► gate ─► key ─► place ─► onSubmitting ─► POST ─accepted─► onSubmitted ─┐   │
//!          ▲                                        ├────────────────────────────┼───┘
//!          │ never arrived                          └─unknown─► look-up ─found───┤
//!          └──────────────────────────────────────────────────────┴─► error      │
//!                                                                                ▼
//!              gate ─► key ─► place ─► GET ─► onStatus ─► sleep, and again: gate …
//!                                                └─final─► result or error
//! ```

mod event;
mod lookup;
mod poll;
mod send;
mod submit;
mod upload;
mod wait;

pub use event::{Action, Event, Goal};
pub use lookup::Lookup;

use crate::model::api_key::{ApiKey, Redactor};
use crate::model::error::{Error, Failure, UnknownReason};
use crate::model::generation::{Generation, Status};
use crate::model::options::{PollInterval, Recovery};
use crate::model::request::AudioRequest;
use crate::model::rng::Rng;
use crate::model::time::{Now, Stopwatch, Timer};
use crate::parse::reply::{Body, Reply};
use crate::parse::untrusted::Untrusted;
use crate::policy::gate::Method;
use crate::policy::origin_state::OriginState;

use upload::Upload;
use wait::SUSPEND_THRESHOLD;

#[derive(Debug)]
enum State {
    Created,
    AwaitingGate(Timer, Method),
    AwaitingPollTime(Timer),
    AwaitingKey {
        request: Method,
        again: bool,
    },
    AwaitingPermit(Method),
    AwaitingOnSubmitting,
    /// How long the reply is waited for, where the submit can be looked up.
    AwaitingSubmitReply(Timer),
    AwaitingPollReply(Stopwatch),
    AwaitingOnSubmitted,
    AwaitingOnStatus(PollOutcome),
    Settled,
}

/// What a step is made with: the moment, what all calls share, and the dice.
struct Context<'a, D> {
    now: Now,
    origin_state: &'a mut OriginState,
    rng: &'a mut D,
}

/// What a poll led to.
#[derive(Debug)]
enum PollOutcome {
    /// Ask again after so many milliseconds.
    Pending(u64),
    /// Nothing more will come.
    Final,
    /// The call fails.
    Failed(Failure, String),
    /// 401, in these words.
    Unauthorized(String),
}

/// How much the deadline still allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DeadlinePhase {
    /// All waits are kept.
    Normal,
    /// The try that the deadline brought forward has begun: through a closed gate if need be.
    FinalAttempt,
    /// The deadline was slept across, and the one last GET is being made.
    GracePoll,
}

/// The key, and how it is come by.
#[derive(Debug, Default)]
struct Credentials {
    /// Every key of the call, the one to send last.
    keys: Vec<ApiKey>,
    /// It is asked for before every request.
    from_function: bool,
    /// The words of a 401 after which the key function was asked once more.
    unauthorized_message: Option<String>,
    /// The key that it then gave has not been sent yet.
    fresh_after_401: bool,
}

/// How long what is about to arrive is waited for all the same, in milliseconds: the rest of a reply
/// that says everything already, or the reply to a submit where the page stalled across the deadline.
const REPLY_GRACE: u64 = 1_000;

/// A submit that can be looked up is given up after so long without an answer, in milliseconds.
const SUBMIT_REPLY_TIMEOUT: u64 = 60_000;

/// One call of the package's JavaScript API.
#[derive(Debug)]
pub struct Call {
    goal: Goal,
    timeout: u64,
    poll_interval: PollInterval,
    credentials: Credentials,
    request: Option<AudioRequest>,
    generation: Option<Box<Generation>>,
    state: State,
    deadline: Timer,
    deadline_phase: DeadlinePhase,
    /// How the request under way went through a closed gate, if it did.
    gate_bypass: Option<u32>,
    /// The page stalled across the deadline, and the submit had a moment more for its reply.
    reply_grace_used: bool,
    /// A whole document has arrived of the reply under way: the rest of it may take so long.
    rest_of_body: Option<Timer>,
    /// Whether the caller is told before each submit.
    has_on_submitting: bool,
    /// How an unknown outcome of the submit is looked up, where that was asked for.
    lookup: Option<Box<Lookup>>,
    upload: Upload,
    /// The words of the last 429 to the POST.
    rate_limit_message: Option<String>,
    /// What the service said with the last transient error.
    poll_error_message: String,
    http_status: Option<u16>,
    request_id: Option<String>,
}

impl Call {
    /// A call that submits: `Goal::Generate` or `Goal::Submit`.
    pub fn submitting(goal: Goal, request: AudioRequest, timeout: u64, poll_interval: PollInterval) -> Self {
        let mut call = Self::new(goal, timeout, poll_interval);
        call.submit(request, None);
        call
    }

    /// A call about a generation that exists: `Goal::Check` or `Goal::Wait`.
    pub fn polling(
        goal: Goal,
        generation: impl Into<Box<Generation>>,
        timeout: u64,
        poll_interval: PollInterval,
    ) -> Self {
        let mut call = Self::new(goal, timeout, poll_interval);
        call.ask(generation.into());
        call
    }

    /// A call that is about nothing yet.
    pub fn new(goal: Goal, timeout: u64, poll_interval: PollInterval) -> Self {
        Self {
            goal,
            timeout,
            poll_interval,
            credentials: Credentials::default(),
            request: None,
            generation: None,
            state: State::Created,
            deadline: Timer::start(Now::default(), timeout),
            deadline_phase: DeadlinePhase::Normal,
            gate_bypass: None,
            reply_grace_used: false,
            rest_of_body: None,
            has_on_submitting: false,
            lookup: None,
            upload: Upload::Buffered,
            rate_limit_message: None,
            poll_error_message: String::new(),
            http_status: None,
            request_id: None,
        }
    }

    /// With a key by which the outcome of the submit is found out; `given` tells that it is the caller's.
    #[must_use]
    pub fn recoverable(mut self, recovery: Recovery, key: String, key_from_caller: bool) -> Self {
        self.lookup = Some(Box::new(Lookup::new(recovery, key, key_from_caller)));
        self
    }

    /// A call that finds out what became of the submit with that key, first sent at `submitted_at` as far
    /// as that is known: `Goal::Recover`.
    pub fn recovering(recovery: Recovery, key: String, submitted_at: Option<u64>, timeout: u64, now: Now) -> Self {
        let mut call = Self::new(Goal::Recover, timeout, PollInterval::Adaptive);
        call.recover(Lookup::for_past_submit(recovery, key, submitted_at, now));
        call
    }

    /// It submits this; an outcome that nobody heard is looked up, where it is told how.
    pub fn submit(&mut self, request: AudioRequest, lookup: Option<Lookup>) {
        self.request = Some(request);
        self.lookup = lookup.map(Box::new);
    }

    /// It asks for this generation.
    pub fn ask(&mut self, generation: Box<Generation>) {
        self.generation = Some(generation);
    }

    /// It finds out what became of a submit of the past.
    pub fn recover(&mut self, lookup: Lookup) {
        self.lookup = Some(Box::new(lookup));
    }

    /// With this key, always.
    #[must_use]
    pub fn with_key(mut self, key: ApiKey) -> Self {
        self.credentials.keys = vec![key];
        self
    }

    /// With a caller who is told before each submit leaves.
    #[must_use]
    pub fn with_on_submitting(mut self) -> Self {
        self.has_on_submitting = true;
        self
    }

    /// Whether it is among the calls that `maxConcurrent` counts: it waits, and has something to ask.
    pub fn is_counted(&self) -> bool {
        matches!(self.goal, Goal::Generate | Goal::Wait) && !self.is_final()
    }

    /// With a key that is asked for before every request.
    #[must_use]
    pub fn with_key_function(mut self) -> Self {
        self.credentials.from_function = true;
        self
    }

    /// The generation as it is known so far; in the end it goes out with [`Action::Settle`].
    pub fn generation(&self) -> Option<&Generation> {
        self.generation.as_deref()
    }

    /// What is being asked for, for a call that submits.
    pub fn request(&self) -> Option<&AudioRequest> {
        self.request.as_ref()
    }

    fn redactor(&self) -> Redactor<'_> {
        Redactor { keys: &self.credentials.keys }
    }

    /// The key to send.
    pub fn key(&self) -> Option<&ApiKey> {
        self.credentials.keys.last()
    }

    /// A whole JSON document has arrived of the reply under way, and its stream has not ended.
    ///
    /// Nothing that could follow would change what it says; a stream that ends in good time keeps
    /// its connection for the next request. Tells whether that is news, which shortens the limit.
    pub fn on_whole_document(&mut self, now: Now) -> bool {
        self.rest_of_body.replace(self.rest_of_body.unwrap_or(Timer::start(now, REPLY_GRACE))).is_none()
    }

    /// Milliseconds after which what is under way is to be given up; `u64::MAX` for never.
    ///
    /// Where the page stalled across the deadline of a submit, or the time for its answer, its reply may be
    /// there and not yet read: it is given a moment more.
    pub fn poll_timeout(&mut self, now: Now) -> u64 {
        if matches!(self.state, State::AwaitingSubmitReply(_))
            && self.was_suspended_past_deadline(now)
            && !self.reply_grace_used
        {
            self.reply_grace_used = true;
            self.deadline = Timer::start(now, REPLY_GRACE);
        }
        if let State::AwaitingSubmitReply(limit) = &mut self.state
            && self.lookup.is_some()
            && limit.overdue(now) > SUSPEND_THRESHOLD
        {
            *limit = Timer::start(now, REPLY_GRACE);
        }
        let left = self.deadline.left(now);
        let rest = self.rest_of_body.map_or(u64::MAX, |rest| rest.left(now));
        match &self.state {
            State::AwaitingSubmitReply(limit) if self.lookup.is_some() => left.min(rest).min(limit.left(now)),
            State::AwaitingSubmitReply(_) => left.min(rest),
            State::AwaitingPollReply(since) => {
                left.min(rest).min(poll::POLL_REPLY_TIMEOUT.saturating_sub(since.elapsed(now)))
            }
            State::AwaitingGate(timer, _) | State::AwaitingPollTime(timer) => timer.left(now),
            _ => left,
        }
    }

    /// Takes in what happened and says what to do next.
    ///
    /// What cannot have happened ends the call as the caller's signal would: nothing more is sent.
    pub fn step<V: Untrusted>(
        &mut self,
        event: Event<V>,
        now: Now,
        origin_state: &mut OriginState,
        rng: &mut impl Rng,
    ) -> Action {
        let context = &mut Context { now, origin_state, rng };
        match (event, &self.state) {
            (Event::Start { offline }, State::Created) => self.start(offline, context),
            (Event::Timeout, &State::AwaitingGate(timer, request)) => self.on_wait_over(timer, request, context),
            (Event::Timeout, &State::AwaitingPollTime(timer)) => self.on_wait_over(timer, Method::Poll, context),
            (Event::Reply(reply), State::AwaitingSubmitReply(_)) => self.on_submit_reply(&reply, context),
            (Event::ReplyTruncated(reply), State::AwaitingSubmitReply(_)) if reply.settles_submit_outcome() => {
                self.on_submit_reply(&reply, context)
            }
            (Event::Timeout | Event::ReplyTruncated(_), State::AwaitingSubmitReply(_)) => {
                self.on_outcome_unknown(UnknownReason::TimedOut, None, context)
            }
            (
                Event::Reply(reply) | Event::ReplyTruncated(reply @ Reply { body: Body::Json(_), .. }),
                State::AwaitingPollReply(_),
            ) => self.on_poll_reply(&reply, context),
            (Event::Timeout | Event::ReplyTruncated(_), &State::AwaitingPollReply(since)) => {
                self.on_poll_timeout(since, context)
            }
            (Event::Timeout, State::AwaitingOnSubmitted) => self.fail(Failure::Deadline),
            (Event::Timeout, State::AwaitingKey { .. } | State::AwaitingPermit(_) | State::AwaitingOnSubmitting) => {
                self.on_deadline(self.was_suspended_past_deadline(context.now), context)
            }
            (Event::PageWoke { many, .. }, &State::AwaitingGate(timer, request)) => {
                self.on_page_woke_at_gate(timer, request, many, context)
            }
            (Event::PageWoke { online, many }, &State::AwaitingPollTime(timer)) => {
                self.on_page_woke(timer, online, many, context)
            }
            (Event::KeyReceived(key), &State::AwaitingKey { request, again }) => self.on_key(key, request, again),
            (Event::KeyFailed(why), State::AwaitingKey { .. }) => {
                self.fail_with(Failure::CredentialsFailed, why.into())
            }
            (Event::PermitAcquired { offline }, &State::AwaitingPermit(request)) => {
                self.on_permit(request, offline, context)
            }
            (Event::BodyNeverRead, State::AwaitingSubmitReply(_)) => self.on_body_never_read(context),
            (Event::NetworkError, State::AwaitingSubmitReply(_)) => {
                self.on_outcome_unknown(UnknownReason::Network, None, context)
            }
            (Event::NetworkError, State::AwaitingPollReply(_)) => self.on_network_error(context),
            (Event::CallbackResolved, State::AwaitingOnSubmitted) => self.poll_or_settle(context),
            // Time has passed: the deadline or a gate may be in the way by now.
            (Event::CallbackResolved, State::AwaitingOnSubmitting) => self.on_permit(Method::Submit, false, context),
            (Event::CallbackRejected, State::AwaitingOnSubmitted) => self.fail(Failure::OnSubmittedFailed),
            (Event::CallbackRejected, State::AwaitingOnSubmitting) => self.fail(Failure::OnSubmittingFailed),
            (Event::OnStatusReturned, State::AwaitingOnStatus(_)) => self.on_status_returned(context),
            (Event::TimerFailed, _) => self.fail_with(Failure::Unsupported, "setTimeout".into()),
            (Event::Aborted(Some(reply)), State::AwaitingSubmitReply(_)) if reply.settles_submit_outcome() => {
                self.on_abort_with_reply(&reply, context)
            }
            (_, state) => {
                let submit_in_flight = matches!(state, State::AwaitingSubmitReply(_));
                self.fail(Failure::Aborted { submit_in_flight })
            }
        }
    }

    fn start(&mut self, offline: bool, context: &mut Context<'_, impl Rng>) -> Action {
        self.deadline = Timer::start(context.now, self.timeout);
        match self.goal {
            Goal::Generate | Goal::Submit if offline => self.fail(Failure::Offline),
            Goal::Generate | Goal::Submit => self.prepare_request(Method::Submit, context),
            Goal::Check if self.is_final() => self.settle(),
            Goal::Check | Goal::Recover => self.prepare_request(Method::Poll, context),
            Goal::Wait => self.poll_or_settle(context),
        }
    }

    fn is_final(&self) -> bool {
        self.generation.as_ref().is_some_and(|generation| generation.status.is_final())
    }

    /// Ends the call with the generation as it stands.
    fn settle(&mut self) -> Action {
        if let Some(Generation { status: Status::Error, error, .. }) = self.generation.as_deref() {
            let message = error.clone().unwrap_or_default();
            return self.fail_with(Failure::GenerationFailed, message);
        }
        let Some(generation) = self.generation.take() else {
            return self.fail(Failure::Deadline);
        };
        self.state = State::Settled;
        Action::Settle(Ok(generation))
    }

    /// Ends the call with an error that carries all that is known.
    fn fail(&mut self, failure: Failure) -> Action {
        self.fail_with(failure, String::new())
    }

    /// The same with the words that go with it.
    ///
    /// Whatever ends a call while the outcome of its submit is unknown, that is what the caller is told.
    fn fail_with(&mut self, failure: Failure, message: String) -> Action {
        let replied = failure.is_from_reply();
        let lookup = self.lookup.take();
        let key_given = lookup.as_ref().is_some_and(|lookup| lookup.key_from_caller);
        let lookup = lookup.filter(|_| self.generation.is_none());
        let failure = lookup.as_ref().map_or(failure, |lookup| lookup.adjust(failure));
        let mut error = Error::with(failure, message);
        if let Some(lookup) = lookup {
            lookup.annotate(&mut error);
        }
        let posted = matches!(self.goal, Goal::Generate | Goal::Submit) && self.generation.is_some();
        error.retryable = match error.failure {
            Failure::GenerationFailed => self.goal == Goal::Generate && !key_given,
            _ => error.retryable && !posted,
        };
        error.generation = self.generation.take();
        if replied {
            error.http_status = self.http_status;
            error.request_id = self.request_id.take();
        }
        self.state = State::Settled;
        Action::Settle(Err(error))
    }
}
