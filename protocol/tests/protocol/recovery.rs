//! Submits of unknown outcome, and what look-ups find out about them.

use protocol::{
    Action, CallOptions, ClientOptions, Endpoint, Event, Failure, Goal, KeyFailure, PollInterval, Purpose, Recovery,
    Reply, UnknownReason, require_idempotency_key,
};
use serde_json::{Value, json};

use crate::driver::{
    ID, KEY, TestDriver, TestValue, accepted, after, api_key, at, completed, page, recover_call, recoverable_call,
    redirect, reply, status, truncated, untrusted,
};

const SUBMIT_KEY: &str = "0c0ffee0-0000-4000-8000-000000000000";
const TIMEOUT: u64 = 600_000;

fn begin(goal: Goal, recovery: Recovery, from_caller: bool, timeout: u64) -> TestDriver {
    let call = recoverable_call(goal, timeout, PollInterval::Fixed(10_000), recovery, SUBMIT_KEY, from_caller);
    TestDriver::begin(call.with_key(api_key(KEY)))
}

fn generate(recovery: Recovery) -> TestDriver {
    begin(Goal::Generate, recovery, true, TIMEOUT)
}

fn recover(recovery: Recovery, submitted_at: Option<u64>) -> TestDriver {
    TestDriver::begin(recover_call(recovery, SUBMIT_KEY, submitted_at, TIMEOUT, at(0)).with_key(api_key(KEY)))
}

/// The server half's reply about the key, with its reach.
fn state(state: &str, reach: u64) -> Reply<TestValue> {
    reply(200, json!({"idempotencyKey": SUBMIT_KEY, "state": state, "reach": reach}))
}

fn found() -> Reply<TestValue> {
    let body = json!({"id": ID, "status": "queued", "meta": {"usage": {"credits_used": 25200}}});
    reply(200, json!({"idempotencyKey": SUBMIT_KEY, "state": "accepted", "reach": 0, "reply": body}))
}

/// A page of the logs with so many rows of others, and then these.
fn logs(others: usize, rows: &[Value]) -> Reply<TestValue> {
    let other = json!({"client_request_id": "another", "inference_id": "other"});
    let mut data = vec![other; others];
    data.extend_from_slice(rows);
    reply(200, json!({ "data": data }))
}

fn row() -> Value {
    json!({"client_request_id": SUBMIT_KEY, "inference_id": ID, "status": "succeeded"})
}

/// Makes the outcome of the submit unknown, in one of several ways.
fn lose_submit(driver: &mut TestDriver, loss: usize) {
    let reply = match loss {
        0 => {
            driver.step(Event::NetworkError);
            return;
        }
        1 => page(502),
        2 => reply(500, json!({"message": "oops"})),
        3 => page(408),
        4 => redirect(303),
        5 => reply(409, json!({"message": "the first submit is still under way"})),
        6 => reply(201, json!({"message": "thanks"})),
        7 => truncated(201),
        _ => page(200),
    };
    driver.step(Event::Reply(reply));
}

const LOSSES: usize = 9;

/// Gives every look-up this reply until the call settles; returns how long it waited before the last one.
fn reply_to_each_lookup(driver: &mut TestDriver, answer: &Reply<TestValue>) -> u64 {
    let mut last = 0;
    loop {
        match driver.action {
            Action::Wait => last = driver.sleep(),
            Action::Send(_) => {
                driver.reply(answer.clone());
            }
            _ => return last,
        }
    }
}

#[test]
fn a_submit_that_can_be_looked_up_is_given_up_after_a_minute() {
    for recovery in [Recovery::Server, Recovery::Logs] {
        let mut driver = generate(recovery);
        assert_eq!(driver.call.poll_timeout(driver.now), 60_000);
        assert_eq!(driver.time_out(), 60_000);
        assert_eq!(driver.action, Action::Wait);
    }
    let mut plain = TestDriver::generate(TIMEOUT);
    assert_eq!(plain.call.poll_timeout(plain.now), TIMEOUT);
    plain.time_out();
    assert_eq!(plain.failure(), Failure::SubmitUnknown(UnknownReason::TimedOut));
}

