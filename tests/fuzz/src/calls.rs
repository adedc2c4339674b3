//! A call, in every state, met by what happens and by what never should.

use arbitrary::{Arbitrary, Result, Unstructured};
use protocol::{
    Action, AudioRequest, AudioSource, Body, Call, Context, Endpoint, Event, Generation, Goal, KeyFailure, Lookup, Now,
    OriginState, PollInterval, Purpose, ReceivedFile, Recovery, Reply, RetryAfter, Rng, Status, Subject, Untrusted,
};

use crate::checks;
use crate::foreign::{self, Foreign, Seen};
use crate::shapes;

const NOON: u64 = 1_795_000_000_000;
/// Every kind of call.
pub(crate) const GOALS: [Goal; 6] =
    [Goal::Generate, Goal::Submit, Goal::Check, Goal::Wait, Goal::Recover, Goal::Download];
/// JavaScript's clocks count no further.
const LAST: u64 = 8_640_000_000_000_000;

/// Does what the machine says, and looks at everything that it gives out.
#[derive(Debug)]
pub(crate) struct Driver {
    call: Call,
    goal: Goal,
    now: Now,
    origin_state: OriginState,
    rng: Loaded,
    sent_key: bool,
}

/// `Math.random`, which a page may have replaced.
#[derive(Debug)]
struct Loaded(f64);

impl Rng for Loaded {
    fn next_f64(&mut self) -> f64 {
        self.0
    }
}

impl Driver {
    /// A call with everything as usual.
    pub(crate) fn new(goal: Goal) -> Self {
        let now = Now { wall: NOON, monotonic: 0 };
        let subject = match goal {
            Goal::Generate | Goal::Submit => Subject::submit(whales(), None),
            Goal::Check | Goal::Wait => {
                let mut generation = Generation::new("a:b/c".into(), now);
                generation.request = Some(whales());
                Subject::poll(generation)
            }
            Goal::Recover => {
                Subject::recover(Lookup::for_past_submit(Recovery::Server, checks::NAME.into(), None, now))
            }
            Goal::Download => Subject::download(source()),
        };
        let call = Call::new(goal, endpoint(), subject, 60_000, PollInterval::Adaptive);
        Self {
            call: call.with_key(checks::key()),
            goal,
            now,
            origin_state: OriginState::default(),
            rng: Loaded(0.5),
            sent_key: false,
        }
    }

    fn any(input: &mut Unstructured<'_>) -> Result<Self> {
        const TIMES: [u64; 6] = [1, 999, 8_000, 30_000, 600_000, u64::MAX];
        const ROLLS: [f64; 7] = [0.0, 0.5, 0.999_999, f64::NAN, f64::INFINITY, -1.0, 1e300];
        let goal = *input.choose(&GOALS)?;
        let looks_up = input.arbitrary()?;
        let recovery = *input.choose(&[Recovery::Server, Recovery::Logs])?;
        let now = Now { wall: *input.choose(&[0, NOON, LAST])?, monotonic: *input.choose(&[0, 5_000, LAST])? };
        let timeout = if input.arbitrary()? { *input.choose(&TIMES)? } else { input.arbitrary()? };
        let poll_interval =
            if input.arbitrary()? { PollInterval::Adaptive } else { PollInterval::Fixed(*input.choose(&TIMES)?) };
        let subject = match goal {
            Goal::Generate | Goal::Submit => {
                let request = request(input)?;
                let lookup = Lookup::new(recovery, checks::NAME.into(), input.arbitrary()?);
                Subject::submit(request, Some(lookup).filter(|_| looks_up))
            }
            Goal::Recover => {
                let sent = input.choose(&[None, Some(0), Some(NOON), Some(LAST)])?;
                Subject::recover(Lookup::for_past_submit(recovery, checks::NAME.into(), *sent, now))
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
            rng: Loaded(*input.choose(&ROLLS)?),
            sent_key: false,
        })
    }

    /// Lets time pass by both clocks.
    pub(crate) fn pass(&mut self, span: u64) {
        self.now.wall = self.now.wall.saturating_add(span).min(LAST);
        self.now.monotonic = self.now.monotonic.saturating_add(span).min(LAST);
    }

