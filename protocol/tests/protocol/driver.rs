//! A driver whose clocks stand still until a test moves them, and which sends nothing.

use protocol::{
    Action, ApiKey, AudioRequest, Body, Call, Context, Details, Endpoint, Event, Failure, Generation, Goal,
    HttpRequest, Lookup, Now, OriginState, PollInterval, Purpose, Recovery, Reply, RetryAfter, Rng, Subject,
};
use serde_json::{Value, json};

pub(crate) type TestValue = Option<&'static Value>;

pub(crate) const KEY: &str = "sk-abcdefghijklmnop";
pub(crate) const PROMPT: &str = "a slow waltz for two marimbas";
pub(crate) const URL: &str = "https://cdn.aimlapi.com/flamingo/x.wav";
pub(crate) const ID: &str = "ed58c4e0:vendor/model";

/// Always the same number.
#[derive(Debug)]
pub(crate) struct Fixed(pub(crate) f64);

impl Rng for Fixed {
    fn next_f64(&mut self) -> f64 {
        self.0
    }
}

pub(crate) fn at(millis: u64) -> Now {
    Now { wall: 1_700_000_000_000 + millis, monotonic: 5_000 + millis }
}

#[expect(clippy::unnecessary_wraps, reason = "the reader of `serde_json` values reads options")]
pub(crate) fn untrusted(value: Value) -> TestValue {
    Some(Box::leak(Box::new(value)))
}

pub(crate) fn api_key(key: &str) -> ApiKey {
    ApiKey::read(&untrusted(json!(key))).unwrap()
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::new("https://api.aimlapi.com/", "", true, None).unwrap()
}

pub(crate) fn submit_call(goal: Goal, timeout: u64, poll_interval: PollInterval) -> Call {
    Call::new(goal, endpoint(), Subject::submit(request(), None), timeout, poll_interval)
}

/// A submit whose outcome can be looked up.
pub(crate) fn recoverable_call(
    goal: Goal,
    timeout: u64,
    poll_interval: PollInterval,
    recovery: Recovery,
    key: &str,
    key_from_caller: bool,
) -> Call {
    let lookup = Lookup::new(recovery, key.into(), key_from_caller);
    Call::new(goal, endpoint(), Subject::submit(request(), Some(lookup)), timeout, poll_interval)
}

pub(crate) fn poll_call(
    goal: Goal,
    generation: impl Into<Box<Generation>>,
    timeout: u64,
    poll_interval: PollInterval,
) -> Call {
    Call::new(goal, endpoint(), Subject::poll(generation), timeout, poll_interval)
}

pub(crate) fn recover_call(recovery: Recovery, key: &str, submitted_at: Option<u64>, timeout: u64, now: Now) -> Call {
    let lookup = Lookup::for_past_submit(recovery, key.into(), submitted_at, now);
    Call::new(Goal::Recover, endpoint(), Subject::recover(lookup), timeout, PollInterval::Adaptive)
}

pub(crate) fn request() -> AudioRequest {
    AudioRequest::read(&untrusted(json!(PROMPT))).unwrap()
}

fn with(status: u16, body: Body<TestValue>) -> Reply<TestValue> {
    Reply { status, redirect: false, body, retry_after: None, inference_id: None, cacheable: false }
}

pub(crate) fn reply(status: u16, body: Value) -> Reply<TestValue> {
    with(status, Body::Json(untrusted(body)))
}

/// A body that is not JSON, such as a page of HTML.
pub(crate) fn page(status: u16) -> Reply<TestValue> {
    with(status, Body::NotJson)
}

/// A body that ends early.
pub(crate) fn truncated(status: u16) -> Reply<TestValue> {
    with(status, Body::Incomplete)
}

pub(crate) fn redirect(status: u16) -> Reply<TestValue> {
    Reply { redirect: true, ..page(status) }
}

pub(crate) fn after(seconds: &str, reply: Reply<TestValue>) -> Reply<TestValue> {
    Reply { retry_after: Some(RetryAfter { text: seconds.into(), date: f64::NAN }), ..reply }
}

pub(crate) fn accepted() -> Reply<TestValue> {
    reply(201, json!({"id": ID, "status": "queued", "meta": {"usage": {"credits_used": 25200}}}))
}

