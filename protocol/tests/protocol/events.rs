//! Any sequence of events, sensible or not, keeps what the machine promises.

use proptest::prelude::*;
use protocol::{
    Action, Body, CHECK_TIMEOUT_MS, Call, Context, Event, Generation, Goal, KeyFailure, Now, OriginState, PollInterval,
    Purpose, Recovery, Reply, RetryAfter, Rng, is_web_url,
};
use serde_json::{Value, json};

use crate::bodies::any_body;
use crate::driver::{
    ID, KEY, PROMPT, URL, api_key, at, known, poll_call, recover_call, recoverable_call, request, submit_call,
};

#[derive(Clone, Debug)]
enum Happens {
    Begin,
    Elapsed,
    Woken(bool, bool),
    Key(bool),
    NoKey,
    Entered(bool),
    Reply(u16, Option<Value>, bool, Option<u32>),
    Lost,
    Unread,
    Stored,
    StoreFailed,
    Reported,
    Aborted,
    /// What fits the machine's last word.
    Fitting,
}

/// How time goes on before the event: both clocks, the wall clock alone (either way), or not.
type Step = (Happens, u32, i64);

fn likely_body() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"id": ID, "status": "queued"})),
        Just(json!({"id": ID, "status": "generating"})),
        Just(json!({"id": ID, "status": "completed", "audio_file": {"url": URL}})),
        Just(json!({"id": ID, "status": "completed", "audio_file": null})),
        Just(json!({"id": ID, "status": "odd"})),
        likely_lookup(),
        Just(json!({"data": [{"client_request_id": LOOKED_UP, "inference_id": ID}]})),
        Just(json!({"data": [{"client_request_id": "another", "inference_id": "b"}]})),
        Just(json!({"message": format!("no {KEY} and no {PROMPT}")})),
        any_body(),
    ]
}

const LOOKED_UP: &str = "key-1";

/// What a server half says, more or less.
fn likely_lookup() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![LOOKED_UP, LOOKED_UP, LOOKED_UP, "another"]);
    let state = prop::sample::select(vec!["none", "none", "sending", "unknown", "accepted", "odd"]);
    let reach = prop::sample::select(vec![0, 10_000, 100_000, 86_400_000]);
    (key, state, reach).prop_map(|(key, state, reach)| {
        json!({"idempotencyKey": key, "state": state, "reach": reach, "reply": {"id": ID, "status": "queued"}})
    })
}

fn happens() -> impl Strategy<Value = Happens> {
    let status = prop::sample::select(vec![
        0, 200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 408, 411, 425, 429, 500, 501, 503, 524,
    ]);
    let body = prop::option::weighted(0.8, likely_body());
    prop_oneof![
        20 => Just(Happens::Fitting),
        20 => (status, body, prop::bool::weighted(0.05), prop::option::weighted(0.3, 0..4000_u32))
            .prop_map(|(status, body, redirect, after)| Happens::Reply(status, body, redirect, after)),
        1 => Just(Happens::Begin),
        3 => Just(Happens::Elapsed),
        3 => (any::<bool>(), any::<bool>()).prop_map(|(online, many)| Happens::Woken(online, many)),
        1 => any::<bool>().prop_map(Happens::Key),
        1 => Just(Happens::NoKey),
        1 => prop::bool::weighted(0.1).prop_map(Happens::Entered),
        2 => Just(Happens::Lost),
        2 => Just(Happens::Unread),
        1 => Just(Happens::Stored),
        1 => Just(Happens::StoreFailed),
        1 => Just(Happens::Reported),
        1 => Just(Happens::Aborted),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pause = prop_oneof![Just(0), 0..2_000_u32, 0..60_000_u32];
    let jump = prop_oneof![20 => Just(0_i64), 1 => -100_000..100_000_i64, 1 => Just(86_400_000)];
    prop::collection::vec((happens(), pause, jump), 1..80)
}

struct Lcg(u64);

impl Rng for Lcg {
    #[expect(clippy::cast_precision_loss, reason = "31 bits fit")]
    fn next_f64(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as f64 / (1_u64 << 31) as f64
    }
}

/// What the machine asked for last.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Requested {
    Nothing,
    Sleep,
    Key,
    Permit,
    Submit,
    Poll,
    Lookup,
    Callback,
    OnStatus,
}

