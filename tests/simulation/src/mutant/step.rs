//! How each mutant bends the events and actions of the state machine.

use protocol::{
    Action, Body, Context, DownloadFailure, Error, Event, Failure, Gates, Method, Now, OriginState, Purpose, Reply,
    Status, Untrusted,
};

use super::Mutant;
use super::lookup::{HURRY, LEISURE, LowestRng, REPEAT_TIMEOUT, SUBMIT_REPLY_TIMEOUT, forgotten};
use crate::fault::STREAM_REFUSALS;
use crate::keys::KEYS;
use crate::machine::Machine;
use crate::page::elapsed;
use crate::reply_value::{ReplyValue, StatusReply};
use crate::sim_rng::SimRng;

static FAILED: std::sync::LazyLock<StatusReply> =
    std::sync::LazyLock::new(|| StatusReply { status: Some("failed"), ..StatusReply::default() });
static GOES_ON: std::sync::LazyLock<StatusReply> =
    std::sync::LazyLock::new(|| StatusReply { status: Some("generating"), ..StatusReply::default() });

/// Whether its status is one by which a stream is refused as such.
fn is_refused_stream<V>(reply: &Reply<V>) -> bool {
    STREAM_REFUSALS.contains(&reply.status)
}

/// A step of the real state machine.
fn step(
    machine: &mut Machine,
    event: Event<ReplyValue<'_>>,
    now: Now,
    origin_state: &mut OriginState,
    client_rng: &mut SimRng,
) -> Action {
    machine.call.step(event, &mut Context { now, origin_state, rng: client_rng })
}

impl Mutant {
    pub(crate) fn step(
        self,
        machine: &mut Machine,
        event: Event<ReplyValue<'_>>,
        now: Now,
        origin_state: &mut OriginState,
        client_rng: &mut SimRng,
    ) -> Action {
        let event = match self.before(machine, event, now) {
            Ok(event) => event,
            Err(next) => return next,
        };
        let aborted_in_flight = machine.state.in_flight == Some(Purpose::Submit);
        let clock = match self {
            Self::DeadlineIgnoresSleep => Now { wall: 1 << 40 | now.monotonic, ..now },
            Self::HurriedLogs => Self::hurried(machine, &event, now),
            _ => now,
        };
        let next = match self {
            Self::GatePerCall => {
                std::mem::swap(&mut origin_state.gates, &mut machine.state.gates);
                let next = step(machine, event, clock, origin_state, client_rng);
                std::mem::swap(&mut origin_state.gates, &mut machine.state.gates);
                next
            }
            Self::IgnorePollFloor => {
                let mut forgetful = OriginState::default();
                std::mem::swap(&mut origin_state.gates, &mut forgetful.gates);
                let next = step(machine, event, clock, &mut forgetful, client_rng);
                std::mem::swap(&mut origin_state.gates, &mut forgetful.gates);
                next
            }
            Self::OneGate => {
                let refused = aborted_in_flight && matches!(&event, Event::Reply(Reply { status: 429, .. }));
                let next = step(machine, event, clock, origin_state, client_rng);
                if refused {
                    origin_state.gates.close(Method::Poll, clock, None, client_rng);
                }
                next
            }
            Self::FlatBackoff => {
                if aborted_in_flight && matches!(&event, Event::Reply(Reply { status: 429, .. })) {
                    origin_state.gates = Gates::default();
                }
                step(machine, event, clock, origin_state, client_rng)
            }
            Self::GateStaysClosed => {
                let left = origin_state.gates.left(Method::Submit, clock);
                let next = step(machine, event, clock, origin_state, client_rng);
                if aborted_in_flight && left > 0 && origin_state.gates.left(Method::Submit, clock) == 0 {
                    origin_state.gates.close(Method::Submit, clock, Some(left), client_rng);
                }
                next
            }
            Self::SkipOnSubmitted => match step(machine, event, clock, origin_state, client_rng) {
                Action::CallOnSubmitted => step(machine, Event::CallbackResolved, clock, origin_state, client_rng),
                next => next,
            },
            Self::FlatLookups if machine.state.lookups > 0 => {
                machine.call.step(event, &mut Context { now: clock, origin_state, rng: &mut LowestRng })
            }
            _ => step(machine, event, clock, origin_state, client_rng),
        };
        let next = self.after(machine, next);
        Self::remember(machine, &next);
        machine.state.since = now;
        next
    }

