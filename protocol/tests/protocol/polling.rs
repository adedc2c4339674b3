use protocol::call::{Call, Goal, Next};
use protocol::error::Failure;
use protocol::generation::{Generation, PollError, PollErrorCode, Status};
use protocol::options::Pace;
use serde_json::json;

use crate::stand::{
    ID, J, KEY, Stand, URL, accepted, after, at, broken, completed, page, redirect, reply, secret, status,
};

fn fault(code: PollErrorCode, http_status: impl Into<Option<u16>>) -> PollError {
    PollError { code, http_status: http_status.into() }
}

#[test]
fn asks_at_once_then_after_every_interval_until_the_track_is_there() {
    let mut stand = Stand::generate(600_000);
    stand.hear(accepted());
    for word in ["queued", "generating", "generating", "generating"] {
        stand.pass(50).hear(status(word));
        assert_eq!(stand.rest(), 10_000);
    }
    stand.hear(completed());
    let generation = stand.result();
    let audio = generation.audio.unwrap();
    assert_eq!((audio.url.as_str(), audio.file_size, audio.generation_id.as_str()), (URL, Some(5_292_078.0), ID));
    assert_eq!((generation.polling.checks, generation.next_check_at), (5, None));
    assert_eq!((stand.reported.len(), stand.posts.len(), stand.gets.len()), (5, 1, 5));
}

#[test]
fn starts_a_wait_with_a_number_at_once_whatever_the_snapshot_says() {
    let mut generation = Generation::new(ID.into(), at(0));
    generation.next_check_at = Some(at(30_000).wall);
    let stand = Stand::asking(Goal::Wait, generation, 600_000);
    assert_eq!((stand.next, stand.gets), (Next::Get, vec![0]));
}

#[test]
fn keeps_to_the_snapshots_next_check_within_sense() {
    for (ahead, slept) in [(0, 0), (7_000, 7_000), (60_000, 60_000), (90_000_000_000, 60_000)] {
        let mut generation = Generation::new(ID.into(), at(0));
        generation.next_check_at = Some(at(ahead).wall);
        let call = Call::asking(Goal::Wait, generation, 600_000, Pace::Adaptive).with_key(secret(KEY));
        let mut stand = Stand::begin(call);
        if slept > 0 {
            assert_eq!(stand.rest(), slept);
        }
        assert_eq!(stand.next, Next::Get);
    }
}

#[test]
fn goes_on_for_every_pending_word_and_is_done_with_every_final_one() {
    for (word, known) in [
        ("queued", Status::Queued),
        ("waiting", Status::Queued),
        ("generating", Status::Generating),
        ("active", Status::Generating),
        ("processing", Status::Generating),
    ] {
        let mut stand = Stand::wait(600_000);
        stand.hear(status(word));
        assert_eq!(stand.known().status, known);
        assert_eq!(stand.next, Next::Sleep(10_000));
    }
    for word in ["completed", "complete", "succeeded"] {
        let mut stand = Stand::wait(600_000);
        stand.hear(reply(200, json!({"id": "another", "status": word, "audio_file": {"url": URL}, "error": null})));
        assert_eq!((stand.result().status, stand.result().id.as_str()), (Status::Completed, ID));
    }
    for word in ["error", "failed"] {
        let mut stand = Stand::wait(600_000);
        stand.hear(reply(200, json!({"status": word, "error": {"name": "E", "message": "gpu on fire"}})));
        let error = stand.error();
        assert_eq!((error.failure, error.words.as_str()), (Failure::GenerationFailed, "gpu on fire"));
        assert_eq!((error.http_status, error.retryable), (Some(200), false));
        let generation = error.generation.unwrap();
        assert_eq!((generation.status, generation.error.as_deref()), (Status::Error, Some("gpu on fire")));
        assert_eq!(generation.next_check_at, None);
    }
}