    /// One step of the machine, and a look at all that can be seen of it.
    pub(crate) fn step<V: Untrusted>(&mut self, event: Event<V>) -> Action {
        let id = self.call.generation().map(|generation| generation.id.clone());
        let context = &mut Context { now: self.now, origin_state: &mut self.origin_state, rng: &mut self.rng };
        let next = self.call.step(event, context);
        if let Action::Send(request) = &next {
            self.sent_key |= request.headers.iter().any(|(name, _)| *name == "Authorization");
            assert!(!request.url.contains(checks::KEY), "the key is in a URL");
            if request.stream_body {
                self.call.on_body_streamed();
            }
        }
        // A driver asks for the limit of whatever it is about to do.
        let _ = self.call.poll_timeout(self.now);
        let told = match &next {
            Action::Settle(Ok(generation)) => {
                self.resolved(generation);
                Some(&**generation)
            }
            Action::Settle(Err(error)) => {
                let kept = error.generation.as_ref().map(|generation| generation.id.clone());
                assert!(id.is_none() || kept == id, "an error lost the job");
                error.generation.as_deref()
            }
            Action::CallOnSubmitted | Action::CallOnStatus => self.call.generation(),
            _ => return next,
        };
        let secrets = self.secrets();
        if let Action::Settle(settled) = &next {
            assert!(self.call.generation().is_none(), "the call did not settle with all that it knew");
            if let Err(error) = settled {
                checks::error(error, &secrets);
            }
        }
        if let Some(generation) = told {
            checks::generation(generation);
            checks::words(generation, &secrets);
        }
        next
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

/// Any call, and up to a hundred things that happen to it.
pub(crate) fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok(mut driver) = Driver::any(&mut input) else { return };
    let mut next = driver.step::<Seen<'_>>(Event::Start { offline: false });
    for _ in 0..100 {
        let Ok(after) = happen(&mut driver, &next, &mut input) else { return };
        next = after;
    }
}

fn happen(driver: &mut Driver, next: &Action, input: &mut Unstructured<'_>) -> Result<Action> {
    if input.is_empty() {
        return Err(arbitrary::Error::NotEnoughData);
    }
    if let Action::Wait(span) = next {
        driver.pass((*span).min(LAST));
    }
    if input.ratio(1, 6)? {
        driver.now.wall = if input.arbitrary()? { input.arbitrary::<u64>()? % LAST } else { NOON };
        driver.pass(u64::from(input.arbitrary::<u32>()?));
    }
    let wild = input.ratio(1, 5)?;
    let choice = if wild { input.int_in_range(0..=17)? } else { expected(next, input)? };
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

/// What may come of doing as the machine said.
fn expected(next: &Action, input: &mut Unstructured<'_>) -> Result<u8> {
    Ok(*match next {
        Action::Wait(_) => input.choose(&[1, 1, 1, 2])?,
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

fn reply<'a>(body: Option<&'a Foreign>, input: &mut Unstructured<'_>) -> Result<Reply<Seen<'a>>> {
    const STATUSES: [u16; 15] = [200, 200, 200, 200, 201, 0, 302, 303, 400, 401, 403, 404, 408, 429, 503];
    // The driver reads any other status as 0.
    let status = if input.ratio(1, 10)? { input.int_in_range(0..=999)? } else { *input.choose(&STATUSES)? };
    let body = match body {
        Some(body) if !input.ratio(1, 12)? => Body::Json(Seen::of(body)),
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
    let mut known =
        Generation::read(&Seen::of(&value), now).unwrap_or_else(|_| Generation::new("a:b/c".into(), now).into());
    // Words that the caller put there are the caller's; the prompt is one to look for.
    known.error = known.error.filter(|words| !checks::SECRETS.iter().any(|secret| words.contains(secret)));
    known.audio = None;
    known.status = if known.status.is_final() { Status::Generating } else { known.status };
    known.request = known.request.map(|request| AudioRequest { prompt: checks::PROMPT.into(), ..request });
    Ok(*known)
}

fn request(input: &mut Unstructured<'_>) -> Result<AudioRequest> {
    let mut value = Foreign::from(&shapes::pick(&shapes::OPTIONS, input)?);
    value.mutate(input)?;
    let request = AudioRequest::read(&Seen::of(&value)).unwrap_or_else(|_| whales());
    Ok(AudioRequest { prompt: checks::PROMPT.into(), ..request })
}

fn whales() -> AudioRequest {
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
