//! The real machine, under a clock that stands still while it thinks and a service that only takes time.

use protocol::{
    Action, AudioRequest, Body, Call, Context, Endpoint, Event, Goal, KeyFailure, Now, OriginState, PollInterval,
    Purpose, Reply, Subject,
};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

use crate::Chance;

/// Between two generations, in milliseconds.
const PAUSE: u64 = 120_000;

/// What one generation cost, and how late it was noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noticed {
    /// GETs.
    pub requests: u64,
    /// Milliseconds from the completion to the reply that tells of it.
    pub delay: u64,
}

/// What the service says.
#[derive(Debug)]
pub struct Words {
    accepted: Value,
    pending: Value,
    completed: Value,
}

impl Default for Words {
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
    words: &'a Words,
    /// What the module remembers.
    pub origin_state: OriginState,
    now: Now,
    chance: Chance,
}

impl<'a> Client<'a> {
    /// A module whose own dice begin with a seed.
    pub fn new(words: &'a Words, seed: u64) -> Self {
        let now = Now { wall: 1_800_000_000_000, monotonic: 0 };
        Self { words, origin_state: OriginState::default(), now, chance: Chance(SmallRng::seed_from_u64(seed)) }
    }

    /// Runs one `generate` whose generation takes so many milliseconds.
    pub fn generate(&mut self, steps: Option<u32>, duration: u64) -> Noticed {
        let prompt = String::from("rain on a tin roof");
        let request = AudioRequest { prompt, seconds_start: None, seconds_total: None, steps };
        let subject = Subject::submit(request, None);
        let mut call = Call::new(Goal::Generate, Endpoint::default(), subject, u64::MAX, PollInterval::Adaptive);
        let begun = self.now.wall;
        let mut noticed = Noticed::default();
        let mut event = Event::Start { offline: false };
        loop {
            let context = &mut Context { now: self.now, origin_state: &mut self.origin_state, rng: &mut self.chance };
            event = match call.step(event, context) {
                Action::Wait(span) => {
                    self.pass(span);
                    Event::Timeout
                }
                Action::RequestKey { .. } => Event::KeyFailed(KeyFailure::Unusable),
                Action::AcquirePermit => Event::PermitAcquired { offline: false },
                Action::Send(request) if request.purpose == Purpose::Submit => {
                    Event::Reply(reply(&self.words.accepted))
                }
                Action::Send(_) => {
                    noticed.requests += 1;
                    let passed = self.now.wall - begun;
                    noticed.delay = passed.saturating_sub(duration);
                    let done = passed >= duration;
                    Event::Reply(reply(if done { &self.words.completed } else { &self.words.pending }))
                }
                Action::CallOnSubmitted | Action::CallOnSubmitting => Event::CallbackResolved,
                Action::CallOnStatus => Event::OnStatusReturned,
                Action::SettleAbsent | Action::SettleFile(_) | Action::Settle(_) => break,
            };
        }
        self.pass(PAUSE);
        noticed
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
