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
//!          ┌────────────── 429, or 401 with a new key ───────────────┐
//!          ▼                                                         │
//! Begin ─► gate ─► key ─► place ─► POST ──accepted──► onSubmit ─┐    │
//!          ▲                        └──unknown──► error         │    │
//!          │                                                    ▼    │
//!          └───── gate ─► key ─► place ─► GET ─► onStatus ─► sleep ──┘
//!                                          └──final──► result or error
//! ```

mod event;
mod poll;
mod send;
mod submit;
mod wait;

pub use event::{Event, Goal, Next};

use crate::error::{Error, Failure, Unknown};
use crate::generation::{Generation, Status};
use crate::json::Json;
use crate::options::{Pace, SHORT};
use crate::reply::Reply;
use crate::request::AudioRequest;
use crate::secret::{Hidden, Secret};
use crate::shared::Shared;
use crate::time::{Dice, Now, Stopwatch, Timer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    Post,
    Get,
}

#[derive(Debug)]
enum State {
    New,
    Gated(Timer, Request),
    Sleeping(Timer),
    Keying { request: Request, again: bool },
    Entering(Request),
    Posting,
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
    Failed(Failure),
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
    key: Option<Secret>,
    /// It is asked for before every request.
    asked: bool,
    /// The words of a 401 after which the key function was asked once more.
    refused: Option<String>,
    /// The key that it then gave has not been sent yet.
    mended: bool,
}

/// One call of the package's face.
#[derive(Debug)]
pub struct Call {
    goal: Goal,
    timeout: u64,
    pace: Pace,
    credentials: Credentials,
    request: Option<AudioRequest>,
    generation: Option<Generation>,
    state: State,
    deadline: Timer,
    patience: Patience,
    /// The words of the last 429 to the POST.
    limited: Option<String>,
    http_status: Option<u16>,
    request_id: Option<String>,
}

impl Call {
    /// A call that submits: `Goal::Generate` or `Goal::Submit`.
    pub fn submitting(goal: Goal, request: AudioRequest, timeout: u64, pace: Pace) -> Self {
        Self { request: Some(request), ..Self::new(goal, timeout, pace) }
    }

    /// A call about a generation that exists: `Goal::Check` or `Goal::Wait`.
    pub fn asking(goal: Goal, generation: Generation, timeout: u64, pace: Pace) -> Self {
        Self { generation: Some(generation), ..Self::new(goal, timeout, pace) }
    }

    fn new(goal: Goal, timeout: u64, pace: Pace) -> Self {
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
            limited: None,
            http_status: None,
            request_id: None,
        }
    }

    /// With this key, always.
    #[must_use]
    pub fn with_key(mut self, key: Secret) -> Self {
        self.credentials.key = Some(key);
        self
    }

    /// With a key that is asked for before every request.
    #[must_use]
    pub fn asking_for_key(mut self) -> Self {
        self.credentials.asked = true;
        self
    }

    /// The generation as it is known so far; in the end it goes out with [`Next::Settle`].
    pub fn generation(&self) -> Option<&Generation> {
        self.generation.as_ref()
    }

    /// What is being asked for, for a call that submits.
    pub fn request(&self) -> Option<&AudioRequest> {
        self.request.as_ref()
    }

    fn hidden(&self) -> Hidden<'_> {
        let request = self.request.as_ref().or_else(|| self.generation.as_ref()?.request.as_ref());
        Hidden { key: self.credentials.key.as_ref(), prompt: request.map(|request| request.prompt.as_str()) }
    }

    /// The key to send.
    pub fn key(&self) -> Option<&Secret> {
        self.credentials.key.as_ref()
    }

    /// Milliseconds after which what is under way is to be given up; `u64::MAX` for never.
    pub fn limit(&self, now: Now) -> u64 {
        let left = self.deadline.left(now);
        match &self.state {
            State::Getting(since) => left.min(SHORT.saturating_sub(since.elapsed(now))),
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
            (Event::Elapsed, &State::Sleeping(timer)) => self.elapsed(timer, Request::Get, turn),
            // A refusal is certain, whatever its body would have said.
            (Event::Reply(reply) | Event::Cut(reply @ Reply { status: 400..=499, .. }), State::Posting) => {
                self.posted(&reply, turn)
            }
            (Event::Elapsed | Event::Cut(_), State::Posting) => self.fail(Failure::SubmitUnknown(Unknown::TimedOut)),
            (Event::Elapsed | Event::Cut(_), &State::Getting(since)) => self.unanswered(since, turn),
            (Event::Elapsed, State::Storing) => self.fail(Failure::Deadline),
            (Event::Elapsed, State::Keying { .. } | State::Entering(_)) => self.expire(self.slept(turn.now), turn),
            (Event::Woken { .. }, &State::Gated(timer, _)) => Next::Sleep(timer.left(turn.now)),
            (Event::Woken { online, many }, &State::Sleeping(timer)) => self.woken(timer, online, many, turn),
            (Event::Key(key), &State::Keying { request, again }) => self.keyed(key, request, again),
            (Event::NoKey(why), State::Keying { .. }) => self.fail(Failure::CredentialsFailed(why)),
            (Event::Entered { offline }, &State::Entering(request)) => self.entered(request, offline, turn),
            (Event::Reply(reply), State::Getting(_)) => self.got(&reply, turn),
            (Event::Lost, State::Posting) => self.fail(Failure::SubmitUnknown(Unknown::Network)),
            (Event::Lost, State::Getting(_)) => self.lost(turn),
            (Event::Stored, State::Storing) => self.rest_or_settle(turn),
            (Event::StoreFailed, State::Storing) => self.fail(Failure::CallbackFailed),
            (Event::Reported, State::Reporting(_)) => self.reported(turn),
            (_, state) => {
                let posting = matches!(state, State::Posting);
                self.fail(Failure::Aborted { posting })
            }
        }
    }

    fn begin(&mut self, offline: bool, turn: &mut Turn<'_, impl Dice>) -> Next {
        self.deadline = Timer::start(turn.now, self.timeout);
        match self.goal {
            Goal::Generate | Goal::Submit if offline => self.fail(Failure::Offline),
            Goal::Generate | Goal::Submit => self.attempt(Request::Post, turn),
            Goal::Check if self.is_final() => self.settle(),
            Goal::Check => self.attempt(Request::Get, turn),
            Goal::Wait => self.rest_or_settle(turn),
        }
    }

    fn is_final(&self) -> bool {
        self.generation.as_ref().is_some_and(|generation| generation.status.is_final())
    }

    /// Ends the call with the generation as it stands.
    fn settle(&mut self) -> Next {
        if let Some(Generation { status: Status::Error, error, .. }) = &self.generation {
            let words = error.clone().unwrap_or_default();
            return self.fail(Failure::GenerationFailed(words));
        }
        let Some(generation) = self.generation.take() else { return self.fail(Failure::Deadline) };
        self.state = State::Settled;
        Next::Settle(Ok(Box::new(generation)))
    }

    /// Ends the call with an error that carries all that is known.
    fn fail(&mut self, failure: Failure) -> Next {
        let mut error = Error::of(failure);
        let posted = matches!(self.goal, Goal::Generate | Goal::Submit) && self.generation.is_some();
        error.retryable = match error.failure {
            Failure::GenerationFailed(_) => self.goal == Goal::Generate,
            _ => error.retryable && !posted,
        };
        error.generation = self.generation.take().map(Box::new);
        if error.failure.is_replied() {
            error.http_status = self.http_status;
            error.request_id = self.request_id.take();
        }
        self.state = State::Settled;
        Next::Settle(Err(Box::new(error)))
    }
}