fn asked(action: &Action) -> Requested {
    match action {
        Action::Wait => Requested::Sleep,
        Action::RequestKey { .. } => Requested::Key,
        Action::AcquirePermit => Requested::Permit,
        Action::Send(request) => match request.purpose {
            Purpose::Submit => Requested::Submit,
            Purpose::Poll => Requested::Poll,
            Purpose::Lookup | Purpose::Download => Requested::Lookup,
        },
        Action::CallOnSubmitted | Action::CallOnSubmitting => Requested::Callback,
        Action::CallOnStatus => Requested::OnStatus,
        Action::Settle(_) | Action::SettleFile(_) | Action::SettleAbsent => Requested::Nothing,
    }
}

fn event<'a>(happens: &'a Happens, last: Requested, limit: u64, now: &mut Now) -> Event<Option<&'a Value>> {
    match happens {
        Happens::Begin => Event::Start { offline: false },
        Happens::Elapsed => Event::Timeout,
        Happens::Woken(online, many) => Event::PageWoke { online: *online, waiting: if *many { 9 } else { 1 } },
        Happens::Key(new) => Event::KeyReceived(api_key(if *new { "sk-another-key-here" } else { KEY })),
        Happens::NoKey => Event::KeyFailed(KeyFailure::Threw),
        Happens::Entered(offline) => Event::PermitAcquired { offline: *offline },
        Happens::Lost => Event::NetworkError,
        Happens::Unread => Event::BodyNeverRead,
        Happens::Stored => Event::CallbackResolved,
        Happens::StoreFailed => Event::CallbackRejected,
        Happens::Reported => Event::OnStatusReturned,
        Happens::Aborted => Event::Aborted(None),
        Happens::Reply(status, body, redirect, after) => Event::Reply(Reply {
            status: *status,
            redirect: *redirect || (300..400).contains(status),
            body: body.as_ref().map_or(Body::NotJson, |body| Body::Json(Some(body))),
            retry_after: after.map(|after| RetryAfter { text: after.to_string(), date: f64::NAN }),
            inference_id: None,
            cacheable: false,
        }),
        Happens::Fitting => match last {
            Requested::Key => Event::KeyReceived(api_key(KEY)),
            Requested::Permit => Event::PermitAcquired { offline: false },
            Requested::Callback => Event::CallbackResolved,
            Requested::OnStatus => Event::OnStatusReturned,
            _ => {
                if limit < 100_000_000 {
                    now.wall += limit;
                    now.monotonic += limit;
                }
                Event::Timeout
            }
        },
    }
}

/// Whether that came to a submit that cannot have been billed and may be sent again.
fn refuses(event: &Event<Option<&Value>>, streamed: bool) -> bool {
    match event {
        Event::Reply(Reply { status: 401 | 429, .. }) => true,
        Event::BodyNeverRead | Event::Reply(Reply { status: 400 | 411 | 413 | 415 | 501, .. }) => streamed,
        _ => false,
    }
}

/// Whether the reply lets the submit be sent again: nothing of it is kept, as far back as it was sent.
fn says_none(event: &Event<Option<&Value>>, sent: Now, now: Now) -> bool {
    let age = now.wall.saturating_sub(sent.wall).max(now.monotonic.saturating_sub(sent.monotonic));
    let Event::Reply(Reply { status: 200..=299, body: Body::Json(Some(body)), .. }) = event else { return false };
    body["idempotencyKey"] == LOOKED_UP && body["state"] == "none" && body["reach"].as_u64().unwrap_or(0) >= age + 5_000
}