#[test]
fn a_page_suspended_past_the_reply_timeout_waits_a_second_for_the_reply() {
    let mut driver = generate(Recovery::Logs);
    driver.advance(120_000);
    assert_eq!(driver.call.poll_timeout(driver.now), 1_000);
    driver.advance(500);
    assert_eq!(driver.call.poll_timeout(driver.now), 500);
    driver.reply(accepted());
    assert_eq!(driver.submitted_snapshots.len(), 1);
}

#[test]
fn the_submit_carries_its_key_in_the_header_of_the_chosen_recovery() {
    let server = generate(Recovery::Server);
    assert_eq!(server.header("Idempotency-Key"), Some(format!("\"{SUBMIT_KEY}\"")));
    let logs = generate(Recovery::Logs);
    assert_eq!(logs.header("X-Client-Request-Id"), Some(SUBMIT_KEY.to_owned()));
    let plain = TestDriver::generate(TIMEOUT);
    assert_eq!((plain.header("Idempotency-Key"), plain.header("X-Client-Request-Id")), (None, None));
}

#[test]
fn the_look_up_url_depends_on_the_recovery() {
    let url = |driver: &TestDriver| driver.request.as_ref().map(|request| request.url.clone()).unwrap_or_default();
    let base = "https://api.aimlapi.com/v2";
    let mut lost = generate(Recovery::Server);
    assert_eq!(url(&lost), format!("{base}/generate/audio"));
    lost.network_error();
    lost.sleep();
    let server = format!("{base}/generate/audio?idempotency_key={SUBMIT_KEY}");
    assert_eq!((url(&lost), url(&recover(Recovery::Server, None))), (server.clone(), server));
    let page = |period: &str, offset: u32| format!("{base}/logs?period={period}&limit=100&offset={offset}");
    let mut lost = generate(Recovery::Logs);
    lost.network_error();
    lost.sleep();
    assert_eq!(url(&lost), page("1h", 0));
    let mut late = recover(Recovery::Logs, None);
    for offset in [0, 100, 200, 300, 400] {
        assert_eq!(url(&late), page("7d", offset));
        late.reply(logs(100, &[]));
    }
    assert_eq!(late.action, Action::Wait, "five pages are enough: {:?}", late.action);
    late.sleep();
    assert_eq!(url(&late), page("7d", 0));
}

#[test]
fn an_unknown_outcome_is_looked_up_and_the_found_generation_is_followed() {
    for loss in 0..LOSSES {
        for goal in [Goal::Generate, Goal::Submit] {
            let mut driver = begin(goal, Recovery::Server, true, TIMEOUT);
            lose_submit(&mut driver, loss);
            let waited = driver.sleep();
            assert!((1_000..=2_000).contains(&waited), "way {loss}: {waited} ms");
            assert_eq!(driver.action.purpose(), Some(Purpose::Lookup), "way {loss}");
            driver.reply(found());
            assert_eq!(driver.posts.len(), 1);
            if goal == Goal::Submit {
                assert_eq!((driver.result().id.as_str(), driver.result().credits_used), (ID, Some(25200.0)));
                continue;
            }
            assert_eq!((driver.submitted_snapshots.len(), driver.submitted_snapshots[0].submitted_at), (1, at(0).wall));
            driver.reply(completed());
            assert!(driver.result().audio.is_some());
        }
    }
}

#[test]
fn without_recovery_an_unknown_outcome_ends_the_call() {
    for loss in 0..LOSSES {
        let mut driver = TestDriver::generate(TIMEOUT);
        lose_submit(&mut driver, loss);
        let error = driver.error();
        let code = match loss {
            5 => "rejected",
            6 => "bad_reply",
            _ => "submit_unknown",
        };
        assert_eq!((error.code(), error.idempotency_key), (code, None), "way {loss}");
    }
}

