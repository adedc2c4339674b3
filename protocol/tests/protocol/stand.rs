//! A driver whose clocks stand still until a test moves them, and which sends nothing.

use protocol::call::{Call, Event, Goal, Next};
use protocol::error::{Details, Failure};
use protocol::generation::Generation;
use protocol::options::Pace;
use protocol::reply::{Body, Reply, RetryAfter};
use protocol::request::AudioRequest;
use protocol::secret::Secret;
use protocol::shared::Shared;
use protocol::time::{Dice, Now};
use serde_json::{Value, json};

pub(crate) type J = Option<&'static Value>;

pub(crate) const KEY: &str = "sk-abcdefghijklmnop";
pub(crate) const PROMPT: &str = "a slow waltz for two marimbas";
pub(crate) const URL: &str = "https://cdn.aimlapi.com/flamingo/x.wav";
pub(crate) const ID: &str = "ed58c4e0:vendor/model";

/// Always the same number.
#[derive(Debug)]
pub(crate) struct Fixed(pub(crate) f64);

impl Dice for Fixed {
    fn roll(&mut self) -> f64 {
        self.0
    }
}

pub(crate) fn at(millis: u64) -> Now {
    Now { wall: 1_700_000_000_000 + millis, steady: 5_000 + millis }
}

#[expect(clippy::unnecessary_wraps, reason = "the reader of `serde_json` values reads options")]
pub(crate) fn kept(value: Value) -> J {
    Some(Box::leak(Box::new(value)))
}

pub(crate) fn secret(key: &str) -> Secret {
    Secret::read(&kept(json!(key))).unwrap()
}

pub(crate) fn request() -> AudioRequest {
    AudioRequest::read(&kept(json!(PROMPT))).unwrap()
}

fn with(status: u16, body: Body<J>) -> Reply<J> {
    Reply { status, redirect: false, body, retry_after: None, inference_id: None, cacheable: false }
}

pub(crate) fn reply(status: u16, body: Value) -> Reply<J> {
    with(status, Body::Json(kept(body)))
}

/// A page of HTML, say.
pub(crate) fn page(status: u16) -> Reply<J> {
    with(status, Body::Text)
}

/// A body that broke off.
pub(crate) fn broken(status: u16) -> Reply<J> {
    with(status, Body::Broken)
}

pub(crate) fn redirect(status: u16) -> Reply<J> {
    Reply { redirect: true, ..page(status) }
}

pub(crate) fn after(seconds: &str, reply: Reply<J>) -> Reply<J> {
    Reply { retry_after: Some(RetryAfter { text: seconds.into(), date: f64::NAN }), ..reply }
}

pub(crate) fn accepted() -> Reply<J> {
    reply(201, json!({"id": ID, "status": "queued", "meta": {"usage": {"credits_used": 25200}}}))
}

pub(crate) fn status(word: &str) -> Reply<J> {
    reply(200, json!({"id": ID, "status": word}))
}

pub(crate) fn completed() -> Reply<J> {
    reply(200, json!({"id": ID, "status": "completed", "audio_file": {"url": URL, "file_size": 5_292_078}}))
}

#[derive(Debug)]
pub(crate) struct Stand {
    pub(crate) call: Call,
    pub(crate) shared: Shared,
    pub(crate) now: Now,
    pub(crate) dice: Fixed,
    pub(crate) next: Next,
    /// What the key function gives, one after another; the last one for ever.
    pub(crate) keys: Vec<&'static str>,
    /// Whether each question to the key function came after a 401.
    pub(crate) asked: Vec<bool>,
    /// When requests were sent, since the beginning.
    pub(crate) posts: Vec<u64>,
    pub(crate) gets: Vec<u64>,
    pub(crate) lookups: Vec<u64>,
    /// Whether the platform can send streams; and whether the body of each submit was one.
    pub(crate) can_stream: bool,
    pub(crate) streamed: Vec<bool>,
    /// What `onSubmitted` and `onStatus` were told.
    pub(crate) stored: Vec<Generation>,
    pub(crate) reported: Vec<Generation>,
}

impl Stand {
    pub(crate) fn new(call: Call) -> Self {
        Self {
            call,
            shared: Shared::default(),
            now: at(0),
            dice: Fixed(0.5),
            next: Next::Report,
            keys: vec![KEY],
            asked: vec![],
            posts: vec![],
            gets: vec![],
            lookups: vec![],
            can_stream: true,
            streamed: vec![],
            stored: vec![],
            reported: vec![],
        }
    }

    pub(crate) fn begin(call: Call) -> Self {
        let mut stand = Self::new(call);
        stand.tell(Event::Begin { offline: false });
        stand.go();
        stand
    }

    pub(crate) fn submitting(goal: Goal, timeout: u64) -> Self {
        Self::begin(Call::submitting(goal, request(), timeout, Pace::Every(10_000)).with_key(secret(KEY)))
    }

    pub(crate) fn generate(timeout: u64) -> Self {
        Self::submitting(Goal::Generate, timeout)
    }

