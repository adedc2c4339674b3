//! The state machine keeps its promises under any sequence of events, possible or not.

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
enum TestEvent {
    Start,
    Timeout,
    PageWoke(bool, bool),
    KeyReceived(bool),
    KeyFailed,
    PermitAcquired(bool),
    Reply(u16, Option<Value>, bool, Option<u32>),
    NetworkError,
    BodyNeverRead,
    CallbackResolved,
    CallbackRejected,
    OnStatusReturned,
    Aborted,
    /// An event that can follow from the last action.
    Expected,
}

/// How time goes on before the event: both clocks, the wall clock alone (either way), or not.
type Step = (TestEvent, u32, i64);

fn likely_body() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"id": ID, "status": "queued"})),
        Just(json!({"id": ID, "status": "generating"})),
        Just(json!({"id": ID, "status": "completed", "audio_file": {"url": URL}})),
        Just(json!({"id": ID, "status": "completed", "audio_file": null})),
        Just(json!({"id": ID, "status": "odd"})),
        likely_lookup(),
        Just(json!({"data": [{"client_request_id": SUBMIT_KEY, "inference_id": ID}]})),
        Just(json!({"data": [{"client_request_id": "another", "inference_id": "b"}]})),
        Just(json!({"message": format!("no {KEY} and no {PROMPT}")})),
        any_body(),
    ]
}

const SUBMIT_KEY: &str = "key-1";

/// Something like the reply of a server half to a look-up.
fn likely_lookup() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![SUBMIT_KEY, SUBMIT_KEY, SUBMIT_KEY, "another"]);
    let state = prop::sample::select(vec!["none", "none", "sending", "unknown", "accepted", "odd"]);
    let reach = prop::sample::select(vec![0, 10_000, 100_000, 86_400_000]);
    (key, state, reach).prop_map(|(key, state, reach)| {
        json!({"idempotencyKey": key, "state": state, "reach": reach, "reply": {"id": ID, "status": "queued"}})
    })
}

