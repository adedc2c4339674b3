//! A call, with every event that can happen at a step, and with those that cannot.

use arbitrary::{Arbitrary, Result, Unstructured};
use protocol::{
    Action, AudioRequest, AudioSource, Body, Call, Context, Endpoint, Event, Generation, Goal, KeyFailure, Lookup, Now,
    OriginState, PollInterval, Purpose, ReceivedFile, Recovery, Reply, RetryAfter, Rng, Status, Subject, Untrusted,
};

use crate::checks;
use crate::foreign::{self, Foreign, ForeignView};
use crate::shapes;

const WALL_TIME: u64 = 1_795_000_000_000;
/// Every kind of call.
pub(crate) const GOALS: [Goal; 6] =
    [Goal::Generate, Goal::Submit, Goal::Check, Goal::Wait, Goal::Recover, Goal::Download];
/// The last time that JavaScript's `Date` can express.
const MAX_TIME: u64 = 8_640_000_000_000_000;

/// Does what the state machine says, and checks everything that it outputs.
#[derive(Debug)]
pub(crate) struct Driver {
    call: Call,
    goal: Goal,
    now: Now,
    origin_state: OriginState,
    rng: FixedRng,
    sent_key: bool,
}

/// `Math.random`, which a page may have replaced.
#[derive(Debug)]
struct FixedRng(f64);

impl Rng for FixedRng {
    fn next_f64(&mut self) -> f64 {
        self.0
    }
}

impl Driver {
    /// A usual call.
    pub(crate) fn new(goal: Goal) -> Self {
        let now = Now { wall: WALL_TIME, monotonic: 0 };
        let subject = match goal {
            Goal::Generate | Goal::Submit => Subject::submit(audio_request(), None),
            Goal::Check | Goal::Wait => {
                let mut generation = Generation::new("a:b/c".into(), now);
                generation.request = Some(audio_request());
                Subject::poll(generation)
            }
            Goal::Recover => {
                Subject::recover(Lookup::for_past_submit(Recovery::Server, checks::IDEMPOTENCY_KEY.into(), None, now))
            }
            Goal::Download => Subject::download(source()),
        };
        let call = Call::new(goal, endpoint(), subject, 60_000, PollInterval::Adaptive);
        Self {
            call: call.with_key(checks::key()),
            goal,
            now,
            origin_state: OriginState::default(),
            rng: FixedRng(0.5),
            sent_key: false,
        }
    }

    fn any(input: &mut Unstructured<'_>) -> Result<Self> {
        const TIMES: [u64; 6] = [1, 999, 8_000, 30_000, 600_000, u64::MAX];
        const RANDOM_NUMBERS: [f64; 7] = [0.0, 0.5, 0.999_999, f64::NAN, f64::INFINITY, -1.0, 1e300];
        let goal = *input.choose(&GOALS)?;
        let has_lookup = input.arbitrary()?;
        let recovery = *input.choose(&[Recovery::Server, Recovery::Logs])?;
        let now =
            Now { wall: *input.choose(&[0, WALL_TIME, MAX_TIME])?, monotonic: *input.choose(&[0, 5_000, MAX_TIME])? };
        let timeout = if input.arbitrary()? { *input.choose(&TIMES)? } else { input.arbitrary()? };
        let poll_interval =
            if input.arbitrary()? { PollInterval::Adaptive } else { PollInterval::Fixed(*input.choose(&TIMES)?) };
        let subject = match goal {
            Goal::Generate | Goal::Submit => {
                let request = request(input)?;
                let lookup = Lookup::new(recovery, checks::IDEMPOTENCY_KEY.into(), input.arbitrary()?);
                Subject::submit(request, Some(lookup).filter(|_| has_lookup))
            }
            Goal::Recover => {
                let sent = input.choose(&[None, Some(0), Some(WALL_TIME), Some(MAX_TIME)])?;
                Subject::recover(Lookup::for_past_submit(recovery, checks::IDEMPOTENCY_KEY.into(), *sent, now))
            }
            Goal::Check | Goal::Wait => Subject::poll(snapshot(input, now)?),
            Goal::Download => Subject::download(source()),
        };
        let call = Call::new(goal, endpoint(), subject, timeout, poll_interval);
        let call = match input.int_in_range(0..=2)? {
            0 => call,
            1 => call.with_key(checks::key()),
            _ => call.with_key_function(),
        };
        let call = if input.arbitrary()? { call.with_on_submitting() } else { call };
        let call = if input.arbitrary()? { call.with_streamed_submits() } else { call };
        Ok(Self {
            call,
            goal,
            now,
            origin_state: OriginState::default(),
            rng: FixedRng(*input.choose(&RANDOM_NUMBERS)?),
            sent_key: false,
        })
    }

