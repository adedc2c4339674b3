//! How each bug bends what goes into the machine and what comes out.

use protocol::call::{Event, Next};
use protocol::error::{Error, Failure};
use protocol::gate::{Gates, Method};
use protocol::generation::Status;
use protocol::json::Json;
use protocol::reply::{Body, Reply};
use protocol::shared::Shared;
use protocol::time::Now;

use super::Bug;
use super::lookup::{HURRY, LEISURE, Least, PATIENCE, SUBMIT_LIMIT, forgotten};
use crate::chance::Chance;
use crate::fault::STREAM_REFUSALS;
use crate::keys::KEYS;
use crate::machine::Machine;
use crate::page::elapsed;
use crate::view::{Told, View};

static FAILED: std::sync::LazyLock<Told> =
    std::sync::LazyLock::new(|| Told { status: Some("failed"), ..Told::default() });
static GOES_ON: std::sync::LazyLock<Told> =
    std::sync::LazyLock::new(|| Told { status: Some("generating"), ..Told::default() });

/// Whether its status is one by which a stream is refused as such.
fn is_refused_stream<J>(reply: &Reply<J>) -> bool {
    STREAM_REFUSALS.contains(&reply.status)
}

impl Bug {
    pub(crate) fn step(
        self,
        machine: &mut Machine,
        event: Event<View<'_>>,
        now: Now,
        shared: &mut Shared,
        dice: &mut Chance,
    ) -> Next {
        let event = match self.before(machine, event, now) {
            Ok(event) => event,
            Err(next) => return next,
        };
        let memory_posts = machine.memory.posting;
        let clock = match self {
            Self::DeadlineIgnoresSleep => Now { wall: 1 << 40 | now.steady, ..now },
            Self::HurriedLogs => Self::hurried(machine, &event, now),
            _ => now,
        };
        let next = match self {
            Self::GatePerCall => {
                std::mem::swap(&mut shared.gates, &mut machine.memory.gates);
                let next = machine.call.step(event, clock, shared, dice);
                std::mem::swap(&mut shared.gates, &mut machine.memory.gates);
                next
            }
            Self::IgnorePollFloor => {
                let mut forgetful = Shared::default();
                std::mem::swap(&mut shared.gates, &mut forgetful.gates);
                let next = machine.call.step(event, clock, &mut forgetful, dice);
                std::mem::swap(&mut shared.gates, &mut forgetful.gates);
                next
            }
            Self::OneGate => {
                let refused = memory_posts && matches!(&event, Event::Reply(Reply { status: 429, .. }));
                let next = machine.call.step(event, clock, shared, dice);
                if refused {
                    shared.gates.close(Method::Poll, clock, None, dice);
                }
                next
            }
            Self::FlatBackOff => {
                if memory_posts && matches!(&event, Event::Reply(Reply { status: 429, .. })) {
                    shared.gates = Gates::default();
                }
                machine.call.step(event, clock, shared, dice)
            }
            Self::GateStaysClosed => {
                let left = shared.gates.left(Method::Submit, clock);
                let next = machine.call.step(event, clock, shared, dice);
                if memory_posts && left > 0 && shared.gates.left(Method::Submit, clock) == 0 {
                    shared.gates.close(Method::Submit, clock, Some(left), dice);
                }
                next
            }
            Self::SkipOnSubmit => match machine.call.step(event, clock, shared, dice) {
                Next::Store => machine.call.step::<View<'_>>(Event::Stored, clock, shared, dice),
                next => next,
            },
            Self::FlatLookups if machine.memory.looked => machine.call.step(event, clock, shared, &mut Least),
            _ => machine.call.step(event, clock, shared, dice),
        };
        let next = self.after(machine, next);
        Self::remember(machine, &next);
        machine.memory.posting = next == Next::Post;
        machine.memory.since = now;
        machine.memory.getting = next == Next::Get;
        next
    }