#[test]
fn lets_the_status_alone_decide() {
    let mut stand = Stand::wait(600_000);
    stand.hear(reply(200, json!({"status": "queued", "audio_file": {"url": URL}, "error": {"message": "m"}})));
    assert_eq!(stand.next, Next::Sleep(10_000));
    assert_eq!((stand.known().audio.as_ref(), stand.known().error.as_ref()), (None, None));
}

#[test]
fn may_repeat_a_generate_whose_generation_failed() {
    let mut stand = Stand::generate(600_000);
    stand.hear(accepted());
    stand.hear(status("error"));
    assert_eq!((stand.error().code(), stand.error().retryable), ("generation_failed", true));
}

/// Everything that passes: the reply, and the fault that the snapshot then names.
fn passing() -> Vec<(protocol::reply::Reply<J>, PollError)> {
    vec![
        (reply(408, json!({"message": "m"})), fault(PollErrorCode::Http, 408)),
        (reply(425, json!({"message": "m"})), fault(PollErrorCode::Http, 425)),
        (page(429), fault(PollErrorCode::RateLimited, 429)),
        (reply(500, json!({"message": "m"})), fault(PollErrorCode::Http, 500)),
        (page(502), fault(PollErrorCode::Http, 502)),
        (page(520), fault(PollErrorCode::Http, 520)),
        (page(524), fault(PollErrorCode::Http, 524)),
        (broken(503), fault(PollErrorCode::Http, 503)),
        (page(0), fault(PollErrorCode::Http, None)),
        (page(400), fault(PollErrorCode::Http, 400)),
        (page(403), fault(PollErrorCode::Http, 403)),
        (broken(403), fault(PollErrorCode::Http, 403)),
        (page(451), fault(PollErrorCode::Http, 451)),
        (page(200), fault(PollErrorCode::Body, 200)),
        (page(204), fault(PollErrorCode::Body, 204)),
        (broken(200), fault(PollErrorCode::Body, 200)),
        (reply(200, json!(null)), fault(PollErrorCode::Body, 200)),
        (reply(200, json!({"id": ID})), fault(PollErrorCode::Body, 200)),
        (reply(200, json!({"status": 7})), fault(PollErrorCode::Body, 200)),
    ]
}

#[test]
fn survives_every_passing_fault() {
    for (answer, wanted) in passing() {
        let shown = format!("{answer:?}");
        let mut stand = Stand::wait(600_000);
        for faults in 1..=5 {
            stand.hear(answer.clone());
            assert_eq!(
                (stand.known().polling.last_error, stand.known().polling.errors),
                (Some(wanted), faults),
                "{shown}"
            );
            assert_eq!(stand.reported.len(), faults as usize);
            let waited = stand.rest();
            assert!((1_000..=60_200).contains(&waited), "{shown}: {waited}");
            while matches!(stand.next, Next::Sleep(_)) {
                stand.rest();
            }
            assert_eq!(stand.next, Next::Get, "{shown}");
        }
        stand.hear(status("generating"));
        assert_eq!((stand.known().polling.last_error, stand.known().polling.errors), (None, 0));
        stand.rest();
        stand.hear(completed());
        assert_eq!(stand.result().polling.checks, 7);
    }
}

#[test]
fn survives_lost_polls_and_polls_without_an_answer() {
    let mut stand = Stand::wait(600_000);
    stand.lose();
    assert_eq!(stand.known().polling.last_error, Some(fault(PollErrorCode::Network, None)));
    stand.rest();
    assert_eq!(stand.give_up(), 30_000);
    assert_eq!(stand.known().polling.last_error, Some(fault(PollErrorCode::Timeout, None)));
    assert_eq!((stand.known().polling.errors, stand.reported.len()), (2, 2));
    stand.rest();
    assert_eq!(stand.next, Next::Get);
}

#[test]
fn backs_off_further_with_every_fault_to_half_a_minute() {
    let mut stand = Stand::wait(6_000_000);
    stand.dice.0 = 0.999;
    let mut waits = vec![];
    for _ in 0..9 {
        stand.lose();
        waits.push(stand.rest());
    }
    assert!(waits.is_sorted() && waits[0] <= 2_000 && waits[8] <= 30_000 && waits[8] > 29_000, "{waits:?}");
    stand.dice.0 = 0.0;
    stand.lose();
    assert_eq!(stand.rest(), 1_000);
}

