//! What becomes of a submit whose reply nobody heard.

use protocol::call::{Call, Event, Goal, Next};
use protocol::endpoint::Endpoint;
use protocol::error::{Failure, Unknown};
use protocol::idempotency;
use protocol::options::{CallOptions, ClientOptions, Pace, Recovery, SUBMIT};
use protocol::reply::Reply;
use serde_json::{Value, json};

use crate::stand::{
    ID, J, KEY, Stand, accepted, after, at, broken, completed, kept, page, redirect, reply, request, secret, status,
};

const NAME: &str = "0c0ffee0-0000-4000-8000-000000000000";
const LONG: u64 = 600_000;

fn begin(goal: Goal, recovery: Recovery, given: bool, timeout: u64) -> Stand {
    let call = Call::submitting(goal, request(), timeout, Pace::Every(10_000)).with_key(secret(KEY));
    Stand::begin(call.recoverable(recovery, NAME.into(), given))
}

fn generate(recovery: Recovery) -> Stand {
    begin(Goal::Generate, recovery, true, LONG)
}

fn recover(recovery: Recovery, submitted_at: Option<u64>) -> Stand {
    Stand::begin(Call::recovering(recovery, NAME.into(), submitted_at, LONG, at(0)).with_key(secret(KEY)))
}

/// What the server half says of the key, and for how long it has forgotten nothing.
fn state(state: &str, reach: u64) -> Reply<J> {
    reply(200, json!({"idempotencyKey": NAME, "state": state, "reach": reach}))
}

fn found() -> Reply<J> {
    let body = json!({"id": ID, "status": "queued", "meta": {"usage": {"credits_used": 25200}}});
    reply(200, json!({"idempotencyKey": NAME, "state": "accepted", "reach": 0, "reply": body}))
}

/// A page of the logs with so many rows of others, and then these.
fn logs(others: usize, rows: &[Value]) -> Reply<J> {
    let other = json!({"client_request_id": "another", "inference_id": "other"});
    let mut data = vec![other; others];
    data.extend_from_slice(rows);
    reply(200, json!({ "data": data }))
}

fn row() -> Value {
    json!({"client_request_id": NAME, "inference_id": ID, "status": "succeeded"})
}

/// Everything after which nobody can know whether the submit was accepted.
fn lose(stand: &mut Stand, how: usize) {
    let reply = match how {
        0 => {
            stand.tell(Event::Lost);
            return;
        }
        1 => page(502),
        2 => reply(500, json!({"message": "oops"})),
        3 => page(408),
        4 => redirect(303),
        5 => reply(409, json!({"message": "the first submit is still under way"})),
        6 => reply(201, json!({"message": "thanks"})),
        7 => broken(201),
        _ => page(200),
    };
    stand.tell(Event::Reply(reply));
}

const WAYS: usize = 9;

/// Gives every look-up this answer, until the call settles; says how long it slept before the last one.
fn answer_each(stand: &mut Stand, answer: &Reply<J>) -> u64 {
    let mut last = 0;
    loop {
        match stand.next {
            Next::Sleep(_) => last = stand.rest(),
            Next::LookUp => {
                stand.hear(answer.clone());
            }
            _ => return last,
        }
    }
}

#[test]
fn a_submit_that_can_be_looked_up_is_given_up_after_a_minute() {
    for recovery in [Recovery::Server, Recovery::Logs] {
        let mut stand = generate(recovery);
        assert_eq!(stand.call.limit(stand.now), 60_000);
        assert_eq!(stand.give_up(), 60_000);
        assert!(matches!(stand.next, Next::Sleep(_)), "{:?}", stand.next);
    }
    let mut plain = Stand::generate(LONG);
    assert_eq!(plain.call.limit(plain.now), LONG);
    plain.give_up();
    assert_eq!(plain.failure(), Failure::SubmitUnknown(Unknown::TimedOut));
}

#[test]
fn a_page_that_stalled_across_the_time_for_an_answer_waits_a_moment_for_it() {
    let mut stand = generate(Recovery::Logs);
    stand.pass(120_000);
    assert_eq!(stand.call.limit(stand.now), 1_000);
    stand.pass(500);
    assert_eq!(stand.call.limit(stand.now), 500);
    stand.hear(accepted());
    assert_eq!(stand.stored.len(), 1);
}