#[test]
fn only_a_submit_that_the_server_never_saw_is_sent_again() {
    let mut driver = generate(Recovery::Server);
    driver.advance(3_000);
    driver.network_error();
    driver.sleep();
    let age = driver.since();
    driver.reply(state("none", age + 4_999));
    assert_eq!(driver.action, Action::Wait, "that may be forgetting: {:?}", driver.action);
    driver.sleep();
    let age = driver.since();
    driver.reply(state("none", age + 5_000));
    assert_eq!((driver.action.purpose(), driver.posts.len()), (Some(Purpose::Submit), 2));
    driver.reply(accepted());
    driver.reply(completed());
    assert!(driver.result().audio.is_some());
}

#[test]
fn the_age_of_a_submit_counts_from_the_first_time_that_it_was_sent() {
    let mut driver = generate(Recovery::Server);
    driver.time_out();
    driver.sleep();
    driver.reply(state("none", 86_400_000));
    assert_eq!(driver.posts, [0, driver.since()]);
    driver.network_error();
    driver.sleep();
    let age = driver.since();
    assert!(age > 60_000);
    driver.reply(state("none", 60_000));
    assert_eq!(driver.action, Action::Wait);
    assert_eq!(driver.posts.len(), 2);
}

#[test]
fn undecided_look_ups_are_repeated_with_backoff_until_the_deadline() {
    for answer in [state("sending", 86_400_000), state("unknown", 0), page(502), page(404), reply(429, json!({}))] {
        let mut driver = generate(Recovery::Server);
        driver.network_error();
        let last = reply_to_each_lookup(&mut driver, &answer);
        let error = driver.error();
        assert_eq!((error.code(), error.idempotency_key.as_deref()), ("submit_unknown", Some(SUBMIT_KEY)));
        assert_eq!((driver.since(), driver.posts.len()), (TIMEOUT, 1));
        let looks = driver.lookups.len();
        assert!((60..=200).contains(&looks), "{looks} look-ups");
        assert!(last <= 10_000, "{last}");
        assert!(error.message().contains("recover"), "{}", error.message());
    }
}

#[test]
fn a_look_up_respects_retry_after_and_closes_no_gate() {
    let mut driver = generate(Recovery::Server);
    driver.network_error();
    driver.sleep();
    driver.reply(after("40", reply(429, json!({}))));
    assert!(driver.sleep() >= 40_000);
    // It closed neither gate.
    let mut other = TestDriver::generate(TIMEOUT);
    other.reply(accepted());
    assert_eq!(other.action.purpose(), Some(Purpose::Poll));
}

#[test]
fn an_unreliable_none_is_looked_up_for_a_minute() {
    for mut driver in [generate(Recovery::Server), recover(Recovery::Server, None)] {
        if driver.action.purpose() == Some(Purpose::Submit) {
            driver.network_error();
            driver.sleep();
        }
        let begun = driver.since();
        reply_to_each_lookup(&mut driver, &state("none", 0));
        let passed = driver.since() - begun;
        assert_eq!(driver.error().code(), "submit_unknown");
        assert!((60_000..=70_000).contains(&passed), "{passed} ms");
        assert!(driver.posts.len() <= 1);
    }
}

#[test]
fn a_server_without_look_ups_ends_the_call_without_another_submit() {
    for (answer, http_status) in [
        (reply(400, json!({"message": "generation_id: Required"})), Some(400)),
        (reply(404, json!({"message": "Not found"})), Some(404)),
        (reply(405, json!({"message": "Method not allowed"})), Some(405)),
        (reply(403, json!({"message": "not allowed"})), Some(403)),
        (reply(401, json!({"message": "who are you?"})), Some(401)),
        (redirect(302), Some(302)),
        (reply(200, json!({"id": ID, "status": "queued"})), None),
        (reply(200, json!({"idempotencyKey": "another", "state": "none", "reach": 86_400_000})), None),
        (reply(200, json!({"idempotencyKey": SUBMIT_KEY, "state": "nothing", "reach": 86_400_000})), None),
        (reply(200, json!({"idempotencyKey": SUBMIT_KEY, "state": "accepted", "reply": {}})), None),
        (reply(200, json!([])), None),
    ] {
        let mut driver = generate(Recovery::Server);
        driver.network_error();
        driver.sleep();
        driver.reply(answer);
        let error = driver.error();
        assert_eq!((error.code(), error.http_status), ("submit_unknown", http_status));
        assert_eq!((error.idempotency_key.as_deref(), error.retryable), (Some(SUBMIT_KEY), false));
        assert_eq!(driver.posts.len(), 1);
    }
}