    /// Advances both clocks.
    pub(crate) fn pass(&mut self, span: u64) {
        self.now.wall = self.now.wall.saturating_add(span).min(MAX_TIME);
        self.now.monotonic = self.now.monotonic.saturating_add(span).min(MAX_TIME);
    }

    /// Lets the timeout of the current action pass.
    pub(crate) fn pass_timeout(&mut self) {
        let timeout = self.call.poll_timeout(self.now);
        self.pass(timeout.min(MAX_TIME));
    }

    /// One step of the state machine, and a check of everything that can be seen of it.
    pub(crate) fn step<V: Untrusted>(&mut self, event: Event<V>) -> Action {
        let id = self.call.generation().map(|generation| generation.id.clone());
        let context = &mut Context { now: self.now, origin_state: &mut self.origin_state, rng: &mut self.rng };
        let action = self.call.step(event, context);
        if let Action::Send(request) = &action {
            self.sent_key |= request.headers.iter().any(|(name, _)| *name == "Authorization");
            // An id that contains the key was in the caller's snapshot, or came from a service that was sent no key.
            let id_has_key = id.as_ref().is_some_and(|id| id.contains(checks::KEY));
            assert!(id_has_key || !request.url.contains(checks::KEY), "the key is in a URL");
            if request.stream_body {
                self.call.on_body_streamed();
            }
        }
        // A driver asks for the timeout of each action.
        let _ = self.call.poll_timeout(self.now);
        let shown = match &action {
            Action::Settle(Ok(generation)) => {
                self.resolved(generation);
                Some(&**generation)
            }
            Action::Settle(Err(error)) => {
                let id_on_error = error.generation.as_ref().map(|generation| generation.id.clone());
                assert!(id.is_none() || id_on_error == id, "an error lost the job");
                error.generation.as_deref()
            }
            Action::CallOnSubmitted | Action::CallOnStatus => self.call.generation(),
            _ => return action,
        };
        let secrets = self.secrets();
        if let Action::Settle(settled) = &action {
            assert!(self.call.generation().is_none(), "the call did not settle with all that it knew");
            if let Err(error) = settled {
                checks::error(error, &secrets);
            }
        }
        if let Some(generation) = shown {
            checks::generation(generation);
            checks::without_secrets(generation, &secrets);
        }
        action
    }

    /// What messages must not contain: the key, once it was sent.
    fn secrets(&self) -> Vec<&'static str> {
        self.sent_key.then_some(checks::KEY).into_iter().collect()
    }

    fn resolved(&self, generation: &Generation) {
        assert_ne!(generation.status, Status::Error);
        if matches!(self.goal, Goal::Generate | Goal::Wait) {
            assert_eq!(generation.status, Status::Completed);
            assert!(generation.audio.is_some());
        }
    }
}

/// Any call, with up to a hundred events.
pub(crate) fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok(mut driver) = Driver::any(&mut input) else { return };
    let mut action = driver.step::<ForeignView<'_>>(Event::Start { offline: false });
    for _ in 0..100 {
        let Ok(after) = step_once(&mut driver, &action, &mut input) else { return };
        action = after;
    }
}

fn step_once(driver: &mut Driver, action: &Action, input: &mut Unstructured<'_>) -> Result<Action> {
    if input.is_empty() {
        return Err(arbitrary::Error::NotEnoughData);
    }
    if *action == Action::Wait {
        driver.pass_timeout();
    }
    if input.ratio(1, 6)? {
        driver.now.wall = if input.arbitrary()? { input.arbitrary::<u64>()? % MAX_TIME } else { WALL_TIME };
        driver.pass(u64::from(input.arbitrary::<u32>()?));
    }
    let is_random = input.ratio(1, 5)?;
    let choice = if is_random { input.int_in_range(0..=17)? } else { likely_event(action, input)? };
    let body = if matches!(choice, 7 | 11 | 13) { Some(body(input)?) } else { None };
    let event = match choice {
        0 => Event::Start { offline: input.arbitrary()? },
        1 => Event::Timeout,
        2 => Event::PageWoke { online: input.arbitrary()?, waiting: input.arbitrary::<u8>()?.into() },
        3 => Event::KeyReceived(checks::key()),
        4 => Event::KeyFailed(KeyFailure::Threw),
        5 => Event::PermitAcquired { offline: input.arbitrary()? },
        6 => Event::NetworkError,
        7 => Event::Reply(reply(body.as_ref(), input)?),
        8 => Event::CallbackResolved,
        9 => Event::CallbackRejected,
        10 => Event::OnStatusReturned,
        11 => Event::ReplyTruncated(reply(body.as_ref(), input)?),
        12 => Event::TimerFailed,
        13 => Event::Aborted(Some(reply(body.as_ref(), input)?)),
        14 => Event::Aborted(None),
        15 => Event::BodyNeverRead,
        16 => Event::FileTruncated,
        _ => {
            let file = file(input)?;
            Event::FileReceived { status: file.status, content_type: file.check() }
        }
    };
    if input.ratio(1, 8)? {
        driver.call.on_whole_document(driver.now);
    }
    Ok(driver.step(event))
}