#[test]
fn the_submit_carries_its_name_in_the_header_of_whoever_is_asked() {
    let server = generate(Recovery::Server);
    assert_eq!(server.call.submit_header(), Some(("Idempotency-Key", format!("\"{NAME}\""))));
    let logs = generate(Recovery::Logs);
    assert_eq!(logs.call.submit_header(), Some(("X-Client-Request-Id", NAME.to_owned())));
    assert_eq!(Stand::generate(LONG).call.submit_header(), None);
}

#[test]
fn a_look_up_goes_where_the_recovery_says() {
    let endpoint = Endpoint::new("https://a.example/api/", "", true, None).unwrap();
    let url = |stand: &Stand| stand.call.lookup_url(&endpoint);
    let server = format!("https://a.example/api/v2/generate/audio?idempotency_key={NAME}");
    assert_eq!(url(&generate(Recovery::Server)), server);
    assert_eq!(url(&recover(Recovery::Server, None)), server);
    let page =
        |period: &str, offset: u32| format!("https://a.example/api/v2/logs?period={period}&limit=100&offset={offset}");
    assert_eq!(url(&generate(Recovery::Logs)), page("1h", 0));
    let mut late = recover(Recovery::Logs, None);
    for offset in [0, 100, 200, 300, 400] {
        assert_eq!(url(&late), page("7d", offset));
        late.hear(logs(100, &[]));
    }
    assert!(matches!(late.next, Next::Sleep(_)), "five pages are enough: {:?}", late.next);
    assert_eq!(url(&late), page("7d", 0));
}

#[test]
fn an_unknown_outcome_is_looked_up_and_goes_on_with_the_generation_that_is_found() {
    for how in 0..WAYS {
        for goal in [Goal::Generate, Goal::Submit] {
            let mut stand = begin(goal, Recovery::Server, true, LONG);
            lose(&mut stand, how);
            let waited = stand.rest();
            assert!((1_000..=2_000).contains(&waited), "way {how}: {waited} ms");
            assert_eq!(stand.next, Next::LookUp, "way {how}");
            stand.hear(found());
            assert_eq!(stand.posts.len(), 1);
            if goal == Goal::Submit {
                assert_eq!((stand.result().id.as_str(), stand.result().credits_used), (ID, Some(25200.0)));
                continue;
            }
            assert_eq!((stand.stored.len(), stand.stored[0].submitted_at), (1, at(0).wall));
            stand.hear(completed());
            assert!(stand.result().audio.is_some());
        }
    }
}

#[test]
fn without_recovery_the_same_ends_the_call() {
    for how in 0..WAYS {
        let mut stand = Stand::generate(LONG);
        lose(&mut stand, how);
        let error = stand.error();
        let code = match how {
            5 => "rejected",
            6 => "bad_reply",
            _ => "submit_unknown",
        };
        assert_eq!((error.code(), error.idempotency_key), (code, None), "way {how}");
    }
}

#[test]
fn a_submit_that_the_server_never_saw_is_sent_again_and_only_then() {
    let mut stand = generate(Recovery::Server);
    stand.pass(3_000);
    stand.lose();
    stand.rest();
    let age = stand.since();
    stand.hear(state("none", age + 4_999));
    assert!(matches!(stand.next, Next::Sleep(_)), "that may be forgetting: {:?}", stand.next);
    stand.rest();
    let age = stand.since();
    stand.hear(state("none", age + 5_000));
    assert_eq!((&stand.next, stand.posts.len()), (&Next::Post, 2));
    stand.hear(accepted());
    stand.hear(completed());
    assert!(stand.result().audio.is_some());
}

#[test]
fn the_age_of_a_submit_counts_from_the_first_time_that_it_was_sent() {
    let mut stand = generate(Recovery::Server);
    stand.give_up();
    stand.rest();
    stand.hear(state("none", 86_400_000));
    assert_eq!(stand.posts, [0, stand.since()]);
    stand.lose();
    stand.rest();
    let age = stand.since();
    assert!(age > 60_000);
    stand.hear(state("none", 60_000));
    assert!(matches!(stand.next, Next::Sleep(_)));
    assert_eq!(stand.posts.len(), 2);
}

#[test]
fn sending_unknown_and_all_that_passes_is_asked_about_until_the_deadline_with_back_off() {
    for answer in [state("sending", 86_400_000), state("unknown", 0), page(502), page(404), reply(429, json!({}))] {
        let mut stand = generate(Recovery::Server);
        stand.lose();
        let last = answer_each(&mut stand, &answer);
        let error = stand.error();
        assert_eq!((error.code(), error.idempotency_key.as_deref()), ("submit_unknown", Some(NAME)));
        assert_eq!((stand.since(), stand.posts.len()), (LONG, 1));
        let looks = stand.lookups.len();
        assert!((60..=200).contains(&looks), "{looks} look-ups");
        assert!(last <= 10_000, "{last}");
        assert!(error.message().contains("recover"), "{}", error.message());
    }
}