#[test]
fn a_refusal_after_an_unknown_outcome_is_still_submit_unknown() {
    for (answer, http_status) in [
        (reply(400, json!({"message": "no"})), 400),
        (reply(401, json!({"message": "no"})), 401),
        (reply(403, json!({"message": "You've run out of credits"})), 403),
        (reply(422, json!({"message": "the idempotency key of another request"})), 422),
    ] {
        let mut driver = generate(Recovery::Server);
        driver.network_error();
        driver.sleep();
        driver.reply(state("none", 86_400_000));
        assert_eq!(driver.action.purpose(), Some(Purpose::Submit));
        driver.reply(answer);
        let error = driver.error();
        assert_eq!((error.code(), error.http_status), ("submit_unknown", Some(http_status)));
        assert!(!error.detail.is_empty() && error.message().contains("billed"), "{}", error.message());
        // Its server has forgotten nothing: the very call with the same key cannot bill twice.
        assert!(error.retryable);
    }
}

#[test]
fn a_repeated_submit_that_is_rate_limited_until_the_deadline_is_submit_unknown() {
    let mut driver = generate(Recovery::Server);
    driver.network_error();
    driver.sleep();
    driver.reply(state("none", 86_400_000));
    loop {
        match driver.action {
            Action::Send(_) => driver.reply(reply(429, json!({}))),
            Action::Wait => {
                driver.sleep();
                &driver.action
            }
            _ => break,
        };
    }
    assert_eq!((driver.error().code(), driver.error().http_status), ("submit_unknown", Some(429)));
}

#[test]
fn an_unknown_outcome_is_retryable_with_the_callers_key_and_sufficient_reach() {
    for (from_caller, reach, retryable) in [(true, 86_400_000, true), (true, 0, false), (false, 86_400_000, false)] {
        let mut driver = begin(Goal::Generate, Recovery::Server, from_caller, 30_000);
        driver.network_error();
        driver.sleep();
        driver.reply(state("unknown", reach));
        reply_to_each_lookup(&mut driver, &state("unknown", reach));
        assert_eq!((driver.error().code(), driver.error().retryable), ("submit_unknown", retryable));
    }
    let mut logs = generate(Recovery::Logs);
    logs.network_error();
    logs.advance(TIMEOUT).step(Event::Timeout);
    logs.run_to_wait();
    logs.reply(self::logs(0, &[]));
    assert!(!logs.error().retryable);
}

#[test]
fn a_failed_generation_is_not_retryable_with_the_callers_key() {
    for (from_caller, retryable) in [(true, false), (false, true)] {
        let mut driver = begin(Goal::Generate, Recovery::Server, from_caller, TIMEOUT);
        driver.reply(accepted());
        driver.reply(reply(200, json!({"id": ID, "status": "error", "error": {"message": "no"}})));
        assert_eq!((driver.error().code(), driver.error().retryable), ("generation_failed", retryable));
    }
}

#[test]
fn an_abort_carries_the_idempotency_key_while_the_outcome_is_unknown() {
    let mut posting = generate(Recovery::Server);
    let mut waiting = generate(Recovery::Server);
    waiting.network_error();
    let mut looking = generate(Recovery::Logs);
    looking.network_error();
    looking.sleep();
    for driver in [&mut posting, &mut waiting, &mut looking] {
        let error = driver.abort();
        assert_eq!((error.code(), error.idempotency_key.as_deref()), ("aborted", Some(SUBMIT_KEY)));
        assert!(error.message().contains("billed") && !error.retryable, "{}", error.message());
    }
    let call = recoverable_call(Goal::Submit, TIMEOUT, PollInterval::Adaptive, Recovery::Server, SUBMIT_KEY, true);
    let mut early = TestDriver::new(call.with_key_function());
    early.step(Event::Start { offline: false });
    let error = early.abort();
    assert_eq!((error.idempotency_key, error.retryable), (None, true));
}