pub(crate) fn status(word: &str) -> Reply<TestValue> {
    reply(200, json!({"id": ID, "status": word}))
}

pub(crate) fn completed() -> Reply<TestValue> {
    reply(200, json!({"id": ID, "status": "completed", "audio_file": {"url": URL, "file_size": 5_292_078}}))
}

#[derive(Debug)]
pub(crate) struct TestDriver {
    pub(crate) call: Call,
    pub(crate) origin_state: OriginState,
    pub(crate) now: Now,
    pub(crate) rng: Fixed,
    pub(crate) action: Action,
    /// What the key function returns, one after another; the last one again and again.
    pub(crate) keys: Vec<&'static str>,
    /// Whether each call of the key function came after a 401.
    pub(crate) key_requests: Vec<bool>,
    /// The last request.
    pub(crate) request: Option<HttpRequest>,
    /// When requests were sent, in milliseconds since the start of the test.
    pub(crate) posts: Vec<u64>,
    pub(crate) gets: Vec<u64>,
    pub(crate) lookups: Vec<u64>,
    /// Whether the platform can send streams; and whether the body of each submit was one.
    pub(crate) can_stream: bool,
    pub(crate) streamed: Vec<bool>,
    /// What `onSubmitted` and `onStatus` were called with.
    pub(crate) submitted_snapshots: Vec<Generation>,
    pub(crate) status_snapshots: Vec<Generation>,
}

impl TestDriver {
    pub(crate) fn new(call: Call) -> Self {
        Self {
            call,
            origin_state: OriginState::default(),
            now: at(0),
            rng: Fixed(0.5),
            action: Action::CallOnStatus,
            keys: vec![KEY],
            key_requests: vec![],
            request: None,
            posts: vec![],
            gets: vec![],
            lookups: vec![],
            can_stream: true,
            streamed: vec![],
            submitted_snapshots: vec![],
            status_snapshots: vec![],
        }
    }

    pub(crate) fn begin(call: Call) -> Self {
        let mut driver = Self::new(call);
        driver.step(Event::Start { offline: false });
        driver.run_to_wait();
        driver
    }

    pub(crate) fn submitting(goal: Goal, timeout: u64) -> Self {
        Self::begin(submit_call(goal, timeout, PollInterval::Fixed(10_000)).with_key(api_key(KEY)))
    }

    pub(crate) fn generate(timeout: u64) -> Self {
        Self::submitting(Goal::Generate, timeout)
    }

    pub(crate) fn polling(goal: Goal, generation: Generation, timeout: u64) -> Self {
        Self::begin(poll_call(goal, generation, timeout, PollInterval::Fixed(10_000)).with_key(api_key(KEY)))
    }

    /// A `waitFor` of a bare id, whose first poll is in flight.
    pub(crate) fn wait(timeout: u64) -> Self {
        Self::polling(Goal::Wait, Generation::new(ID.into(), at(0)), timeout)
    }

    /// A `check` of a bare id, whose poll is in flight.
    pub(crate) fn check(timeout: u64) -> Self {
        Self::polling(Goal::Check, Generation::new(ID.into(), at(0)), timeout)
    }

    /// Both clocks advance.
    pub(crate) fn advance(&mut self, millis: u64) -> &mut Self {
        self.now.wall += millis;
        self.now.monotonic += millis;
        self
    }

    /// The machine is suspended: its monotonic clock stands still for most of the time.
    pub(crate) fn suspend(&mut self, millis: u64) -> &mut Self {
        self.now.wall += millis;
        self.now.monotonic += 1_000;
        self
    }

    pub(crate) fn since(&self) -> u64 {
        self.now.wall.saturating_sub(at(0).wall)
    }