fn calls() -> impl Strategy<Value = (Goal, u64, PollInterval, bool, bool, Option<Recovery>)> {
    (
        prop::sample::select(vec![Goal::Generate, Goal::Submit, Goal::Check, Goal::Wait, Goal::Recover]),
        prop::sample::select(vec![1, 1_000, 5_000, 30_000, 600_000, u64::MAX]),
        prop::sample::select(vec![PollInterval::Adaptive, PollInterval::Fixed(1_000), PollInterval::Fixed(10_000)]),
        any::<bool>(),
        any::<bool>(),
        prop::sample::select(vec![None, Some(Recovery::Server), Some(Recovery::Logs)]),
    )
}

fn call_of(goal: Goal, timeout: u64, poll_interval: PollInterval, asks: bool, recovery: Option<Recovery>) -> Call {
    let call = match goal {
        Goal::Generate | Goal::Submit if recovery.is_some() => {
            let recovery = recovery.unwrap_or(Recovery::Logs);
            recoverable_call(goal, timeout, poll_interval, recovery, LOOKED_UP, asks)
        }
        Goal::Recover => {
            let recovery = recovery.unwrap_or(Recovery::Server);
            recover_call(recovery, LOOKED_UP, Some(at(0).wall), timeout, at(0))
        }
        Goal::Generate | Goal::Submit => submit_call(goal, timeout, poll_interval),
        Goal::Check | Goal::Wait | Goal::Download => {
            let generation = Generation { request: Some(request()), ..Generation::new(ID.into(), at(0)) };
            poll_call(goal, generation, timeout, poll_interval)
        }
    };
    if asks { call.with_key_function() } else { call.with_key(api_key(KEY)) }
}