#[test]
fn an_abort_at_the_moment_of_a_409_leaves_the_outcome_unknown() {
    let mut driver = generate(Recovery::Server);
    driver.step(Event::Aborted(Some(reply(409, json!({"message": "the first submit is still under way"})))));
    let error = driver.error();
    assert_eq!((error.code(), error.idempotency_key.as_deref()), ("aborted", Some(SUBMIT_KEY)));
    assert!(!error.retryable && error.message().contains("billed"), "{}", error.message());
}

#[test]
fn a_grace_look_up_that_finds_the_generation_adds_no_second_grace_poll() {
    let mut driver = generate(Recovery::Server);
    driver.network_error();
    driver.suspend(3_600_000).step(Event::Timeout);
    driver.run_to_wait();
    driver.reply(found());
    while let Action::Wait | Action::Send(_) = driver.action {
        if driver.action.purpose() == Some(Purpose::Poll) {
            driver.reply(status("generating"));
        } else {
            driver.suspend(3_600_000).step(Event::Timeout);
            driver.run_to_wait();
        }
    }
    assert_eq!(driver.error().code(), "deadline");
    assert!(driver.error().generation.is_some() && driver.gets.len() <= 1, "{:?}", driver.gets);
}

#[test]
fn every_look_up_may_renew_the_key_once() {
    let call = recoverable_call(Goal::Generate, TIMEOUT, PollInterval::Adaptive, Recovery::Server, SUBMIT_KEY, true);
    let mut driver = TestDriver::new(call.with_key_function());
    driver.keys = vec!["sk-a", "sk-b", "sk-c", "sk-d", "sk-e", "sk-f"];
    driver.step(Event::Start { offline: false });
    driver.run_to_wait();
    driver.network_error();
    driver.sleep();
    for _ in 0..2 {
        driver.reply(reply(401, json!({"message": "expired"})));
        driver.sleep();
        assert_eq!(driver.action.purpose(), Some(Purpose::Lookup));
        driver.network_error();
        driver.sleep();
        assert_eq!(driver.action.purpose(), Some(Purpose::Lookup));
    }
}

#[test]
fn a_failing_key_function_after_an_unknown_outcome_is_submit_unknown() {
    let call = recoverable_call(Goal::Generate, TIMEOUT, PollInterval::Adaptive, Recovery::Server, SUBMIT_KEY, true);
    let mut driver = TestDriver::begin(call.with_key_function());
    driver.network_error();
    let span = driver.wait_left().unwrap();
    driver.advance(span).step(Event::Timeout);
    assert_eq!(driver.action, Action::RequestKey { after_unauthorized: false });
    driver.step(Event::KeyFailed(KeyFailure::Threw));
    assert_eq!(driver.error().code(), "submit_unknown");
}

#[test]
fn a_401_to_a_look_up_renews_the_key() {
    let call = recoverable_call(Goal::Generate, TIMEOUT, PollInterval::Adaptive, Recovery::Server, SUBMIT_KEY, true);
    let mut driver = TestDriver::new(call.with_key_function());
    driver.keys = vec!["sk-old", "sk-old", "sk-new"];
    driver.step(Event::Start { offline: false });
    driver.run_to_wait();
    driver.network_error();
    driver.sleep();
    driver.reply(reply(401, json!({"message": "expired"})));
    driver.sleep();
    assert_eq!(driver.action.purpose(), Some(Purpose::Lookup));
    driver.reply(found());
    assert_eq!(driver.submitted_snapshots.len(), 1);
}

#[test]
fn the_logs_are_read_at_most_every_20_seconds_and_absence_proves_nothing() {
    let mut driver = generate(Recovery::Logs);
    driver.network_error();
    reply_to_each_lookup(&mut driver, &logs(3, &[]));
    assert!(driver.lookups.windows(2).all(|pair| pair[1] - pair[0] >= 20_000), "{:?}", driver.lookups);
    assert!((25..=30).contains(&driver.lookups.len()), "{}", driver.lookups.len());
    assert_eq!((driver.error().code(), driver.since(), driver.posts.len()), ("submit_unknown", TIMEOUT, 1));
}

