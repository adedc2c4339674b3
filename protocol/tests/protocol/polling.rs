use protocol::{Action, Failure, Generation, Goal, PollError, PollErrorCode, PollInterval, Purpose, Status};
use serde_json::json;

use crate::driver::{
    ID, KEY, TestDriver, TestValue, URL, accepted, after, api_key, at, completed, page, poll_call, redirect, reply,
    status, truncated,
};

fn poll_error(code: PollErrorCode, http_status: impl Into<Option<u16>>) -> PollError {
    PollError { code, http_status: http_status.into() }
}

#[test]
fn a_fixed_interval_polls_at_once_and_then_after_each_interval() {
    let mut driver = TestDriver::generate(600_000);
    driver.reply(accepted());
    for word in ["queued", "generating", "generating", "generating"] {
        driver.advance(50).reply(status(word));
        assert_eq!(driver.sleep(), 10_000);
    }
    driver.reply(completed());
    let generation = driver.result();
    let audio = generation.audio.unwrap();
    assert_eq!((audio.url.as_str(), audio.file_size, audio.generation_id.as_str()), (URL, Some(5_292_078.0), ID));
    assert_eq!((generation.polling.checks, generation.next_check_at), (5, None));
    assert_eq!((driver.status_snapshots.len(), driver.posts.len(), driver.gets.len()), (5, 1, 5));
}

#[test]
fn a_fixed_interval_polls_at_once_whatever_the_snapshot_says() {
    let mut generation = Generation::new(ID.into(), at(0));
    generation.next_check_at = Some(at(30_000).wall);
    let driver = TestDriver::polling(Goal::Wait, generation, 600_000);
    assert_eq!((driver.action.purpose(), driver.gets), (Some(Purpose::Poll), vec![0]));
}

#[test]
fn the_snapshots_next_check_is_respected_within_a_minute() {
    for (ahead, slept) in [(0, 0), (7_000, 7_000), (60_000, 60_000), (90_000_000_000, 60_000)] {
        let mut generation = Generation::new(ID.into(), at(0));
        generation.next_check_at = Some(at(ahead).wall);
        let call = poll_call(Goal::Wait, generation, 600_000, PollInterval::Adaptive).with_key(api_key(KEY));
        let mut driver = TestDriver::begin(call);
        if slept > 0 {
            assert_eq!(driver.sleep(), slept);
        }
        assert_eq!(driver.action.purpose(), Some(Purpose::Poll));
    }
}

#[test]
fn every_pending_status_continues_and_every_final_status_ends_a_wait() {
    for (word, known) in [
        ("queued", Status::Queued),
        ("waiting", Status::Queued),
        ("generating", Status::Generating),
        ("active", Status::Generating),
        ("processing", Status::Generating),
    ] {
        let mut driver = TestDriver::wait(600_000);
        driver.reply(status(word));
        assert_eq!(driver.known().status, known);
        assert_eq!(driver.wait_left(), Some(10_000));
    }
    for word in ["completed", "complete", "succeeded"] {
        let mut driver = TestDriver::wait(600_000);
        driver.reply(reply(200, json!({"id": "another", "status": word, "audio_file": {"url": URL}, "error": null})));
        assert_eq!((driver.result().status, driver.result().id.as_str()), (Status::Completed, ID));
    }
    for word in ["error", "failed"] {
        let mut driver = TestDriver::wait(600_000);
        driver.reply(reply(200, json!({"status": word, "error": {"name": "E", "message": "gpu on fire"}})));
        let error = driver.error();
        assert_eq!((error.failure, error.detail.as_str()), (Failure::GenerationFailed, "gpu on fire"));
        assert_eq!((error.http_status, error.retryable), (Some(200), false));
        let generation = error.generation.unwrap();
        assert_eq!((generation.status, generation.error.as_deref()), (Status::Error, Some("gpu on fire")));
        assert_eq!(generation.next_check_at, None);
    }
}