    pub(crate) fn asking(goal: Goal, generation: Generation, timeout: u64) -> Self {
        Self::begin(Call::asking(goal, generation, timeout, Pace::Every(10_000)).with_key(secret(KEY)))
    }

    /// A `waitFor` of a bare id, whose first GET is under way.
    pub(crate) fn wait(timeout: u64) -> Self {
        Self::asking(Goal::Wait, Generation::new(ID.into(), at(0)), timeout)
    }

    /// A `check` of a bare id, whose GET is under way.
    pub(crate) fn check(timeout: u64) -> Self {
        Self::asking(Goal::Check, Generation::new(ID.into(), at(0)), timeout)
    }

    /// Both clocks go on.
    pub(crate) fn pass(&mut self, millis: u64) -> &mut Self {
        self.now.wall += millis;
        self.now.steady += millis;
        self
    }

    /// The machine sleeps: its steady clock stands still for most of the time.
    pub(crate) fn oversleep(&mut self, millis: u64) -> &mut Self {
        self.now.wall += millis;
        self.now.steady += 1_000;
        self
    }

    pub(crate) fn since(&self) -> u64 {
        self.now.wall.saturating_sub(at(0).wall)
    }

    pub(crate) fn tell(&mut self, event: Event<J>) -> &Next {
        self.next = self.call.step(event, self.now, &mut self.shared, &mut self.dice);
        match &self.next {
            Next::Post => {
                self.posts.push(self.since());
                let mut streamed = false;
                let can = self.can_stream;
                self.call.try_stream(|| {
                    streamed = can;
                    can
                });
                self.streamed.push(streamed);
            }
            Next::Get => self.gets.push(self.since()),
            Next::LookUp => self.lookups.push(self.since()),
            Next::AskKey { after_unauthorized } => self.asked.push(*after_unauthorized),
            Next::Store => self.stored.extend(self.call.generation().cloned()),
            Next::Report => self.reported.extend(self.call.generation().cloned()),
            Next::Sleep(_) | Next::Enter | Next::Announce | Next::Settle(_) | Next::SettleAbsent => {}
        }
        &self.next
    }

    /// Does what takes no time, up to a sleep, a request or the end.
    pub(crate) fn go(&mut self) -> &Next {
        loop {
            let event = match &self.next {
                Next::AskKey { .. } => {
                    let key = if self.keys.len() > 1 { self.keys.remove(0) } else { self.keys[0] };
                    Event::Key(secret(key))
                }
                Next::Enter => Event::Entered { offline: false },
                Next::Store | Next::Announce => Event::Stored,
                Next::Report => Event::Reported,
                Next::Sleep(0) => Event::Elapsed,
                Next::Sleep(_) | Next::Post | Next::Get | Next::LookUp | Next::Settle(_) | Next::SettleAbsent => {
                    return &self.next;
                }
            };
            self.tell(event);
        }
    }

    /// A reply comes to the request under way.
    pub(crate) fn hear(&mut self, reply: Reply<J>) -> &Next {
        assert!(matches!(self.next, Next::Post | Next::Get | Next::LookUp), "no request is under way: {:?}", self.next);
        self.tell(Event::Reply(reply));
        self.go()
    }

    pub(crate) fn lose(&mut self) -> &Next {
        self.tell(Event::Lost);
        self.go()
    }

    /// Sleeps as long as it is told to; says how long.
    pub(crate) fn rest(&mut self) -> u64 {
        let Next::Sleep(span) = self.next else { panic!("no sleep: {:?}", self.next) };
        assert_eq!(span, self.call.limit(self.now), "the limit of a sleep is its span");
        self.pass(span).tell(Event::Elapsed);
        self.go();
        span
    }

    /// What is under way is given up when its time has passed; says how long that was.
    pub(crate) fn give_up(&mut self) -> u64 {
        let limit = self.call.limit(self.now);
        self.pass(limit).tell(Event::Elapsed);
        self.go();
        limit
    }

    pub(crate) fn abort(&mut self) -> Details {
        self.tell(Event::Aborted(None));
        self.error()
    }

    pub(crate) fn result(&self) -> Generation {
        match &self.next {
            Next::Settle(Ok(generation)) => Generation::clone(generation),
            other => panic!("not resolved: {other:?}"),
        }
    }

    pub(crate) fn error(&self) -> Details {
        match &self.next {
            Next::Settle(Err(error)) => Details::clone(error),
            other => panic!("not rejected: {other:?}"),
        }
    }

    pub(crate) fn failure(&self) -> Failure {
        self.error().failure
    }

    pub(crate) fn known(&self) -> &Generation {
        known(&self.call, &self.next).unwrap()
    }
}

/// The generation as it is known: the call's own, until the call settles with it.
pub(crate) fn known<'a>(call: &'a Call, next: &'a Next) -> Option<&'a Generation> {
    match next {
        Next::Settle(Ok(generation)) => Some(generation),
        Next::Settle(Err(error)) => error.generation.as_deref(),
        _ => call.generation(),
    }
}