#[test]
fn a_429_or_a_503_says_how_long_to_wait_at_least() {
    let mut stand = generate(Recovery::Server);
    stand.lose();
    stand.rest();
    stand.hear(after("40", reply(429, json!({}))));
    assert!(stand.rest() >= 40_000);
    // Neither gate was closed by it.
    let mut other = Stand::generate(LONG);
    other.hear(accepted());
    assert_eq!(other.next, Next::Get);
}

#[test]
fn a_none_that_cannot_be_believed_is_asked_about_for_a_minute() {
    for mut stand in [generate(Recovery::Server), recover(Recovery::Server, None)] {
        if stand.next == Next::Post {
            stand.lose();
            stand.rest();
        }
        let begun = stand.since();
        answer_each(&mut stand, &state("none", 0));
        let passed = stand.since() - begun;
        assert_eq!(stand.error().code(), "submit_unknown");
        assert!((60_000..=70_000).contains(&passed), "{passed} ms");
        assert!(stand.posts.len() <= 1);
    }
}

#[test]
fn a_server_that_knows_no_look_up_ends_the_call_and_nothing_is_sent_again() {
    for (answer, http_status) in [
        (reply(400, json!({"message": "generation_id: Required"})), Some(400)),
        (reply(404, json!({"message": "Not found"})), Some(404)),
        (reply(405, json!({"message": "Method not allowed"})), Some(405)),
        (reply(403, json!({"message": "not allowed"})), Some(403)),
        (reply(401, json!({"message": "who are you?"})), Some(401)),
        (redirect(302), Some(302)),
        (reply(200, json!({"id": ID, "status": "queued"})), None),
        (reply(200, json!({"idempotencyKey": "another", "state": "none", "reach": 86_400_000})), None),
        (reply(200, json!({"idempotencyKey": NAME, "state": "nothing", "reach": 86_400_000})), None),
        (reply(200, json!({"idempotencyKey": NAME, "state": "accepted", "reply": {}})), None),
        (reply(200, json!([])), None),
    ] {
        let mut stand = generate(Recovery::Server);
        stand.lose();
        stand.rest();
        stand.hear(answer);
        let error = stand.error();
        assert_eq!((error.code(), error.http_status), ("submit_unknown", http_status));
        assert_eq!((error.idempotency_key.as_deref(), error.retryable), (Some(NAME), false));
        assert_eq!(stand.posts.len(), 1);
    }
}

#[test]
fn a_refusal_after_an_unknown_outcome_stays_unknown() {
    for (answer, http_status) in [
        (reply(400, json!({"message": "no"})), 400),
        (reply(401, json!({"message": "no"})), 401),
        (reply(403, json!({"message": "You've run out of credits"})), 403),
        (reply(422, json!({"message": "the idempotency key of another request"})), 422),
    ] {
        let mut stand = generate(Recovery::Server);
        stand.lose();
        stand.rest();
        stand.hear(state("none", 86_400_000));
        assert_eq!(stand.next, Next::Post);
        stand.hear(answer);
        let error = stand.error();
        assert_eq!((error.code(), error.http_status), ("submit_unknown", Some(http_status)));
        assert!(!error.words.is_empty() && error.message().contains("billed"), "{}", error.message());
        // Its server has forgotten nothing: the very call with the same key cannot bill twice.
        assert!(error.retryable);
    }
}

#[test]
fn a_repeat_that_is_told_to_wait_until_the_deadline_stays_unknown() {
    let mut stand = generate(Recovery::Server);
    stand.lose();
    stand.rest();
    stand.hear(state("none", 86_400_000));
    loop {
        match stand.next {
            Next::Post => stand.hear(reply(429, json!({}))),
            Next::Sleep(_) => {
                stand.rest();
                &stand.next
            }
            _ => break,
        };
    }
    assert_eq!((stand.error().code(), stand.error().http_status), ("submit_unknown", Some(429)));
}

