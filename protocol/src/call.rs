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
//! Requests, clocks, timers, randomness, promises: the driver does what [`Next`] says and hands
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

pub use event::{Event, Goal, Next};
pub use lookup::Lookup;

use crate::error::{Error, Failure, Unknown};
use crate::gate::Method;
use crate::generation::{Generation, Status};
use crate::json::Json;
use crate::options::{Pace, Recovery, SHORT};
use crate::reply::{Body, Reply};
use crate::request::AudioRequest;
use crate::secret::{Redactor, Secret};
use crate::shared::Shared;
use crate::time::{Dice, Now, Stopwatch, Timer};

use upload::Upload;
use wait::SLEPT;

#[derive(Debug)]
enum State {
    New,
    Gated(Timer, Method),
    Sleeping(Timer),
    Keying {
        request: Method,
        again: bool,
    },
    Entering(Method),
    Announcing,
    /// How long the reply is waited for, where the submit can be looked up.
    Posting(Timer),
    Getting(Stopwatch),
    Storing,
    Reporting(Verdict),
    Settled,
}

/// What a step is made with: the moment, what all calls share, and the dice.
struct Turn<'a, D> {
    now: Now,
    shared: &'a mut Shared,
    dice: &'a mut D,
}

/// What a poll led to.
#[derive(Debug)]
enum Verdict {
    /// Ask again after so many milliseconds.
    Pending(u64),
    /// Nothing more will come.
    Final,
    /// The call fails.
    Failed(Failure, String),
    /// 401, in these words.
    Refused(String),
}

/// How much the deadline still allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Patience {
    /// All waits are kept.
    Usual,
    /// The try that the deadline brought forward has begun: through a closed gate if need be.
    LastTry,
    /// The deadline was slept across, and the one last GET is being made.
    Overtime,
}

/// The key, and how it is come by.
#[derive(Debug, Default)]
struct Credentials {
    /// Every key of the call, the one to send last.
    keys: Vec<Secret>,
    /// It is asked for before every request.
    asked: bool,
    /// The words of a 401 after which the key function was asked once more.
    refused: Option<String>,
    /// The key that it then gave has not been sent yet.
    mended: bool,
}

/// How long what is about to arrive is waited for all the same, in milliseconds: the rest of a reply
/// that says everything already, or the reply to a submit where the page stalled across the deadline.
const GRACE: u64 = 1_000;

/// A submit that can be looked up is given up after so long without an answer, in milliseconds.
const SUBMIT_LIMIT: u64 = 60_000;

/// One call of the package's JavaScript API.
#[derive(Debug)]
pub struct Call {
    goal: Goal,
    timeout: u64,
    pace: Pace,
    credentials: Credentials,
    request: Option<AudioRequest>,
    generation: Option<Box<Generation>>,
    state: State,
    deadline: Timer,
    patience: Patience,
    /// How the request under way went through a closed gate, if it did.
    forced: Option<u32>,
    /// The page stalled across the deadline, and the submit had a moment more for its reply.
    stalled: bool,
    /// A whole document has arrived of the reply under way: the rest of it may take so long.
    document: Option<Timer>,
    /// Whether the caller is told before each submit.
    announces: bool,
    /// How an unknown outcome of the submit is looked up, where that was asked for.
    lookup: Option<Box<Lookup>>,
    upload: Upload,
    /// The words of the last 429 to the POST.
    limited: Option<String>,
    /// What the service said with the last transient error.
    complaint: String,
    http_status: Option<u16>,
    request_id: Option<String>,
}

impl Call {
    /// A call that submits: `Goal::Generate` or `Goal::Submit`.
    pub fn submitting(goal: Goal, request: AudioRequest, timeout: u64, pace: Pace) -> Self {
        let mut call = Self::new(goal, timeout, pace);
        call.submit(request, None);
        call
    }

    /// A call about a generation that exists: `Goal::Check` or `Goal::Wait`.
    pub fn asking(goal: Goal, generation: impl Into<Box<Generation>>, timeout: u64, pace: Pace) -> Self {
        let mut call = Self::new(goal, timeout, pace);
        call.ask(generation.into());
        call
    }