fn any_event() -> impl Strategy<Value = TestEvent> {
    let status = prop::sample::select(vec![
        0, 200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 408, 411, 425, 429, 500, 501, 503, 524,
    ]);
    let body = prop::option::weighted(0.8, likely_body());
    prop_oneof![
        20 => Just(TestEvent::Expected),
        20 => (status, body, prop::bool::weighted(0.05), prop::option::weighted(0.3, 0..4000_u32))
            .prop_map(|(status, body, redirect, after)| TestEvent::Reply(status, body, redirect, after)),
        1 => Just(TestEvent::Start),
        3 => Just(TestEvent::Timeout),
        3 => (any::<bool>(), any::<bool>()).prop_map(|(online, many)| TestEvent::PageWoke(online, many)),
        1 => any::<bool>().prop_map(TestEvent::KeyReceived),
        1 => Just(TestEvent::KeyFailed),
        1 => prop::bool::weighted(0.1).prop_map(TestEvent::PermitAcquired),
        2 => Just(TestEvent::NetworkError),
        2 => Just(TestEvent::BodyNeverRead),
        1 => Just(TestEvent::CallbackResolved),
        1 => Just(TestEvent::CallbackRejected),
        1 => Just(TestEvent::OnStatusReturned),
        1 => Just(TestEvent::Aborted),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pause = prop_oneof![Just(0), 0..2_000_u32, 0..60_000_u32];
    let jump = prop_oneof![20 => Just(0_i64), 1 => -100_000..100_000_i64, 1 => Just(86_400_000)];
    prop::collection::vec((any_event(), pause, jump), 1..80)
}

struct Lcg(u64);

impl Rng for Lcg {
    #[expect(clippy::cast_precision_loss, reason = "31 bits fit")]
    fn next_f64(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as f64 / (1_u64 << 31) as f64
    }
}

/// What the last action requested.
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

fn requested(action: &Action) -> Requested {
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

fn event<'a>(test_event: &'a TestEvent, last: Requested, limit: u64, now: &mut Now) -> Event<Option<&'a Value>> {
    match test_event {
        TestEvent::Start => Event::Start { offline: false },
        TestEvent::Timeout => Event::Timeout,
        TestEvent::PageWoke(online, many) => Event::PageWoke { online: *online, waiting: if *many { 9 } else { 1 } },
        TestEvent::KeyReceived(new) => Event::KeyReceived(api_key(if *new { "sk-another-key-here" } else { KEY })),
        TestEvent::KeyFailed => Event::KeyFailed(KeyFailure::Threw),
        TestEvent::PermitAcquired(offline) => Event::PermitAcquired { offline: *offline },
        TestEvent::NetworkError => Event::NetworkError,
        TestEvent::BodyNeverRead => Event::BodyNeverRead,
        TestEvent::CallbackResolved => Event::CallbackResolved,
        TestEvent::CallbackRejected => Event::CallbackRejected,
        TestEvent::OnStatusReturned => Event::OnStatusReturned,
        TestEvent::Aborted => Event::Aborted(None),
        TestEvent::Reply(status, body, redirect, after) => Event::Reply(Reply {
            status: *status,
            redirect: *redirect || (300..400).contains(status),
            body: body.as_ref().map_or(Body::NotJson, |body| Body::Json(Some(body))),
            retry_after: after.map(|after| RetryAfter { text: after.to_string(), date: f64::NAN }),
            inference_id: None,
            cacheable: false,
        }),
        TestEvent::Expected => match last {
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

/// Whether the event shows that the submit in flight was not billed and may be sent again.
fn is_refusal(event: &Event<Option<&Value>>, streamed: bool) -> bool {
    match event {
        Event::Reply(Reply { status: 401 | 429, .. }) => true,
        Event::BodyNeverRead | Event::Reply(Reply { status: 400 | 411 | 413 | 415 | 501, .. }) => streamed,
        _ => false,
    }
}

/// Whether the reply allows the submit to be sent again: a `none` whose reach is longer than the submit is old.
fn is_believable_none(event: &Event<Option<&Value>>, sent: Now, now: Now) -> bool {
    let age = now.wall.saturating_sub(sent.wall).max(now.monotonic.saturating_sub(sent.monotonic));
    let Event::Reply(Reply { status: 200..=299, body: Body::Json(Some(body)), .. }) = event else { return false };
    body["idempotencyKey"] == SUBMIT_KEY
        && body["state"] == "none"
        && body["reach"].as_u64().unwrap_or(0) >= age + 5_000
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

fn call_of(
    goal: Goal,
    timeout: u64,
    poll_interval: PollInterval,
    has_key_function: bool,
    recovery: Option<Recovery>,
) -> Call {
    let call = match goal {
        Goal::Generate | Goal::Submit if recovery.is_some() => {
            let recovery = recovery.unwrap_or(Recovery::Logs);
            recoverable_call(goal, timeout, poll_interval, recovery, SUBMIT_KEY, has_key_function)
        }
        Goal::Recover => {
            let recovery = recovery.unwrap_or(Recovery::Server);
            recover_call(recovery, SUBMIT_KEY, Some(at(0).wall), timeout, at(0))
        }
        Goal::Generate | Goal::Submit => submit_call(goal, timeout, poll_interval),
        Goal::Check | Goal::Wait | Goal::Download => {
            let generation = Generation { request: Some(request()), ..Generation::new(ID.into(), at(0)) };
            poll_call(goal, generation, timeout, poll_interval)
        }
    };
    if has_key_function { call.with_key_function() } else { call.with_key(api_key(KEY)) }
}

fn run(
    (goal, timeout, poll_interval, has_key_function, streams, recovery): (
        Goal,
        u64,
        PollInterval,
        bool,
        bool,
        Option<Recovery>,
    ),
    seed: u64,
    steps: &[Step],
) -> Result<(), TestCaseError> {
    let call = call_of(goal, timeout, poll_interval, has_key_function, recovery);
    let mut call = if streams { call.with_streamed_submits() } else { call };
    let mut streamed = false;
    let (mut origin_state, mut rng, mut now) = (OriginState::default(), Lcg(seed), at(0));
    let mut last = Requested::Nothing;
    let (mut settled, mut in_flight, mut accepted) = (false, false, false);
    // The service may then repeat a key that was never sent to it.
    let mut other_key = false;
    let mut last_get = None;
    let (mut sent, mut has_looked_up) = (None, false);
    for (number, (test_event, pause, jump)) in steps.iter().enumerate() {
        now.wall += u64::from(*pause);
        now.monotonic += u64::from(*pause);
        now.wall = now.wall.saturating_add_signed(*jump);
        let start = TestEvent::Start;
        let test_event = if number == 0 { &start } else { test_event };
        let limit = call.poll_timeout(now);
        let event = event(test_event, last, limit, &mut now);
        // Only a refusal that was not billed may be followed by another POST.
        let refused = last == Requested::Submit && is_refusal(&event, streamed);
        let absent = recovery == Some(Recovery::Server) && last == Requested::Lookup;
        let absent = absent && sent.is_some_and(|sent| is_believable_none(&event, sent, now));
        let good = matches!(&event, Event::Reply(Reply { status: 200..=299, .. }));
        accepted |= last == Requested::Submit && recovery.is_none() && good;
        in_flight &= !refused && !absent;
        other_key |= matches!(test_event, TestEvent::KeyReceived(true));
        let id = call.generation().map(|generation| generation.id.clone());
        let action = call.step(event, &mut Context { now, origin_state: &mut origin_state, rng: &mut rng });
        let settles = matches!(action, Action::Settle(_) | Action::SettleAbsent);
        prop_assert!(!settled || settles, "after the end: {:?}", action);
        match &action {
            Action::Send(request) if request.purpose == Purpose::Submit => {
                prop_assert!(matches!(goal, Goal::Generate | Goal::Submit));
                prop_assert!(!in_flight && !accepted && call.generation().is_none(), "a second POST");
                in_flight = true;
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
                has_looked_up |= !polls;
                prop_assert!(call.poll_timeout(now) <= CHECK_TIMEOUT_MS);
            }
            Action::Wait => prop_assert!(call.poll_timeout(now) < u64::MAX),
            Action::CallOnSubmitted => prop_assert!(goal == Goal::Generate && call.generation().is_some()),
            Action::CallOnStatus => prop_assert!(matches!(goal, Goal::Generate | Goal::Wait)),
            Action::RequestKey { .. } => prop_assert!(has_key_function),
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
                let known_again =
                    recovery == Some(Recovery::Server) && has_key_function && error.code() == "submit_unknown";
                let submits = matches!(goal, Goal::Generate | Goal::Submit);
                if !settled && submits && !known_again && error.code() != "generation_failed" {
                    prop_assert!(!error.retryable || (!in_flight && !accepted), "could bill twice: {}", shown);
                }
            }
        }
        if let (Action::Settle(Err(error)), false, true) = (&action, settled, has_looked_up) {
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
        last = requested(&action);
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