fn run(
    (goal, timeout, poll_interval, asks, streams, recovery): (Goal, u64, PollInterval, bool, bool, Option<Recovery>),
    seed: u64,
    steps: &[Step],
) -> Result<(), TestCaseError> {
    let call = call_of(goal, timeout, poll_interval, asks, recovery);
    let mut call = if streams { call.with_streamed_submits() } else { call };
    let mut streamed = false;
    let (mut origin_state, mut rng, mut now) = (OriginState::default(), Lcg(seed), at(0));
    let mut last = Requested::Nothing;
    let (mut settled, mut under_way, mut accepted) = (false, false, false);
    // The service may then name a key that it was never sent.
    let mut other_key = false;
    let mut last_get = None;
    let (mut sent, mut looked) = (None, false);
    for (number, (happens, pause, jump)) in steps.iter().enumerate() {
        now.wall += u64::from(*pause);
        now.monotonic += u64::from(*pause);
        now.wall = now.wall.saturating_add_signed(*jump);
        let begin = Happens::Begin;
        let happens = if number == 0 { &begin } else { happens };
        let limit = call.poll_timeout(now);
        let event = event(happens, last, limit, &mut now);
        // A refusal that cannot have been billed is all after which a POST may follow.
        let refused = last == Requested::Submit && refuses(&event, streamed);
        let absent = recovery == Some(Recovery::Server) && last == Requested::Lookup;
        let absent = absent && sent.is_some_and(|sent| says_none(&event, sent, now));
        let good = matches!(&event, Event::Reply(Reply { status: 200..=299, .. }));
        accepted |= last == Requested::Submit && recovery.is_none() && good;
        under_way &= !refused && !absent;
        other_key |= matches!(happens, Happens::Key(true));
        let id = call.generation().map(|generation| generation.id.clone());
        let action = call.step(event, &mut Context { now, origin_state: &mut origin_state, rng: &mut rng });
        let settles = matches!(action, Action::Settle(_) | Action::SettleAbsent);
        prop_assert!(!settled || settles, "after the end: {:?}", action);
        match &action {
            Action::Send(request) if request.purpose == Purpose::Submit => {
                prop_assert!(matches!(goal, Goal::Generate | Goal::Submit));
                prop_assert!(!under_way && !accepted && call.generation().is_none(), "a second POST");
                under_way = true;
                streamed = request.stream_body;
                if streamed {
                    call.on_body_streamed();
                }
                sent.get_or_insert(now);
            }
            Action::Send(request) => {
                let polls = request.purpose == Purpose::Poll;
                prop_assert_eq!(polls, call.generation().is_some());
                let asked_for = if polls { goal != Goal::Submit } else { goal == Goal::Recover || sent.is_some() };
                prop_assert!(asked_for);
                if let (Some(before), true) = (last_get, polls && goal != Goal::Check) {
                    prop_assert!(now.monotonic - before >= 1_000, "two polls within {} ms", now.monotonic - before);
                }
                last_get = if polls { Some(now.monotonic) } else { last_get };
                looked |= !polls;
                prop_assert!(call.poll_timeout(now) <= CHECK_TIMEOUT_MS);
            }
            Action::Wait => prop_assert!(call.poll_timeout(now) < u64::MAX),
            Action::CallOnSubmitted => prop_assert!(goal == Goal::Generate && call.generation().is_some()),
            Action::CallOnStatus => prop_assert!(matches!(goal, Goal::Generate | Goal::Wait)),
            Action::RequestKey { .. } => prop_assert!(asks),
            Action::AcquirePermit => {}
            Action::CallOnSubmitting | Action::SettleFile(_) => prop_assert!(false, "{:?}", action),
            Action::SettleAbsent => prop_assert!(goal == Goal::Recover && recovery != Some(Recovery::Logs)),
            Action::Settle(Ok(generation)) => {
                if matches!(goal, Goal::Generate | Goal::Wait) {
                    prop_assert!(generation.audio.is_some(), "resolved without a track");
                }
                if let Some(audio) = &generation.audio {
                    prop_assert!(is_web_url(&audio.url));
                }
            }
            Action::Settle(Err(error)) => {
                let shown = format!("{} {:?}", error.message(), error.request_id);
                prop_assert!((!shown.contains(KEY) || other_key), "{}", shown);
                let kept = error.generation.as_ref().map(|generation| generation.id.clone());
                prop_assert!(id.is_none() || kept == id, "a lost job");
                let known_again = recovery == Some(Recovery::Server) && asks && error.code() == "submit_unknown";
                let submits = matches!(goal, Goal::Generate | Goal::Submit);
                if !settled && submits && !known_again && error.code() != "generation_failed" {
                    prop_assert!(!error.retryable || (!under_way && !accepted), "could bill twice: {}", shown);
                }
            }
        }
        if let (Action::Settle(Err(error)), false, true) = (&action, settled, looked) {
            let free = ["rate_limited", "offline", "unauthorized", "credentials_failed", "deadline", "rejected"];
            let tells = error.generation.is_some() || !free.contains(&error.code());
            prop_assert!(tells, "an unknown outcome is called {}", error.code());
        }
        settled |= settles;
        if !settled && timeout < u64::MAX {
            prop_assert!(call.poll_timeout(now) <= timeout.max(CHECK_TIMEOUT_MS));
        }
        prop_assert!(!settled || call.generation().is_none(), "the call did not settle with all that it knew");
        if let Some(generation) = known(&call, &action) {
            let snapshot = serde_json::to_value(generation).unwrap();
            let again = Generation::read(&Some(&snapshot), now).map_err(|error| error.message());
            prop_assert_eq!(again.as_deref(), Ok(generation));
            if generation.id != KEY && generation.audio.is_none() && !other_key {
                prop_assert!(!snapshot.to_string().contains(KEY), "{}", snapshot);
            }
        }
        last = asked(&action);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn a_call_keeps_its_promises_under_any_sequence_of_events(
        call in calls(),
        seed in any::<u64>(),
        steps in steps(),
    ) {
        run(call, seed, &steps)?;
    }
}