#[test]
fn an_unknown_outcome_is_retryable_where_the_caller_named_it_and_nothing_can_be_forgotten() {
    for (given, reach, retryable) in [(true, 86_400_000, true), (true, 0, false), (false, 86_400_000, false)] {
        let mut stand = begin(Goal::Generate, Recovery::Server, given, 30_000);
        stand.lose();
        stand.rest();
        stand.hear(state("unknown", reach));
        answer_each(&mut stand, &state("unknown", reach));
        assert_eq!((stand.error().code(), stand.error().retryable), ("submit_unknown", retryable));
    }
    let mut logs = generate(Recovery::Logs);
    logs.lose();
    logs.pass(LONG).tell(Event::Elapsed);
    logs.go();
    logs.hear(self::logs(0, &[]));
    assert!(!logs.error().retryable);
}

#[test]
fn a_generation_that_failed_keeps_its_key() {
    for (given, retryable) in [(true, false), (false, true)] {
        let mut stand = begin(Goal::Generate, Recovery::Server, given, LONG);
        stand.hear(accepted());
        stand.hear(reply(200, json!({"id": ID, "status": "error", "error": {"message": "no"}})));
        assert_eq!((stand.error().code(), stand.error().retryable), ("generation_failed", retryable));
    }
}

#[test]
fn an_abort_tells_the_key_wherever_the_outcome_is_unknown() {
    let mut posting = generate(Recovery::Server);
    let mut waiting = generate(Recovery::Server);
    waiting.lose();
    let mut looking = generate(Recovery::Logs);
    looking.lose();
    looking.rest();
    for stand in [&mut posting, &mut waiting, &mut looking] {
        let error = stand.abort();
        assert_eq!((error.code(), error.idempotency_key.as_deref()), ("aborted", Some(NAME)));
        assert!(error.message().contains("billed") && !error.retryable, "{}", error.message());
    }
    let mut early = Stand::new(Call::submitting(Goal::Submit, request(), LONG, Pace::Adaptive).asking_for_key());
    early.call = early.call.recoverable(Recovery::Server, NAME.into(), true);
    early.tell(Event::Begin { offline: false });
    let error = early.abort();
    assert_eq!((error.idempotency_key, error.retryable), (None, true));
}

#[test]
fn an_abort_in_the_moment_of_a_409_leaves_the_outcome_unknown() {
    let mut stand = generate(Recovery::Server);
    stand.tell(Event::Aborted(Some(reply(409, json!({"message": "the first submit is still under way"})))));
    let error = stand.error();
    assert_eq!((error.code(), error.idempotency_key.as_deref()), ("aborted", Some(NAME)));
    assert!(!error.retryable && error.message().contains("billed"), "{}", error.message());
}

#[test]
fn there_is_one_overtime_also_where_its_look_up_finds_the_generation() {
    let mut stand = generate(Recovery::Server);
    stand.lose();
    stand.oversleep(3_600_000).tell(Event::Elapsed);
    stand.go();
    stand.hear(found());
    while let Next::Sleep(_) | Next::Get = stand.next {
        if stand.next == Next::Get {
            stand.hear(status("generating"));
        } else {
            stand.oversleep(3_600_000).tell(Event::Elapsed);
            stand.go();
        }
    }
    assert_eq!(stand.error().code(), "deadline");
    assert!(stand.error().generation.is_some() && stand.gets.len() <= 1, "{:?}", stand.gets);
}

#[test]
fn each_look_up_may_ask_the_key_function_once_more() {
    let call = Call::submitting(Goal::Generate, request(), LONG, Pace::Adaptive).asking_for_key();
    let mut stand = Stand::new(call.recoverable(Recovery::Server, NAME.into(), true));
    stand.keys = vec!["sk-a", "sk-b", "sk-c", "sk-d", "sk-e", "sk-f"];
    stand.tell(Event::Begin { offline: false });
    stand.go();
    stand.lose();
    stand.rest();
    for _ in 0..2 {
        stand.hear(reply(401, json!({"message": "expired"})));
        stand.rest();
        assert_eq!(stand.next, Next::LookUp);
        stand.lose();
        stand.rest();
        assert_eq!(stand.next, Next::LookUp);
    }
}

#[test]
fn a_key_function_that_fails_after_an_unknown_outcome_does_not_make_it_free() {
    let call = Call::submitting(Goal::Generate, request(), LONG, Pace::Adaptive).asking_for_key();
    let mut stand = Stand::begin(call.recoverable(Recovery::Server, NAME.into(), true));
    stand.lose();
    let Next::Sleep(span) = stand.next else { panic!("{:?}", stand.next) };
    stand.pass(span).tell(Event::Elapsed);
    assert_eq!(stand.next, Next::AskKey { after_unauthorized: false });
    stand.tell(Event::NoKey("threw"));
    assert_eq!(stand.error().code(), "submit_unknown");
}