    pub(crate) fn step(&mut self, event: Event<TestValue>) -> &Action {
        let context = &mut Context { now: self.now, origin_state: &mut self.origin_state, rng: &mut self.rng };
        self.action = self.call.step(event, context);
        match &self.action {
            Action::Send(request) => {
                let since = self.since();
                self.request = Some(HttpRequest::clone(request));
                match request.purpose {
                    Purpose::Submit => {
                        self.posts.push(since);
                        let streamed = request.stream_body && self.can_stream;
                        if streamed {
                            self.call.on_body_streamed();
                        }
                        self.streamed.push(streamed);
                    }
                    Purpose::Poll => self.gets.push(since),
                    Purpose::Lookup => self.lookups.push(since),
                    Purpose::Download => {}
                }
            }
            Action::RequestKey { after_unauthorized } => self.key_requests.push(*after_unauthorized),
            Action::CallOnSubmitted => self.submitted_snapshots.extend(self.call.generation().cloned()),
            Action::CallOnStatus => self.status_snapshots.extend(self.call.generation().cloned()),
            Action::Wait
            | Action::AcquirePermit
            | Action::CallOnSubmitting
            | Action::Settle(_)
            | Action::SettleFile(_)
            | Action::SettleAbsent => {}
        }
        &self.action
    }

    /// Performs actions up to a wait, a request or the end.
    pub(crate) fn run_to_wait(&mut self) -> &Action {
        loop {
            let event = match &self.action {
                Action::RequestKey { .. } => {
                    let key = if self.keys.len() > 1 { self.keys.remove(0) } else { self.keys[0] };
                    Event::KeyReceived(api_key(key))
                }
                Action::AcquirePermit => Event::PermitAcquired { offline: false },
                Action::CallOnSubmitted | Action::CallOnSubmitting => Event::CallbackResolved,
                Action::CallOnStatus => Event::OnStatusReturned,
                Action::Wait if self.call.poll_timeout(self.now) == 0 => Event::Timeout,
                Action::Wait | Action::Send(_) | Action::Settle(_) | Action::SettleFile(_) | Action::SettleAbsent => {
                    return &self.action;
                }
            };
            self.step(event);
        }
    }

    /// The value of a header of the last request.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let headers = &self.request.as_ref()?.headers;
        headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }

    /// A reply to the request in flight.
    pub(crate) fn reply(&mut self, reply: Reply<TestValue>) -> &Action {
        assert!(self.action.purpose().is_some(), "no request is in flight: {:?}", self.action);
        self.step(Event::Reply(reply));
        self.run_to_wait()
    }

    pub(crate) fn network_error(&mut self) -> &Action {
        self.step(Event::NetworkError);
        self.run_to_wait()
    }

    /// How long the call is still to wait, if it waits.
    pub(crate) fn wait_left(&mut self) -> Option<u64> {
        (self.action == Action::Wait).then(|| self.call.poll_timeout(self.now))
    }

    /// Waits as long as required; returns how long.
    pub(crate) fn sleep(&mut self) -> u64 {
        let span = self.wait_left().unwrap_or_else(|| panic!("no wait: {:?}", self.action));
        self.advance(span).step(Event::Timeout);
        self.run_to_wait();
        span
    }

    /// Lets the current operation time out; returns after how long.
    pub(crate) fn time_out(&mut self) -> u64 {
        let limit = self.call.poll_timeout(self.now);
        self.advance(limit).step(Event::Timeout);
        self.run_to_wait();
        limit
    }

    pub(crate) fn abort(&mut self) -> Details {
        self.step(Event::Aborted(None));
        self.error()
    }

    pub(crate) fn result(&self) -> Generation {
        match &self.action {
            Action::Settle(Ok(generation)) => Generation::clone(generation),
            other => panic!("not resolved: {other:?}"),
        }
    }

    pub(crate) fn error(&self) -> Details {
        match &self.action {
            Action::Settle(Err(error)) => Details::clone(error),
            other => panic!("not rejected: {other:?}"),
        }
    }

    pub(crate) fn failure(&self) -> Failure {
        self.error().failure
    }

    pub(crate) fn known(&self) -> &Generation {
        known(&self.call, &self.action).unwrap()
    }
}

/// The generation as it is known: the call's own, until the call settles with it.
pub(crate) fn known<'a>(call: &'a Call, action: &'a Action) -> Option<&'a Generation> {
    match action {
        Action::Settle(Ok(generation)) => Some(generation),
        Action::Settle(Err(error)) => error.generation.as_deref(),
        _ => call.generation(),
    }
}