#[test]
fn a_matching_row_of_the_logs_ends_the_search() {
    for others in [0, 99, 250] {
        let mut driver = generate(Recovery::Logs);
        driver.network_error();
        driver.sleep();
        for _ in 0..others / 100 {
            driver.reply(logs(100, &[]));
            assert_eq!(driver.action.purpose(), Some(Purpose::Lookup), "the next page follows at once");
        }
        driver.reply(logs(others % 100, &[row()]));
        assert_eq!(driver.submitted_snapshots[0].id, ID);
        driver.reply(completed());
        assert!(driver.result().audio.is_some());
    }
}

#[test]
fn the_row_of_a_refused_submit_is_ignored() {
    let refused = json!({"client_request_id": SUBMIT_KEY, "inference_id": "refused", "status": "failed"});
    let mut driver = generate(Recovery::Logs);
    driver.network_error();
    driver.sleep();
    driver.reply(logs(0, std::slice::from_ref(&refused)));
    assert_eq!(driver.action, Action::Wait);
    driver.sleep();
    driver.reply(logs(0, &[refused, row()]));
    assert_eq!(driver.submitted_snapshots[0].id, ID);
}

#[test]
fn a_matching_row_without_an_id_is_looked_up_again() {
    let mut driver = generate(Recovery::Logs);
    driver.network_error();
    driver.sleep();
    driver.reply(logs(0, &[json!({"client_request_id": SUBMIT_KEY, "status": "succeeded", "inference_id": null})]));
    driver.sleep();
    driver.reply(logs(0, &[row()]));
    assert_eq!(driver.submitted_snapshots.len(), 1);
}

#[test]
fn replies_to_look_ups_do_not_change_the_cache_mode_of_polls() {
    let mut driver = generate(Recovery::Server);
    assert_eq!(driver.origin_state.cache_mode(), Some("no-cache"));
    driver.network_error();
    driver.sleep();
    driver.reply(state("sending", 0));
    assert_eq!(driver.origin_state.cache_mode(), Some("no-cache"));
}

#[test]
fn a_key_that_may_not_read_the_logs_ends_the_search() {
    for answer in [reply(401, json!({})), reply(403, json!({})), page(403), reply(404, json!({})), page(404)] {
        let http_status = answer.status;
        let mut driver = generate(Recovery::Logs);
        driver.network_error();
        driver.sleep();
        driver.reply(answer);
        assert_eq!((driver.error().code(), driver.error().http_status), ("submit_unknown", Some(http_status)));
    }
    for answer in [reply(429, json!({})), page(502), page(200), truncated(200)] {
        let mut driver = generate(Recovery::Logs);
        driver.network_error();
        driver.sleep();
        driver.reply(answer);
        assert_eq!(driver.action, Action::Wait);
    }
}

#[test]
fn recover_resolves_to_the_generation_or_to_undefined() {
    let submitted = at(0).wall - 10_000;
    let mut known = recover(Recovery::Server, Some(submitted));
    assert_eq!(known.action.purpose(), Some(Purpose::Lookup));
    known.reply(found());
    let generation = known.result();
    assert_eq!((generation.id.as_str(), generation.submitted_at), (ID, submitted));
    assert_eq!(generation.next_check_at, Some(at(0).wall), "all may be over");
    let mut absent = recover(Recovery::Server, Some(submitted));
    absent.reply(state("none", 15_000));
    assert_eq!((&absent.action, absent.posts.len()), (&Action::SettleAbsent, 0));
    let mut logged = recover(Recovery::Logs, None);
    logged.reply(logs(0, &[row()]));
    assert_eq!(logged.result().id, ID);
}

#[test]
fn recover_believes_no_none_without_the_time_of_the_submit() {
    for submitted_at in [None, Some(at(86_400_000).wall)] {
        let mut driver = recover(Recovery::Server, submitted_at);
        driver.reply(reply(200, json!({"idempotencyKey": SUBMIT_KEY, "state": "none", "reach": 1e300})));
        assert_eq!(driver.action, Action::Wait);
    }
}