#[test]
fn a_401_to_a_look_up_asks_the_key_function_once_more() {
    let call = Call::submitting(Goal::Generate, request(), LONG, Pace::Adaptive).asking_for_key();
    let mut stand = Stand::new(call.recoverable(Recovery::Server, NAME.into(), true));
    stand.keys = vec!["sk-old", "sk-old", "sk-new"];
    stand.tell(Event::Begin { offline: false });
    stand.go();
    stand.lose();
    stand.rest();
    stand.hear(reply(401, json!({"message": "expired"})));
    stand.rest();
    assert_eq!(stand.next, Next::LookUp);
    stand.hear(found());
    assert_eq!(stand.stored.len(), 1);
}

#[test]
fn the_logs_are_read_every_twenty_seconds_at_most_and_their_silence_proves_nothing() {
    let mut stand = generate(Recovery::Logs);
    stand.lose();
    answer_each(&mut stand, &logs(3, &[]));
    assert!(stand.lookups.windows(2).all(|pair| pair[1] - pair[0] >= 20_000), "{:?}", stand.lookups);
    assert!((25..=30).contains(&stand.lookups.len()), "{}", stand.lookups.len());
    assert_eq!((stand.error().code(), stand.since(), stand.posts.len()), ("submit_unknown", LONG, 1));
}

#[test]
fn a_row_of_the_logs_names_the_generation_and_ends_the_search() {
    for others in [0, 99, 250] {
        let mut stand = generate(Recovery::Logs);
        stand.lose();
        stand.rest();
        for _ in 0..others / 100 {
            stand.hear(logs(100, &[]));
            assert_eq!(stand.next, Next::LookUp, "the next page follows at once");
        }
        stand.hear(logs(others % 100, &[row()]));
        assert_eq!(stand.stored[0].id, ID);
        stand.hear(completed());
        assert!(stand.result().audio.is_some());
    }
}

#[test]
fn the_row_of_a_submit_that_was_refused_names_no_generation() {
    let refused = json!({"client_request_id": NAME, "inference_id": "refused", "status": "failed"});
    let mut stand = generate(Recovery::Logs);
    stand.lose();
    stand.rest();
    stand.hear(logs(0, std::slice::from_ref(&refused)));
    assert!(matches!(stand.next, Next::Sleep(_)), "{:?}", stand.next);
    stand.rest();
    stand.hear(logs(0, &[refused, row()]));
    assert_eq!(stand.stored[0].id, ID);
}

#[test]
fn a_row_that_has_no_id_yet_is_waited_for() {
    let mut stand = generate(Recovery::Logs);
    stand.lose();
    stand.rest();
    stand.hear(logs(0, &[json!({"client_request_id": NAME, "status": "succeeded", "inference_id": null})]));
    stand.rest();
    stand.hear(logs(0, &[row()]));
    assert_eq!(stand.stored.len(), 1);
}

#[test]
fn what_a_look_up_is_answered_says_nothing_of_how_polls_are_cached() {
    let mut stand = generate(Recovery::Server);
    assert_eq!(stand.shared.cache_mode(), Some("no-cache"));
    stand.lose();
    stand.rest();
    stand.hear(state("sending", 0));
    assert_eq!(stand.shared.cache_mode(), Some("no-cache"));
}

#[test]
fn a_key_that_may_not_read_the_logs_ends_the_search() {
    for answer in [reply(401, json!({})), reply(403, json!({})), page(403), reply(404, json!({})), page(404)] {
        let http_status = answer.status;
        let mut stand = generate(Recovery::Logs);
        stand.lose();
        stand.rest();
        stand.hear(answer);
        assert_eq!((stand.error().code(), stand.error().http_status), ("submit_unknown", Some(http_status)));
    }
    for answer in [reply(429, json!({})), page(502), page(200), broken(200)] {
        let mut stand = generate(Recovery::Logs);
        stand.lose();
        stand.rest();
        stand.hear(answer);
        assert!(matches!(stand.next, Next::Sleep(_)), "{:?}", stand.next);
    }
}