#[test]
fn honours_retry_after_of_a_passing_fault() {
    for status in [408, 429, 500, 503] {
        let mut stand = Stand::wait(600_000);
        stand.hear(after("45", page(status)));
        let waited = stand.rest();
        assert!((45_000..45_200).contains(&waited), "{status}: {waited}");
    }
}

#[test]
fn fails_at_once_for_every_final_reply() {
    for (answer, code) in [
        (reply(400, json!({"message": "m"})), "rejected"),
        (reply(401, json!({"message": "m"})), "unauthorized"),
        (page(401), "unauthorized"),
        (reply(403, json!({"message": "out of credits"})), "out_of_credits"),
        (reply(403, json!({"message": "m"})), "forbidden"),
        (reply(410, json!({"message": "m"})), "rejected"),
        (redirect(0), "rejected"),
        (redirect(302), "rejected"),
    ] {
        for goal in [Goal::Wait, Goal::Check] {
            let shown = format!("{answer:?}");
            let mut stand = Stand::asking(goal, Generation::new(ID.into(), at(0)), 600_000);
            stand.hear(answer.clone());
            let error = stand.error();
            assert_eq!((error.code(), error.retryable), (code, false), "{shown}");
            assert_eq!(error.generation.unwrap().id, ID);
            assert_eq!(stand.reported.len(), usize::from(goal == Goal::Wait), "{shown}");
        }
    }
}

#[test]
fn does_not_know_a_generation_at_the_4th_404_running() {
    let mut stand = Stand::wait(600_000);
    for misses in 1..=3 {
        stand.hear(if misses == 2 { page(404) } else { reply(404, json!({"message": "m"})) });
        assert_eq!((stand.known().polling.not_found, stand.known().polling.errors), (misses, misses - 1));
        assert_eq!(stand.known().polling.last_error, Some(fault(PollErrorCode::Http, 404)));
        stand.rest();
        stand.hear(page(503));
        stand.rest();
        assert_eq!(stand.known().polling.not_found, misses, "a passing fault neither counts nor resets");
    }
    stand.hear(page(404));
    let error = stand.error();
    assert_eq!((error.code(), error.http_status, error.retryable), ("not_found", Some(404), false));
    assert_eq!(error.generation.unwrap().polling.not_found, 4);
}

#[test]
fn counts_404s_afresh_after_a_good_reply() {
    let mut stand = Stand::wait(600_000);
    for _ in 0..3 {
        stand.hear(page(404));
        stand.rest();
    }
    stand.hear(status("queued"));
    assert_eq!((stand.known().polling.not_found, stand.known().polling.last_error), (0, None));
}

#[test]
fn gives_up_at_the_5th_unknown_status_running() {
    let mut stand = Stand::generate(600_000);
    stand.hear(accepted());
    stand.hear(status("generating"));
    stand.rest();
    for unknowns in 1..=4 {
        stand.hear(status("dreaming"));
        assert_eq!((stand.known().polling.unknown_status, stand.known().status), (unknowns, Status::Generating));
        stand.rest();
        stand.lose();
        assert_eq!(stand.known().polling.unknown_status, unknowns, "a passing fault neither counts nor resets");
        stand.rest();
    }
    stand.hear(status("dreaming"));
    let error = stand.error();
    assert_eq!((error.failure, error.words.as_str()), (Failure::UnknownStatus, "dreaming"));
    assert!(error.message().contains("dreaming"));
    assert!(!error.retryable);
}

#[test]
fn counts_unknown_statuses_afresh_after_a_known_one() {
    let mut stand = Stand::wait(600_000);
    for _ in 0..4 {
        stand.hear(status("cancelled"));
        stand.rest();
    }
    stand.hear(status("queued"));
    assert_eq!(stand.known().polling.unknown_status, 0);
}