#[test]
fn the_status_alone_decides_whether_a_generation_is_final() {
    let mut driver = TestDriver::wait(600_000);
    driver.reply(reply(200, json!({"status": "queued", "audio_file": {"url": URL}, "error": {"message": "m"}})));
    assert_eq!(driver.wait_left(), Some(10_000));
    assert_eq!((driver.known().audio.as_ref(), driver.known().error.as_ref()), (None, None));
}

#[test]
fn a_generate_whose_generation_failed_is_retryable() {
    let mut driver = TestDriver::generate(600_000);
    driver.reply(accepted());
    driver.reply(status("error"));
    assert_eq!((driver.error().code(), driver.error().retryable), ("generation_failed", true));
}

/// Every transient error: the reply, and the error that the snapshot then contains.
fn transient_replies() -> Vec<(protocol::Reply<TestValue>, PollError)> {
    vec![
        (reply(408, json!({"message": "m"})), poll_error(PollErrorCode::Http, 408)),
        (reply(425, json!({"message": "m"})), poll_error(PollErrorCode::Http, 425)),
        (page(429), poll_error(PollErrorCode::RateLimited, 429)),
        (reply(500, json!({"message": "m"})), poll_error(PollErrorCode::Http, 500)),
        (page(502), poll_error(PollErrorCode::Http, 502)),
        (page(520), poll_error(PollErrorCode::Http, 520)),
        (page(524), poll_error(PollErrorCode::Http, 524)),
        (truncated(503), poll_error(PollErrorCode::Http, 503)),
        (page(0), poll_error(PollErrorCode::Http, None)),
        (page(400), poll_error(PollErrorCode::Http, 400)),
        (page(403), poll_error(PollErrorCode::Http, 403)),
        (truncated(403), poll_error(PollErrorCode::Http, 403)),
        (page(451), poll_error(PollErrorCode::Http, 451)),
        (page(200), poll_error(PollErrorCode::Body, 200)),
        (page(204), poll_error(PollErrorCode::Body, 204)),
        (truncated(200), poll_error(PollErrorCode::Body, 200)),
        (reply(200, json!(null)), poll_error(PollErrorCode::Body, 200)),
        (reply(200, json!({"id": ID})), poll_error(PollErrorCode::Body, 200)),
        (reply(200, json!({"status": 7})), poll_error(PollErrorCode::Body, 200)),
    ]
}

#[test]
fn a_wait_survives_every_transient_error() {
    for (answer, wanted) in transient_replies() {
        let shown = format!("{answer:?}");
        let mut driver = TestDriver::wait(600_000);
        for faults in 1..=5 {
            driver.reply(answer.clone());
            assert_eq!(
                (driver.known().polling.last_error, driver.known().polling.errors),
                (Some(wanted), faults),
                "{shown}"
            );
            assert_eq!(driver.status_snapshots.len(), faults as usize);
            let waited = driver.sleep();
            assert!((1_000..=60_200).contains(&waited), "{shown}: {waited}");
            while driver.action == Action::Wait {
                driver.sleep();
            }
            assert_eq!(driver.action.purpose(), Some(Purpose::Poll), "{shown}");
        }
        driver.reply(status("generating"));
        assert_eq!((driver.known().polling.last_error, driver.known().polling.errors), (None, 0));
        driver.sleep();
        driver.reply(completed());
        assert_eq!(driver.result().polling.checks, 7);
    }
}

#[test]
fn a_wait_survives_network_errors_and_timeouts() {
    let mut driver = TestDriver::wait(600_000);
    driver.network_error();
    assert_eq!(driver.known().polling.last_error, Some(poll_error(PollErrorCode::Network, None)));
    driver.sleep();
    assert_eq!(driver.time_out(), 30_000);
    assert_eq!(driver.known().polling.last_error, Some(poll_error(PollErrorCode::Timeout, None)));
    assert_eq!((driver.known().polling.errors, driver.status_snapshots.len()), (2, 2));
    driver.sleep();
    assert_eq!(driver.action.purpose(), Some(Purpose::Poll));
}

