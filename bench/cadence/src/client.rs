//! The real state machine, under a simulated clock, with a service that only takes time.

use protocol::{
    Action, AudioRequest, Body, Call, Context, Endpoint, Event, Goal, KeyFailure, Now, OriginState, PollInterval,
    Purpose, Reply, Subject,
};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

use crate::BenchRng;

/// Between two generations, in milliseconds.
const PAUSE: u64 = 120_000;

/// What polling one generation cost, and how late its completion was noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PollingCost {
    /// GETs.
    pub requests: u64,
    /// Milliseconds from the completion to the reply that reports it.
    pub delay: u64,
}

/// The bodies of the service's replies.
#[derive(Debug)]
pub struct Bodies {
    accepted: Value,
    pending: Value,
    completed: Value,
}

impl Default for Bodies {
    fn default() -> Self {
        Self {
            accepted: json!({"id": "job", "status": "queued"}),
            pending: json!({"id": "job", "status": "generating"}),
            completed: json!({"id": "job", "status": "completed", "audio_file": {"url": "https://cdn/x.wav"}}),
        }
    }
}

/// A freshly loaded module.
#[derive(Debug)]
pub struct Client<'a> {
    bodies: &'a Bodies,
    /// What the module remembers.
    pub origin_state: OriginState,
    now: Now,
    rng: BenchRng,
}

impl<'a> Client<'a> {
    /// A module whose randomness begins with a seed.
    pub fn new(bodies: &'a Bodies, seed: u64) -> Self {
        let now = Now { wall: 1_800_000_000_000, monotonic: 0 };
        Self { bodies, origin_state: OriginState::default(), now, rng: BenchRng(SmallRng::seed_from_u64(seed)) }
    }

    /// Runs one `generate` whose generation takes so many milliseconds.
    pub fn generate(&mut self, steps: Option<u32>, duration: u64) -> PollingCost {
        let prompt = String::from("rain on a tin roof");
        let request = AudioRequest { prompt, seconds_start: None, seconds_total: None, steps };
        let subject = Subject::submit(request, None);
        let mut call = Call::new(Goal::Generate, Endpoint::default(), subject, u64::MAX, PollInterval::Adaptive);
        let started = self.now.wall;
        let mut cost = PollingCost::default();
        let mut event = Event::Start { offline: false };
        loop {
            let context = &mut Context { now: self.now, origin_state: &mut self.origin_state, rng: &mut self.rng };
            event = match call.step(event, context) {
                Action::Wait => {
                    self.pass(call.poll_timeout(self.now));
                    Event::Timeout
                }
                Action::RequestKey { .. } => Event::KeyFailed(KeyFailure::Unusable),
                Action::AcquirePermit => Event::PermitAcquired { offline: false },
                Action::Send(request) if request.purpose == Purpose::Submit => {
                    Event::Reply(reply(&self.bodies.accepted))
                }
                Action::Send(_) => {
                    cost.requests += 1;
                    let elapsed = self.now.wall - started;
                    cost.delay = elapsed.saturating_sub(duration);
                    let done = elapsed >= duration;
                    Event::Reply(reply(if done { &self.bodies.completed } else { &self.bodies.pending }))
                }
                Action::CallOnSubmitted | Action::CallOnSubmitting => Event::CallbackResolved,
                Action::CallOnStatus => Event::OnStatusReturned,
                Action::SettleAbsent | Action::SettleFile(_) | Action::Settle(_) => break,
            };
        }
        self.pass(PAUSE);
        cost
    }

    fn pass(&mut self, span: u64) {
        self.now.wall += span;
        self.now.monotonic += span;
    }
}

fn reply(body: &Value) -> Reply<Option<&Value>> {
    Reply {
        status: 200,
        redirect: false,
        body: Body::Json(Some(body)),
        retry_after: None,
        inference_id: None,
        cacheable: false,
    }
}