#[test]
fn recover_rejects_with_submit_unknown_at_its_deadline() {
    let mut driver = recover(Recovery::Server, Some(at(0).wall));
    while let Action::Wait | Action::Send(_) = driver.action {
        if driver.action.purpose() == Some(Purpose::Lookup) {
            driver.network_error();
        } else {
            driver.sleep();
        }
    }
    let error = driver.error();
    assert_eq!((error.code(), driver.since()), ("submit_unknown", TIMEOUT));
    assert_eq!(error.idempotency_key.as_deref(), Some(SUBMIT_KEY));
}

#[test]
fn a_machine_suspended_past_the_deadline_looks_the_submit_up_once_more() {
    for answer in [found(), state("none", 86_400_000), page(502)] {
        let mut driver = generate(Recovery::Server);
        driver.network_error();
        driver.suspend(3_600_000).step(Event::Timeout);
        driver.run_to_wait();
        assert_eq!(driver.action.purpose(), Some(Purpose::Lookup));
        let accepted = matches!(&answer.body, protocol::Body::Json(Some(body)) if body["state"] == "accepted");
        driver.reply(answer);
        if accepted {
            assert_eq!(driver.submitted_snapshots.len(), 1);
        } else {
            assert_eq!(driver.error().code(), "submit_unknown");
        }
        assert_eq!(driver.posts.len(), 1, "after the deadline nothing is sent again");
    }
}

#[test]
fn going_online_triggers_a_look_up_and_other_wake_ups_do_not() {
    let mut driver = generate(Recovery::Server);
    driver.network_error();
    for _ in 0..8 {
        driver.sleep();
        driver.reply(page(502));
    }
    driver.advance(1_000);
    let looks = driver.lookups.len();
    driver.step(Event::PageWoke { online: false, waiting: 1 });
    driver.run_to_wait();
    assert_eq!(driver.lookups.len(), looks);
    driver.step(Event::PageWoke { online: true, waiting: 1 });
    driver.run_to_wait();
    assert_eq!(driver.lookups.len(), looks + 1);
}

#[test]
fn an_idempotency_key_has_1_to_128_safe_characters() {
    let read = |key: &str| CallOptions::read(&untrusted(json!({"idempotencyKey": key})), Goal::Submit, false);
    for key in ["a", "A-Z_0.9:z", &"k".repeat(128), SUBMIT_KEY] {
        assert_eq!(read(key).unwrap().idempotency_key.as_deref(), Some(key));
        assert_eq!(require_idempotency_key(&untrusted(json!(key))).unwrap(), key);
    }
    for key in ["", " ", "a b", "a\"b", "a/b", "ä", "a,b", "a;b", &"k".repeat(129), "a\n"] {
        assert_eq!(read(key).unwrap_err().code(), "invalid_argument", "{key:?}");
        let error = require_idempotency_key(&untrusted(json!(key))).unwrap_err();
        assert!(error.message().contains("1 to 128"), "{}", error.message());
    }
    for other in [json!(7), json!({}), json!([]), json!(true)] {
        assert!(require_idempotency_key(&untrusted(other.clone())).is_err(), "{other}");
        assert!(CallOptions::read(&untrusted(json!({"idempotencyKey": other})), Goal::Submit, false).is_err());
    }
}

#[test]
fn recovery_is_server_or_logs_and_never_server_at_the_service_itself() {
    let read = |value: Value| ClientOptions::read(&untrusted(json!({"recovery": value})), false);
    assert_eq!(read(json!("server")).unwrap().recovery, Some(Recovery::Server));
    assert_eq!(read(json!("logs")).unwrap().recovery, Some(Recovery::Logs));
    assert_eq!(read(json!(null)).unwrap().recovery, None);
    for wrong in [json!("Server"), json!(true), json!({}), json!("")] {
        let error = read(wrong).unwrap_err();
        assert!(error.message().contains("'server' or 'logs'"), "{}", error.message());
    }
    for (href, recovery, sound) in [
        ("https://api.aimlapi.com/", Recovery::Server, false),
        ("https://api.aimlapi.com/", Recovery::Logs, true),
        ("https://a.example/", Recovery::Server, true),
    ] {
        assert_eq!(Endpoint::new(href, "", true, Some(recovery)).is_ok(), sound, "{href}");
    }
}