#[test]
fn transient_errors_back_off_up_to_half_a_minute() {
    let mut driver = TestDriver::wait(6_000_000);
    driver.rng.0 = 0.999;
    let mut waits = vec![];
    for _ in 0..9 {
        driver.network_error();
        waits.push(driver.sleep());
    }
    assert!(waits.is_sorted() && waits[0] <= 2_000 && waits[8] <= 30_000 && waits[8] > 29_000, "{waits:?}");
    driver.rng.0 = 0.0;
    driver.network_error();
    assert_eq!(driver.sleep(), 1_000);
}

#[test]
fn the_retry_after_of_a_transient_error_is_respected() {
    for status in [408, 429, 500, 503] {
        let mut driver = TestDriver::wait(600_000);
        driver.reply(after("45", page(status)));
        let waited = driver.sleep();
        assert!((45_000..45_200).contains(&waited), "{status}: {waited}");
    }
}

#[test]
fn every_final_error_ends_a_poll_at_once() {
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
            let mut driver = TestDriver::polling(goal, Generation::new(ID.into(), at(0)), 600_000);
            driver.reply(answer.clone());
            let error = driver.error();
            assert_eq!((error.code(), error.retryable), (code, false), "{shown}");
            assert_eq!(error.generation.unwrap().id, ID);
            assert_eq!(driver.status_snapshots.len(), usize::from(goal == Goal::Wait), "{shown}");
        }
    }
}

#[test]
fn the_4th_consecutive_404_ends_a_wait() {
    let mut driver = TestDriver::wait(600_000);
    for misses in 1..=3 {
        driver.reply(if misses == 2 { page(404) } else { reply(404, json!({"message": "m"})) });
        assert_eq!((driver.known().polling.not_found, driver.known().polling.errors), (misses, misses - 1));
        assert_eq!(driver.known().polling.last_error, Some(poll_error(PollErrorCode::Http, 404)));
        driver.sleep();
        driver.reply(page(503));
        driver.sleep();
        assert_eq!(driver.known().polling.not_found, misses, "a passing fault neither counts nor resets");
    }
    driver.reply(page(404));
    let error = driver.error();
    assert_eq!((error.code(), error.http_status, error.retryable), ("not_found", Some(404), false));
    assert_eq!(error.generation.unwrap().polling.not_found, 4);
}

#[test]
fn a_good_reply_resets_the_count_of_404s() {
    let mut driver = TestDriver::wait(600_000);
    for _ in 0..3 {
        driver.reply(page(404));
        driver.sleep();
    }
    driver.reply(status("queued"));
    assert_eq!((driver.known().polling.not_found, driver.known().polling.last_error), (0, None));
}

#[test]
fn the_5th_consecutive_unknown_status_ends_a_wait() {
    let mut driver = TestDriver::generate(600_000);
    driver.reply(accepted());
    driver.reply(status("generating"));
    driver.sleep();
    for unknowns in 1..=4 {
        driver.reply(status("dreaming"));
        assert_eq!((driver.known().polling.unknown_status, driver.known().status), (unknowns, Status::Generating));
        driver.sleep();
        driver.network_error();
        assert_eq!(driver.known().polling.unknown_status, unknowns, "a passing fault neither counts nor resets");
        driver.sleep();
    }
    driver.reply(status("dreaming"));
    let error = driver.error();
    assert_eq!((error.failure, error.detail.as_str()), (Failure::UnknownStatus, "dreaming"));
    assert!(error.message().contains("dreaming"));
    assert!(!error.retryable);
}

#[test]
fn a_known_status_resets_the_count_of_unknown_ones() {
    let mut driver = TestDriver::wait(600_000);
    for _ in 0..4 {
        driver.reply(status("cancelled"));
        driver.sleep();
    }
    driver.reply(status("queued"));
    assert_eq!(driver.known().polling.unknown_status, 0);
}