    /// What the machine hears, or what the driver is told in its place.
    fn before<'a>(self, machine: &mut Machine, event: Event<View<'a>>, now: Now) -> Result<Event<View<'a>>, Next> {
        let memory = &mut machine.memory;
        if let Some(held) = memory.held.take() {
            return Err(held);
        }
        let resend = memory.posting
            && match (self, &event) {
                (Self::ResendOnServerError, Event::Reply(reply)) => reply.status >= 500,
                (Self::UnauthorizedForever, Event::Reply(reply)) => reply.status == 401,
                (Self::ResendAsStream, Event::Reply(reply)) => memory.streamed && is_refused_stream(reply),
                (Self::BlameStreamForAll, Event::Reply(reply)) => !memory.streamed && is_refused_stream(reply),
                (Self::ResendOnNetworkError, Event::Lost) | (Self::ResendOnTimeout, Event::Elapsed) => true,
                (Self::ResendOnUnreadable, Event::Reply(reply)) => {
                    (200..300).contains(&reply.status) && !matches!(reply.body, Body::Json(_))
                }
                _ => false,
            };
        if resend && memory.again < 2 {
            memory.again += 1;
            memory.since = now;
            return Err(Next::Post);
        }
        if let Some(next) = self.misled(machine, &event) {
            return Err(next);
        }
        let memory = &mut machine.memory;
        match (self, &event) {
            (Self::UnknownIsOffline, Event::Lost) if memory.posting => {
                return Err(Next::Settle(Err(Error::of(Failure::Offline))));
            }
            (Self::FirstFaultRejects, Event::Reply(reply)) if memory.getting && reply.status >= 500 => {
                let mut error = Error::of(Failure::Rejected);
                error.generation = machine.call.generation().cloned().map(Box::new);
                return Err(Next::Settle(Err(error)));
            }
            _ => {}
        }
        Ok(match event {
            Event::Reply(reply) if memory.looking => Event::Reply(self.bend_lookup(&machine.call, reply)),
            Event::Reply(reply) => Event::Reply(self.bend(reply, memory.getting)),
            Event::Cut(reply) => Event::Cut(self.bend_cut(reply)),
            Event::Lost if self == Self::ResendReadStream && machine.memory.posting => Event::Unread,
            Event::Aborted(_) if self == Self::AbortDropsReply => Event::Aborted(None),
            event => event,
        })
    }

    fn bend(self, mut reply: Reply<View<'_>>, getting: bool) -> Reply<View<'_>> {
        let word = match &reply.body {
            Body::Json(body) => body.get("status").text(),
            _ => None,
        };
        match self {
            Self::IgnoreHeaderId => reply.inference_id = None,
            Self::ConflictIsRefusal if !getting && reply.status == 409 => reply.status = 410,
            Self::TimeoutIsRefusal if !getting && reply.status == 408 => reply.status = 400,
            Self::IgnoreRetryAfter => reply.retry_after = None,
            Self::UnboundedMisses if getting && reply.status == 404 => reply.status = 503,
            Self::UnboundedUnknownStatus if getting && reply.status == 200 => {
                let known = ["queued", "waiting", "generating", "active", "processing"];
                let done = ["completed", "complete", "succeeded", "error", "failed"];
                if word.is_some_and(|word| !known.contains(&&*word) && !done.contains(&&*word)) {
                    reply.body = Body::Json(View::Told(&GOES_ON));
                }
            }
            Self::BelieveErrorField if getting && reply.status == 200 => {
                if matches!(&reply.body, Body::Json(body) if !body.get("error").is_absent()) {
                    reply.body = Body::Json(View::Told(&FAILED));
                }
            }
            _ => {}
        }
        reply
    }

    fn bend_cut(self, mut reply: Reply<View<'_>>) -> Reply<View<'_>> {
        match self {
            Self::IgnoreHeaderId => reply.inference_id = None,
            Self::IgnoreOpenDocument => reply.body = Body::Broken,
            _ => {}
        }
        reply
    }

    fn after(self, machine: &mut Machine, next: Next) -> Next {
        match (self, next) {
            (Self::PollAfterFinal, Next::Settle(Ok(generation))) if generation.polling.checks > 0 => {
                machine.memory.held = Some(Next::Settle(Ok(generation)));
                Next::Get
            }
            (Self::ForgetChecks, Next::Settle(Ok(mut generation))) => {
                generation.polling.checks = generation.polling.checks.min(1);
                Next::Settle(Ok(generation))
            }
            (Self::ForgetUnknown, Next::Settle(Err(error))) if machine.memory.submits > 1 => {
                Next::Settle(Err(forgotten(error)))
            }
            (_, Next::Settle(Err(error))) => Next::Settle(self.failed(error)),
            (_, next) => next,
        }
    }

    fn failed(self, mut error: Error) -> Result<Box<protocol::generation::Generation>, Error> {
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
            (Self::KeyInWords, _) => error.words = error.words.replace("[key]", KEYS[0].text),
            (Self::UnknownIsRetryable, Failure::SubmitUnknown(_)) => error.retryable = true,
            (Self::RetryableUncovered, _) if error.idempotency_key.is_some() => error.retryable = true,
            (Self::DropKey, _) => error.idempotency_key = None,
            (Self::BelieveBlank, Failure::NoUrl) => {
                if let Some(mut generation) = error.generation.take() {
                    generation.status = Status::Completed;
                    return Ok(generation);
                }
            }
            _ => {}
        }
        Err(error)
    }

    pub(crate) fn limit(self, machine: &mut Machine, limit: u64, now: Now) -> u64 {
        match self {
            Self::ResendOnTimeout if machine.memory.posting => {
                limit.min(20_000_u64.saturating_sub(elapsed(machine.memory.since, now)))
            }
            Self::HurriedLogs if machine.memory.looked => limit.saturating_sub(HURRY),
            Self::LazyLookups if machine.memory.looked && machine.generation().is_none() => {
                limit.max(LEISURE.saturating_sub(elapsed(machine.memory.since, now)))
            }
            Self::PatientSubmit if machine.memory.posting && limit <= SUBMIT_LIMIT => {
                limit.max(PATIENCE.saturating_sub(elapsed(machine.memory.since, now)))
            }
            Self::DeadlineIgnoresSleep => machine.call.limit(Now { wall: 1 << 40 | now.steady, ..now }),
            _ => limit,
        }
    }
}