/// An event that can follow from the action.
fn likely_event(action: &Action, input: &mut Unstructured<'_>) -> Result<u8> {
    Ok(*match action {
        Action::Wait => input.choose(&[1, 1, 1, 2])?,
        Action::RequestKey { .. } => input.choose(&[3, 3, 3, 4])?,
        Action::AcquirePermit => &5,
        Action::Send(request) if request.purpose == Purpose::Download => input.choose(&[17, 17, 16, 6, 1])?,
        Action::Send(_) => input.choose(&[7, 7, 7, 7, 7, 7, 6, 1, 11, 13, 15])?,
        Action::CallOnSubmitted | Action::CallOnSubmitting => input.choose(&[8, 8, 8, 9])?,
        Action::CallOnStatus => &10,
        Action::Settle(_) | Action::SettleFile(_) | Action::SettleAbsent => &14,
    })
}

fn body(input: &mut Unstructured<'_>) -> Result<Foreign> {
    if input.ratio(1, 6)? {
        return Foreign::arbitrary(input);
    }
    let mut value = Foreign::from(&shapes::pick(&shapes::REPLIES, input)?);
    for _ in 0..input.int_in_range(0..=3)? {
        value.mutate(input)?;
    }
    Ok(value)
}

fn reply<'a>(body: Option<&'a Foreign>, input: &mut Unstructured<'_>) -> Result<Reply<ForeignView<'a>>> {
    const STATUSES: [u16; 15] = [200, 200, 200, 200, 201, 0, 302, 303, 400, 401, 403, 404, 408, 429, 503];
    // The driver reads any other status as 0.
    let status = if input.ratio(1, 10)? { input.int_in_range(0..=999)? } else { *input.choose(&STATUSES)? };
    let body = match body {
        Some(body) if !input.ratio(1, 12)? => Body::Json(ForeignView::new(body)),
        _ if input.arbitrary()? => Body::NotJson,
        _ => Body::Incomplete,
    };
    let retry_after = if input.ratio(1, 4)? {
        Some(RetryAfter { text: input.arbitrary::<u32>()?.to_string(), date: input.arbitrary()? })
    } else {
        None
    };
    let inference_id = if input.ratio(1, 4)? { Some(foreign::text(input)?) } else { None };
    let cacheable = input.arbitrary()?;
    Ok(Reply { status, redirect: matches!(status, 0 | 302 | 303), body, retry_after, inference_id, cacheable })
}

fn snapshot(input: &mut Unstructured<'_>, now: Now) -> Result<Generation> {
    let mut value = Foreign::from(&shapes::pick(&shapes::SNAPSHOTS, input)?);
    for _ in 0..input.int_in_range(0..=3)? {
        value.mutate(input)?;
    }
    let mut known = Generation::read(&ForeignView::new(&value), now)
        .unwrap_or_else(|_| Generation::new("a:b/c".into(), now).into());
    // An error that contains a secret already is the caller's; the prompt is searched for.
    known.error = known.error.filter(|words| !checks::SECRETS.iter().any(|secret| words.contains(secret)));
    known.audio = None;
    known.status = if known.status.is_final() { Status::Generating } else { known.status };
    known.request = known.request.map(|request| AudioRequest { prompt: checks::PROMPT.into(), ..request });
    Ok(*known)
}

fn request(input: &mut Unstructured<'_>) -> Result<AudioRequest> {
    let mut value = Foreign::from(&shapes::pick(&shapes::OPTIONS, input)?);
    value.mutate(input)?;
    let request = AudioRequest::read(&ForeignView::new(&value)).unwrap_or_else(|_| audio_request());
    Ok(AudioRequest { prompt: checks::PROMPT.into(), ..request })
}

fn audio_request() -> AudioRequest {
    AudioRequest { prompt: checks::PROMPT.into(), seconds_start: None, seconds_total: Some(30), steps: None }
}

/// Where all calls go.
fn endpoint() -> Endpoint {
    Endpoint::new("https://api.aimlapi.com/", "", true, None).unwrap_or_default()
}

fn source() -> AudioSource {
    AudioSource { url: "https://cdn.example/x.wav".into(), file_size: None }
}

fn file(input: &mut Unstructured<'_>) -> Result<ReceivedFile> {
    Ok(ReceivedFile {
        status: *input.choose(&[200, 200, 200, 206, 404, 0])?,
        ended: input.arbitrary()?,
        label: foreign::text(input)?,
        start: input.bytes(input.len().min(12))?.to_vec(),
        loaded: input.arbitrary()?,
        file_size: input.arbitrary()?,
        ..ReceivedFile::default()
    })
}