#[test]
fn the_3rd_consecutive_completion_without_a_url_ends_a_wait_that_can_be_resumed() {
    for file in [
        json!(null),
        json!({}),
        json!({"url": "ftp://cdn/x.wav"}),
        json!({"url": "javascript:alert(1)"}),
        json!({"url": 7}),
        json!({"url": "/relative.wav"}),
    ] {
        let mut driver = TestDriver::wait(600_000);
        for blanks in 1..=2 {
            driver.reply(reply(200, json!({"status": "completed", "audio_file": file})));
            assert_eq!((driver.known().polling.missing_url, driver.known().status.is_final()), (blanks, false));
            driver.sleep();
        }
        driver.reply(reply(200, json!({"status": "completed", "audio_file": file})));
        let error = driver.error();
        assert_eq!((error.code(), error.retryable, error.http_status), ("bad_reply", false, Some(200)));
        let mut again = TestDriver::polling(Goal::Wait, *error.generation.unwrap(), 600_000);
        again.reply(completed());
        assert_eq!(again.result().audio.unwrap().url, URL);
    }
}

#[test]
fn another_status_does_not_count_as_a_completion_without_a_url() {
    let mut driver = TestDriver::wait(600_000);
    for _ in 0..3 {
        driver.reply(status("completed"));
        if driver.known().polling.missing_url < 3 {
            driver.sleep();
        }
    }
    let mut again = TestDriver::polling(Goal::Wait, *driver.error().generation.unwrap(), 600_000);
    again.reply(status("cancelled"));
    assert_eq!((again.known().polling.missing_url, again.known().polling.unknown_status), (3, 1));
    again.sleep();
    again.reply(status("completed"));
    assert_eq!(again.error().code(), "bad_reply");
}

#[test]
fn two_waits_never_poll_one_generation_within_a_second() {
    let mut driver = TestDriver::wait(600_000);
    driver.reply(status("queued"));
    let call = poll_call(Goal::Wait, Generation::new(ID.into(), at(0)), 600_000, PollInterval::Fixed(1_000));
    let origin_state = std::mem::take(&mut driver.origin_state);
    let mut other = TestDriver::new(call.with_key(api_key(KEY)));
    other.origin_state = origin_state;
    other.advance(400).step(protocol::Event::Start { offline: false });
    other.run_to_wait();
    assert_eq!(other.sleep(), 600);
    assert_eq!(other.action.purpose(), Some(Purpose::Poll));
}

#[test]
fn a_final_snapshot_settles_without_a_request() {
    let mut done = Generation::new(ID.into(), at(0));
    done.status = Status::Completed;
    let mut failed = Generation::new(ID.into(), at(0));
    failed.status = Status::Error;
    failed.error = Some("no".into());
    for goal in [Goal::Wait, Goal::Check] {
        let driver = TestDriver::polling(goal, done.clone(), 600_000);
        assert_eq!((driver.result(), driver.gets.len()), (done.clone(), 0));
        let driver = TestDriver::polling(goal, failed.clone(), 600_000);
        assert_eq!((driver.failure(), driver.gets.len()), (Failure::GenerationFailed, 0));
    }
}

#[test]
fn polls_bypass_caches_until_a_reply_is_seen_to_be_uncacheable() {
    let mut driver = TestDriver::wait(600_000);
    assert_eq!(driver.origin_state.cache_mode(), Some("no-cache"));
    for (cacheable, mode) in [(false, None), (true, Some("no-cache")), (false, None)] {
        driver.reply(protocol::Reply { cacheable, ..status("queued") });
        assert_eq!(driver.origin_state.cache_mode(), mode);
        driver.sleep();
    }
}

#[test]
fn a_network_error_drops_the_cache_mode() {
    let mut driver = TestDriver::wait(600_000);
    driver.network_error();
    assert_eq!(driver.origin_state.cache_mode(), None);
    driver.sleep();
    driver.reply(protocol::Reply { cacheable: true, ..status("queued") });
    assert_eq!(driver.origin_state.cache_mode(), Some("no-cache"));
}