#[test]
fn recover_resolves_to_the_generation_or_to_nothing() {
    let submitted = at(0).wall - 10_000;
    let mut known = recover(Recovery::Server, Some(submitted));
    assert_eq!(known.next, Next::LookUp);
    known.hear(found());
    let generation = known.result();
    assert_eq!((generation.id.as_str(), generation.submitted_at), (ID, submitted));
    assert_eq!(generation.next_check_at, Some(at(0).wall), "all may be over");
    let mut absent = recover(Recovery::Server, Some(submitted));
    absent.hear(state("none", 15_000));
    assert_eq!((&absent.next, absent.posts.len()), (&Next::SettleAbsent, 0));
    let mut logged = recover(Recovery::Logs, None);
    logged.hear(logs(0, &[row()]));
    assert_eq!(logged.result().id, ID);
}

#[test]
fn recover_believes_no_none_without_knowing_how_old_the_submit_is() {
    for submitted_at in [None, Some(at(86_400_000).wall)] {
        let mut stand = recover(Recovery::Server, submitted_at);
        stand.hear(reply(200, json!({"idempotencyKey": NAME, "state": "none", "reach": 1e300})));
        assert!(matches!(stand.next, Next::Sleep(_)), "{:?}", stand.next);
    }
}

#[test]
fn recover_ends_unknown_at_its_deadline() {
    let mut stand = recover(Recovery::Server, Some(at(0).wall));
    while let Next::Sleep(_) | Next::LookUp = stand.next {
        if stand.next == Next::LookUp {
            stand.lose();
        } else {
            stand.rest();
        }
    }
    let error = stand.error();
    assert_eq!((error.code(), stand.since()), ("submit_unknown", LONG));
    assert_eq!(error.idempotency_key.as_deref(), Some(NAME));
}

#[test]
fn a_machine_that_slept_across_the_deadline_looks_the_submit_up_once_more() {
    for answer in [found(), state("none", 86_400_000), page(502)] {
        let mut stand = generate(Recovery::Server);
        stand.lose();
        stand.oversleep(3_600_000).tell(Event::Elapsed);
        stand.go();
        assert_eq!(stand.next, Next::LookUp);
        let accepted = matches!(&answer.body, protocol::reply::Body::Json(Some(body)) if body["state"] == "accepted");
        stand.hear(answer);
        if accepted {
            assert_eq!(stand.stored.len(), 1);
        } else {
            assert_eq!(stand.error().code(), "submit_unknown");
        }
        assert_eq!(stand.posts.len(), 1, "after the deadline nothing is sent again");
    }
}

#[test]
fn going_online_looks_up_at_once_and_other_wakes_do_not() {
    let mut stand = generate(Recovery::Server);
    stand.lose();
    for _ in 0..8 {
        stand.rest();
        stand.hear(page(502));
    }
    stand.pass(1_000);
    let looks = stand.lookups.len();
    stand.tell(Event::Woken { online: false, many: false });
    stand.go();
    assert_eq!(stand.lookups.len(), looks);
    stand.tell(Event::Woken { online: true, many: false });
    stand.go();
    assert_eq!(stand.lookups.len(), looks + 1);
}

#[test]
fn a_key_is_of_the_characters_that_a_header_a_query_and_the_logs_can_carry() {
    let read = |key: &str| CallOptions::read(&kept(json!({"idempotencyKey": key})), SUBMIT, LONG);
    for key in ["a", "A-Z_0.9:z", &"k".repeat(128), NAME] {
        assert_eq!(read(key).unwrap().idempotency_key.as_deref(), Some(key));
        assert_eq!(idempotency::required(&kept(json!(key))).unwrap(), key);
    }
    for key in ["", " ", "a b", "a\"b", "a/b", "ä", "a,b", "a;b", &"k".repeat(129), "a\n"] {
        assert_eq!(read(key).unwrap_err().code(), "invalid_argument", "{key:?}");
        let error = idempotency::required(&kept(json!(key))).unwrap_err();
        assert!(error.message().contains("1 to 128"), "{}", error.message());
    }
    for other in [json!(7), json!({}), json!([]), json!(true)] {
        assert!(idempotency::required(&kept(other.clone())).is_err(), "{other}");
        assert!(CallOptions::read(&kept(json!({"idempotencyKey": other})), SUBMIT, LONG).is_err());
    }
}

#[test]
fn recovery_is_by_a_server_or_by_the_logs_and_not_by_the_service_as_a_server() {
    let read = |value: Value| ClientOptions::read(&kept(json!({"recovery": value})), protocol::options::CLIENT);
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