    /// A call that is about nothing yet.
    pub fn new(goal: Goal, timeout: u64, pace: Pace) -> Self {
        Self {
            goal,
            timeout,
            pace,
            credentials: Credentials::default(),
            request: None,
            generation: None,
            state: State::New,
            deadline: Timer::start(Now::default(), timeout),
            patience: Patience::Usual,
            forced: None,
            stalled: false,
            document: None,
            announces: false,
            lookup: None,
            upload: Upload::Buffered,
            limited: None,
            complaint: String::new(),
            http_status: None,
            request_id: None,
        }
    }

    /// With a key by which the outcome of the submit is found out; `given` tells that it is the caller's.
    #[must_use]
    pub fn recoverable(mut self, recovery: Recovery, key: String, given: bool) -> Self {
        self.lookup = Some(Box::new(Lookup::new(recovery, key, given)));
        self
    }

    /// A call that finds out what became of the submit with that key, first sent at `submitted_at` as far
    /// as that is known: `Goal::Recover`.
    pub fn recovering(recovery: Recovery, key: String, submitted_at: Option<u64>, timeout: u64, now: Now) -> Self {
        let mut call = Self::new(Goal::Recover, timeout, Pace::Adaptive);
        call.recover(Lookup::of_past(recovery, key, submitted_at, now));
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
    pub fn with_key(mut self, key: Secret) -> Self {
        self.credentials.keys = vec![key];
        self
    }

    /// With a caller who is told before each submit leaves.
    #[must_use]
    pub fn announcing(mut self) -> Self {
        self.announces = true;
        self
    }

    /// Whether it is among the calls that `maxConcurrent` counts: it waits, and has something to ask.
    pub fn is_counted(&self) -> bool {
        matches!(self.goal, Goal::Generate | Goal::Wait) && !self.is_final()
    }

    /// With a key that is asked for before every request.
    #[must_use]
    pub fn asking_for_key(mut self) -> Self {
        self.credentials.asked = true;
        self
    }

    /// The generation as it is known so far; in the end it goes out with [`Next::Settle`].
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
    pub fn key(&self) -> Option<&Secret> {
        self.credentials.keys.last()
    }

    /// A whole JSON document has arrived of the reply under way, and its stream has not ended.
    ///
    /// Nothing that could follow would change what it says; a stream that ends in good time keeps
    /// its connection for the next request. Tells whether that is news, which shortens the limit.
    pub fn on_document(&mut self, now: Now) -> bool {
        self.document.replace(self.document.unwrap_or(Timer::start(now, GRACE))).is_none()
    }

    /// Milliseconds after which what is under way is to be given up; `u64::MAX` for never.
    ///
    /// Where the page stalled across the deadline of a submit, or the time for its answer, its reply may be
    /// there and not yet read: it is given a moment more.
    pub fn limit(&mut self, now: Now) -> u64 {
        if matches!(self.state, State::Posting(_)) && self.slept(now) && !self.stalled {
            self.stalled = true;
            self.deadline = Timer::start(now, GRACE);
        }
        if let State::Posting(limit) = &mut self.state
            && self.lookup.is_some()
            && limit.late(now) > SLEPT
        {
            *limit = Timer::start(now, GRACE);
        }
        let left = self.deadline.left(now);
        let rest = self.document.map_or(u64::MAX, |rest| rest.left(now));
        match &self.state {
            State::Posting(limit) if self.lookup.is_some() => left.min(rest).min(limit.left(now)),
            State::Posting(_) => left.min(rest),
            State::Getting(since) => left.min(rest).min(SHORT.saturating_sub(since.elapsed(now))),
            State::Gated(timer, _) | State::Sleeping(timer) => timer.left(now),
            _ => left,
        }
    }

    /// Takes in what happened and says what to do next.
    ///
    /// What cannot have happened ends the call as the caller's signal would: nothing more is sent.
    pub fn step<J: Json>(&mut self, event: Event<J>, now: Now, shared: &mut Shared, dice: &mut impl Dice) -> Next {
        let turn = &mut Turn { now, shared, dice };
        match (event, &self.state) {
            (Event::Begin { offline }, State::New) => self.begin(offline, turn),
            (Event::Elapsed, &State::Gated(timer, request)) => self.elapsed(timer, request, turn),
            (Event::Elapsed, &State::Sleeping(timer)) => self.elapsed(timer, Method::Poll, turn),
            (Event::Reply(reply), State::Posting(_)) => self.posted(&reply, turn),
            (Event::Cut(reply), State::Posting(_)) if reply.decides_submit() => self.posted(&reply, turn),
            (Event::Elapsed | Event::Cut(_), State::Posting(_)) => self.outcome_unknown(Unknown::TimedOut, None, turn),
            (Event::Reply(reply) | Event::Cut(reply @ Reply { body: Body::Json(_), .. }), State::Getting(_)) => {
                self.got(&reply, turn)
            }
            (Event::Elapsed | Event::Cut(_), &State::Getting(since)) => self.unanswered(since, turn),
            (Event::Elapsed, State::Storing) => self.fail(Failure::Deadline),
            (Event::Elapsed, State::Keying { .. } | State::Entering(_) | State::Announcing) => {
                self.expire(self.slept(turn.now), turn)
            }
            (Event::Woken { many, .. }, &State::Gated(timer, request)) => {
                self.woken_at_gate(timer, request, many, turn)
            }
            (Event::Woken { online, many }, &State::Sleeping(timer)) => self.woken(timer, online, many, turn),
            (Event::Key(key), &State::Keying { request, again }) => self.keyed(key, request, again),
            (Event::NoKey(why), State::Keying { .. }) => self.fail_with(Failure::CredentialsFailed, why.into()),
            (Event::Entered { offline }, &State::Entering(request)) => self.entered(request, offline, turn),
            (Event::Unread, State::Posting(_)) => self.unread(turn),
            (Event::Lost, State::Posting(_)) => self.outcome_unknown(Unknown::Network, None, turn),
            (Event::Lost, State::Getting(_)) => self.lost(turn),
            (Event::Stored, State::Storing) => self.rest_or_settle(turn),
            // Time has passed: the deadline or a gate may be in the way by now.
            (Event::Stored, State::Announcing) => self.entered(Method::Submit, false, turn),
            (Event::StoreFailed, State::Storing) => self.fail(Failure::OnSubmittedFailed),
            (Event::StoreFailed, State::Announcing) => self.fail(Failure::OnSubmittingFailed),
            (Event::Reported, State::Reporting(_)) => self.reported(turn),
            (Event::TimerFailed, _) => self.fail_with(Failure::Unsupported, "setTimeout".into()),
            (Event::Aborted(Some(reply)), State::Posting(_)) if reply.decides_submit() => self.aborted_by(&reply, turn),
            (_, state) => {
                let posting = matches!(state, State::Posting(_));
                self.fail(Failure::Aborted { posting })
            }
        }
    }

    fn begin(&mut self, offline: bool, turn: &mut Turn<'_, impl Dice>) -> Next {
        self.deadline = Timer::start(turn.now, self.timeout);
        match self.goal {
            Goal::Generate | Goal::Submit if offline => self.fail(Failure::Offline),
            Goal::Generate | Goal::Submit => self.attempt(Method::Submit, turn),
            Goal::Check if self.is_final() => self.settle(),
            Goal::Check | Goal::Recover => self.attempt(Method::Poll, turn),
            Goal::Wait => self.rest_or_settle(turn),
        }
    }

    fn is_final(&self) -> bool {
        self.generation.as_ref().is_some_and(|generation| generation.status.is_final())
    }

    /// Ends the call with the generation as it stands.
    fn settle(&mut self) -> Next {
        if let Some(Generation { status: Status::Error, error, .. }) = self.generation.as_deref() {
            let words = error.clone().unwrap_or_default();
            return self.fail_with(Failure::GenerationFailed, words);
        }
        let Some(generation) = self.generation.take() else {
            return self.fail(Failure::Deadline);
        };
        self.state = State::Settled;
        Next::Settle(Ok(generation))
    }

    /// Ends the call with an error that carries all that is known.
    fn fail(&mut self, failure: Failure) -> Next {
        self.fail_with(failure, String::new())
    }

    /// The same with the words that go with it.
    ///
    /// Whatever ends a call while the outcome of its submit is unknown, that is what the caller is told.
    fn fail_with(&mut self, failure: Failure, words: String) -> Next {
        let replied = failure.is_replied();
        let lookup = self.lookup.take();
        let key_given = lookup.as_ref().is_some_and(|lookup| lookup.given);
        let lookup = lookup.filter(|_| self.generation.is_none());
        let failure = lookup.as_ref().map_or(failure, |lookup| lookup.told(failure));
        let mut error = Error::with(failure, words);
        if let Some(lookup) = lookup {
            lookup.explain(&mut error);
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
        Next::Settle(Err(error))
    }
}