    /// What the machine hears, or what the driver is told in its place.
    fn before<'a>(
        self,
        machine: &mut Machine,
        event: Event<ReplyValue<'a>>,
        now: Now,
    ) -> Result<Event<ReplyValue<'a>>, Action> {
        let state = &mut machine.state;
        if let Some(held) = state.held.take() {
            return Err(held);
        }
        let resend = state.in_flight == Some(Purpose::Submit)
            && match (self, &event) {
                (Self::ResendOnServerError, Event::Reply(reply)) => reply.status >= 500,
                (Self::UnauthorizedForever, Event::Reply(reply)) => reply.status == 401,
                (Self::ResendAsStream, Event::Reply(reply)) => state.streamed && is_refused_stream(reply),
                (Self::BlameStreamForAll, Event::Reply(reply)) => !state.streamed && is_refused_stream(reply),
                (Self::ResendOnNetworkError, Event::NetworkError) | (Self::ResendOnTimeout, Event::Timeout) => true,
                (Self::ResendOnUnreadable, Event::Reply(reply)) => {
                    (200..300).contains(&reply.status) && !matches!(reply.body, Body::Json(_))
                }
                _ => false,
            };
        if resend && state.again < 2 {
            state.again += 1;
            state.since = now;
            if let Some(submit) = state.last_submit.clone() {
                return Err(Action::Send(submit));
            }
        }
        if let Some(next) = self.misled(machine, &event) {
            return Err(next);
        }
        let state = &mut machine.state;
        match (self, &event) {
            (Self::UnknownIsOffline, Event::NetworkError) if state.in_flight == Some(Purpose::Submit) => {
                return Err(Action::Settle(Err(Error::of(Failure::Offline))));
            }
            (Self::FirstTransientErrorRejects, Event::Reply(reply))
                if state.in_flight == Some(Purpose::Poll) && reply.status >= 500 =>
            {
                let mut error = Error::of(Failure::Rejected);
                error.generation = machine.call.generation().cloned().map(Box::new);
                return Err(Action::Settle(Err(error)));
            }
            _ => {}
        }
        Ok(match event {
            Event::Reply(reply) if state.in_flight == Some(Purpose::Lookup) => {
                Event::Reply(self.bend_lookup(state.key.as_deref(), reply))
            }
            Event::Reply(reply) => Event::Reply(self.bend(reply, state.in_flight == Some(Purpose::Poll))),
            Event::ReplyTruncated(reply) => Event::ReplyTruncated(self.bend_cut(reply)),
            Event::NetworkError
                if self == Self::ResendReadStream && machine.state.in_flight == Some(Purpose::Submit) =>
            {
                Event::BodyNeverRead
            }
            Event::Aborted(_) if self == Self::AbortDropsReply => Event::Aborted(None),
            Event::FileReceived { status, content_type: Err(DownloadFailure::Truncated) }
                if self == Self::BelieveTruncatedFile =>
            {
                Event::FileReceived { status, content_type: Ok("audio/wav") }
            }
            event => event,
        })
    }

    fn bend(self, mut reply: Reply<ReplyValue<'_>>, getting: bool) -> Reply<ReplyValue<'_>> {
        let word = match &reply.body {
            Body::Json(body) => body.get("status").as_string(),
            _ => None,
        };
        match self {
            Self::IgnoreHeaderId => reply.inference_id = None,
            Self::ConflictIsRefusal if !getting && reply.status == 409 => reply.status = 410,
            Self::TimeoutIsRefusal if !getting && reply.status == 408 => reply.status = 400,
            Self::IgnoreRetryAfter => reply.retry_after = None,
            Self::Unbounded404s if getting && reply.status == 404 => reply.status = 503,
            Self::UnboundedUnknownStatus if getting && reply.status == 200 => {
                let known = ["queued", "waiting", "generating", "active", "processing"];
                let done = ["completed", "complete", "succeeded", "error", "failed"];
                if word.is_some_and(|word| !known.contains(&&*word) && !done.contains(&&*word)) {
                    reply.body = Body::Json(ReplyValue::Status(&GOES_ON));
                }
            }
            Self::BelieveErrorField if getting && reply.status == 200 => {
                if matches!(&reply.body, Body::Json(body) if !body.get("error").is_absent()) {
                    reply.body = Body::Json(ReplyValue::Status(&FAILED));
                }
            }
            _ => {}
        }
        reply
    }

    fn bend_cut(self, mut reply: Reply<ReplyValue<'_>>) -> Reply<ReplyValue<'_>> {
        match self {
            Self::IgnoreHeaderId => reply.inference_id = None,
            Self::IgnoreOpenDocument => reply.body = Body::Incomplete,
            _ => {}
        }
        reply
    }

    fn after(self, machine: &mut Machine, next: Action) -> Action {
        match (self, next) {
            (Self::PollAfterFinal, Action::Settle(Ok(generation))) if generation.polling.checks > 0 => {
                match machine.state.last_poll.clone() {
                    Some(poll) => {
                        machine.state.held = Some(Action::Settle(Ok(generation)));
                        Action::Send(poll)
                    }
                    None => Action::Settle(Ok(generation)),
                }
            }
            (Self::KeyOnDownload, Action::Send(mut request)) if request.purpose == Purpose::Download => {
                request.headers.push(("Authorization", "Bearer key".into()));
                Action::Send(request)
            }
            (Self::FollowRedirects, Action::Send(mut request)) if request.purpose == Purpose::Poll => {
                request.redirect = "follow";
                Action::Send(request)
            }
            (Self::NewKeyOnResend, Action::Send(mut request)) if machine.state.submits > 0 => {
                for (name, value) in &mut request.headers {
                    if matches!(*name, "Idempotency-Key" | "X-Client-Request-Id") {
                        *value = value.chars().rev().collect();
                    }
                }
                Action::Send(request)
            }
            (Self::ForgetChecks, Action::Settle(Ok(mut generation))) => {
                generation.polling.checks = generation.polling.checks.min(1);
                Action::Settle(Ok(generation))
            }
            (Self::ForgetUnknown, Action::Settle(Err(error))) if machine.state.submits > 1 => {
                Action::Settle(Err(forgotten(error)))
            }
            (_, Action::Settle(Err(error))) => Action::Settle(self.failed(error)),
            (_, next) => next,
        }
    }

    fn failed(self, mut error: Error) -> Result<Box<protocol::Generation>, Error> {
        let dropped = match self {
            Self::DropIdOnAbort => error.code() == "aborted",
            Self::DropIdOnHttpError => error.http_status.is_some(),
            Self::DropIdOnDeadline => error.code() == "deadline",
            _ => false,
        };
        if dropped {
            error.generation = None;
        }
        match (self, error.failure) {
            (Self::KeyInMessage, _) => error.detail = error.detail.replace("[key]", KEYS[0].text),
            (Self::UnknownIsRetryable, Failure::SubmitUnknown(_)) => error.retryable = true,
            (Self::RetryableUncovered, _) if error.idempotency_key.is_some() => error.retryable = true,
            (Self::DropKey, _) => error.idempotency_key = None,
            (Self::BelieveMissingUrl, Failure::NoUrl) => {
                if let Some(mut generation) = error.generation.take() {
                    generation.status = Status::Completed;
                    return Ok(generation);
                }
            }
            _ => {}
        }
        Err(error)
    }

    pub(crate) fn poll_timeout(self, machine: &mut Machine, limit: u64, now: Now) -> u64 {
        match self {
            Self::ResendOnTimeout if machine.state.in_flight == Some(Purpose::Submit) => {
                limit.min(20_000_u64.saturating_sub(elapsed(machine.state.since, now)))
            }
            Self::HurriedLogs if machine.state.lookups > 0 => limit.saturating_sub(HURRY),
            Self::LazyLookups if machine.state.lookups > 0 && machine.generation().is_none() => {
                limit.max(LEISURE.saturating_sub(elapsed(machine.state.since, now)))
            }
            Self::PatientSubmit
                if machine.state.in_flight == Some(Purpose::Submit) && limit <= SUBMIT_REPLY_TIMEOUT =>
            {
                limit.max(REPEAT_TIMEOUT.saturating_sub(elapsed(machine.state.since, now)))
            }
            Self::DeadlineIgnoresSleep => machine.call.poll_timeout(Now { wall: 1 << 40 | now.monotonic, ..now }),
            _ => limit,
        }
    }
}