#[test]
fn gives_up_at_the_3rd_completion_running_without_a_url_and_can_be_resumed() {
    for file in [
        json!(null),
        json!({}),
        json!({"url": "ftp://cdn/x.wav"}),
        json!({"url": "javascript:alert(1)"}),
        json!({"url": 7}),
        json!({"url": "/relative.wav"}),
    ] {
        let mut stand = Stand::wait(600_000);
        for blanks in 1..=2 {
            stand.hear(reply(200, json!({"status": "completed", "audio_file": file})));
            assert_eq!((stand.known().polling.missing_url, stand.known().status.is_final()), (blanks, false));
            stand.rest();
        }
        stand.hear(reply(200, json!({"status": "completed", "audio_file": file})));
        let error = stand.error();
        assert_eq!((error.code(), error.retryable, error.http_status), ("bad_reply", false, Some(200)));
        let mut again = Stand::asking(Goal::Wait, *error.generation.unwrap(), 600_000);
        again.hear(completed());
        assert_eq!(again.result().audio.unwrap().url, URL);
    }
}

#[test]
fn does_not_call_another_status_a_completion_without_a_url() {
    let mut stand = Stand::wait(600_000);
    for _ in 0..3 {
        stand.hear(status("completed"));
        if stand.known().polling.missing_url < 3 {
            stand.rest();
        }
    }
    let mut again = Stand::asking(Goal::Wait, *stand.error().generation.unwrap(), 600_000);
    again.hear(status("cancelled"));
    assert_eq!((again.known().polling.missing_url, again.known().polling.unknown_status), (3, 1));
    again.rest();
    again.hear(status("completed"));
    assert_eq!(again.error().code(), "bad_reply");
}

#[test]
fn never_polls_one_job_twice_within_a_second() {
    let mut stand = Stand::wait(600_000);
    stand.hear(status("queued"));
    let call = Call::asking(Goal::Wait, Generation::new(ID.into(), at(0)), 600_000, Pace::Every(1_000));
    let shared = std::mem::take(&mut stand.shared);
    let mut other = Stand::new(call.with_key(secret(KEY)));
    other.shared = shared;
    other.pass(400).tell(protocol::call::Event::Begin { offline: false });
    other.go();
    assert_eq!(other.rest(), 600);
    assert_eq!(other.next, Next::Get);
}

#[test]
fn resolves_or_rejects_a_final_snapshot_without_a_request() {
    let mut done = Generation::new(ID.into(), at(0));
    done.status = Status::Completed;
    let mut failed = Generation::new(ID.into(), at(0));
    failed.status = Status::Error;
    failed.error = Some("no".into());
    for goal in [Goal::Wait, Goal::Check] {
        let stand = Stand::asking(goal, done.clone(), 600_000);
        assert_eq!((stand.result(), stand.gets.len()), (done.clone(), 0));
        let stand = Stand::asking(goal, failed.clone(), 600_000);
        assert_eq!((stand.failure(), stand.gets.len()), (Failure::GenerationFailed, 0));
    }
}

#[test]
fn asks_past_caches_until_a_reply_shows_that_none_keeps_it() {
    let mut stand = Stand::wait(600_000);
    assert_eq!(stand.shared.cache_mode(), Some("no-cache"));
    for (cacheable, mode) in [(false, None), (true, Some("no-cache")), (false, None)] {
        stand.hear(protocol::reply::Reply { cacheable, ..status("queued") });
        assert_eq!(stand.shared.cache_mode(), mode);
        stand.rest();
    }
}

#[test]
fn asks_without_a_cache_mode_after_a_poll_that_was_lost() {
    let mut stand = Stand::wait(600_000);
    stand.lose();
    assert_eq!(stand.shared.cache_mode(), None);
    stand.rest();
    stand.hear(protocol::reply::Reply { cacheable: true, ..status("queued") });
    assert_eq!(stand.shared.cache_mode(), Some("no-cache"));
}
