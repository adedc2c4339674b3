use protocol::{Action, Body, Event, Failure, Goal, PollInterval, Purpose, Reply, Status, UnknownReason};
use serde_json::json;

use crate::driver::{
    ID, KEY, PROMPT, TestDriver, TestValue, URL, accepted, after, api_key, completed, page, redirect, reply,
    submit_call, truncated, untrusted,
};

#[test]
fn a_submit_sends_one_post_and_resolves_to_the_generation() {
    let mut driver = TestDriver::submitting(Goal::Submit, 600_000);
    assert_eq!(driver.action.purpose(), Some(Purpose::Submit));
    driver.advance(300).reply(accepted());
    let generation = driver.result();
    assert_eq!((generation.id.as_str(), generation.status), (ID, Status::Queued));
    assert_eq!(generation.credits_used, Some(25200.0));
    assert_eq!(generation.request.unwrap().prompt, PROMPT);
    assert!(generation.next_check_at.unwrap() >= generation.submitted_at);
    assert!(generation.expected_at.unwrap() > generation.submitted_at);
    assert_eq!((generation.polling.checks, driver.posts.len()), (0, 1));
}

#[test]
fn any_2xx_with_an_id_of_either_revision_is_an_acceptance() {
    for (status, body) in [
        (200, json!({"id": "a", "status": "queued"})),
        (201, json!({"generation_id": "a"})),
        (202, json!({"generation_id": "a", "id": null, "status": null})),
        (299, json!({"id": "a", "status": "waiting", "error": {"name": "n"}, "audio_file": {"url": URL}})),
    ] {
        let mut driver = TestDriver::submitting(Goal::Submit, 600_000);
        driver.reply(reply(status, body));
        assert_eq!((driver.result().id.as_str(), driver.result().status), ("a", Status::Queued));
    }
}

#[test]
fn a_result_in_the_acceptance_needs_no_poll() {
    let mut driver = TestDriver::generate(600_000);
    driver.reply(completed());
    assert_eq!(driver.result().audio.unwrap().url, URL);
    assert_eq!((driver.submitted_snapshots.len(), driver.gets.len()), (1, 0));
}

#[test]
fn a_failure_in_the_acceptance_rejects_the_call() {
    for (goal, retryable) in [(Goal::Generate, true), (Goal::Submit, false)] {
        let mut driver = TestDriver::submitting(goal, 600_000);
        driver.reply(reply(200, json!({"id": ID, "status": "failed", "error": "too loud"})));
        let error = driver.error();
        assert_eq!(
            (error.failure, error.detail.as_str(), error.retryable),
            (Failure::GenerationFailed, "too loud", retryable)
        );
        assert_eq!(error.generation.unwrap().id, ID);
    }
}

#[test]
fn a_submit_that_may_have_been_billed_is_never_repeated() {
    for (happened, failure) in [
        (Event::NetworkError, UnknownReason::Network),
        (Event::Timeout, UnknownReason::TimedOut),
        (Event::Reply(reply(500, json!({"message": "oops"}))), UnknownReason::ServerError),
        (Event::Reply(page(502)), UnknownReason::ServerError),
        (Event::Reply(page(503)), UnknownReason::ServerError),
        (Event::Reply(page(504)), UnknownReason::ServerError),
        (Event::Reply(page(524)), UnknownReason::ServerError),
        (Event::Reply(after("1", reply(503, json!({})))), UnknownReason::ServerError),
        (Event::Reply(page(0)), UnknownReason::ServerError),
        (Event::Reply(page(408)), UnknownReason::ServerError),
        (Event::Reply(reply(408, json!({"message": "Request Timeout"}))), UnknownReason::ServerError),
        (Event::ReplyTruncated(truncated(408)), UnknownReason::TimedOut),
        (Event::Reply(redirect(303)), UnknownReason::ServerError),
        (Event::Reply(page(201)), UnknownReason::Unreadable),
        (Event::Reply(truncated(200)), UnknownReason::Unreadable),
    ] {
        for goal in [Goal::Generate, Goal::Submit] {
            let mut driver = TestDriver::submitting(goal, 600_000);
            driver.advance(600_000).step(match &happened {
                Event::Reply(reply) => Event::Reply(reply.clone()),
                Event::ReplyTruncated(reply) => Event::ReplyTruncated(reply.clone()),
                Event::NetworkError => Event::NetworkError,
                _ => Event::Timeout,
            });
            let error = driver.error();
            assert_eq!((error.code(), &error.failure), ("submit_unknown", &Failure::SubmitUnknown(failure)));
            assert!(!error.retryable);
            assert!(error.message().contains("billed"), "{}", error.message());
            assert_eq!(driver.posts.len(), 1);
        }
    }
}

#[test]
fn the_message_of_a_network_error_mentions_blocked_requests() {
    let mut driver = TestDriver::generate(600_000);
    driver.network_error();
    for word in ["CORS", "CSP", "ad blocker", "DNS"] {
        assert!(driver.error().message().contains(word), "{}", driver.error().message());
    }
}

#[test]
fn every_refusal_has_its_code() {
    let credits = json!({"title": "Forbidden", "status": 403, "message": "You've run out of credits. Top up.",
        "error": {"name": "ForbiddenException", "data": {"kind": "err_insufficent_credits"}}, "requestId": "r-1"});
    for (answer, code, http_status) in [
        (reply(400, json!({"message": ["Body validation error!", "steps"]})), "rejected", Some(400)),
        (reply(401, json!({"statusCode": "401", "message": "no key", "requestId": "r-1"})), "unauthorized", Some(401)),
        (reply(402, json!({"message": "pay"})), "rejected", Some(402)),
        (reply(403, credits), "out_of_credits", Some(403)),
        (reply(403, json!({"message": "You are out of funds"})), "out_of_credits", Some(403)),
        (
            reply(403, json!({"message": "Forbidden", "error": {"message": "You've run Out of Credits"}})),
            "out_of_credits",
            Some(403),
        ),
        (reply(403, json!({"message": "not this endpoint"})), "forbidden", Some(403)),
        (page(403), "forbidden", Some(403)),
        (reply(404, json!({"message": "no such path"})), "rejected", Some(404)),
        (page(404), "rejected", Some(404)),
        (page(405), "rejected", Some(405)),
        (reply(422, json!({"detail": [{"loc": ["body"], "msg": "too long", "type": "x"}]})), "rejected", Some(422)),
        (truncated(413), "rejected", Some(413)),
        (redirect(0), "rejected", None),
        (redirect(307), "rejected", Some(307)),
        (reply(200, json!({"status": "queued"})), "bad_reply", Some(200)),
        (reply(200, json!({"id": "  "})), "bad_reply", Some(200)),
        (reply(200, json!([])), "bad_reply", Some(200)),
    ] {
        let shown = format!("{answer:?}");
        for goal in [Goal::Generate, Goal::Submit] {
            let mut driver = TestDriver::submitting(goal, 600_000);
            driver.reply(answer.clone());
            let error = driver.error();
            assert_eq!((error.code(), error.http_status), (code, http_status), "{shown}");
            assert!(!error.retryable, "{shown}");
            assert!(error.generation.is_none());
            assert_eq!(driver.posts.len(), 1, "{shown}");
        }
    }
}

#[test]
fn the_message_of_a_redirect_or_404_names_base_url() {
    for answer in [redirect(0), redirect(308), page(404), reply(404, json!({"message": "Cannot POST /v2"}))] {
        let mut driver = TestDriver::generate(600_000);
        driver.reply(answer);
        assert!(driver.error().message().contains("`baseUrl`"), "{}", driver.error().message());
    }
}

#[test]
fn an_acceptance_without_an_id_may_have_been_billed() {
    let mut driver = TestDriver::generate(600_000);
    driver.reply(reply(200, json!({"status": "queued"})));
    assert_eq!(driver.failure(), Failure::NoId);
    assert!(driver.error().message().contains("billed"));
}

#[test]
fn an_acceptance_without_an_id_quotes_the_service() {
    let mut driver = TestDriver::generate(600_000);
    driver.reply(reply(200, json!({"error": {"message": "the model is being updated"}})));
    let error = driver.error();
    assert_eq!((error.code(), error.detail.as_str()), ("bad_reply", "the model is being updated"));
}

#[test]
fn the_header_supplies_the_id_if_the_body_has_none() {
    for body in [
        Body::Incomplete,
        Body::NotJson,
        Body::Json(untrusted(json!({"status": "queued"}))),
        Body::Json(untrusted(json!(null))),
    ] {
        for event in [Event::Reply as fn(Reply<TestValue>) -> Event<TestValue>, Event::ReplyTruncated] {
            let head = Reply { inference_id: Some("h-1".into()), body: body.clone(), ..page(201) };
            let mut driver = TestDriver::submitting(Goal::Submit, 600_000);
            driver.step(event(head));
            assert_eq!(driver.result().id, "h-1");
        }
    }
    let mut driver = TestDriver::submitting(Goal::Submit, 600_000);
    driver.reply(Reply { inference_id: Some("h-1".into()), ..reply(201, json!({"id": "b-1"})) });
    assert_eq!(driver.result().id, "b-1", "the body comes first");
}

#[test]
fn an_invalid_id_in_the_header_is_ignored() {
    for name in ["", " ", &"x".repeat(2_000)] {
        let mut driver = TestDriver::submitting(Goal::Submit, 600_000);
        driver.reply(Reply { inference_id: Some(name.into()), ..truncated(201) });
        assert_eq!(driver.failure(), Failure::SubmitUnknown(UnknownReason::Unreadable));
    }
}

#[test]
fn a_whole_document_counts_even_if_its_stream_stays_open() {
    let mut driver = TestDriver::submitting(Goal::Submit, 600_000);
    assert!(driver.call.on_whole_document(driver.now));
    assert!(!driver.call.on_whole_document(driver.now), "which is no news any more");
    let limit = driver.call.poll_timeout(driver.now);
    assert_eq!(limit, 1_000);
    driver.advance(limit).step(Event::ReplyTruncated(accepted()));
    assert_eq!(driver.result().id, ID);
    let mut driver = TestDriver::wait(600_000);
    assert!(driver.call.on_whole_document(driver.now));
    driver.advance(1_000).step(Event::ReplyTruncated(completed()));
    driver.run_to_wait();
    assert_eq!(driver.result().audio.unwrap().url, URL);
    let mut driver = TestDriver::generate(600_000);
    driver.call.on_whole_document(driver.now);
    driver.step(Event::Reply(accepted()));
    assert_eq!(driver.call.poll_timeout(driver.now), 600_000, "what follows has all its time");
    driver.run_to_wait();
    assert!(driver.call.poll_timeout(driver.now) > 1_000);
}

#[test]
fn a_page_suspended_past_the_deadline_waits_a_second_for_the_submits_reply() {
    for goal in [Goal::Generate, Goal::Submit] {
        let mut driver = TestDriver::submitting(goal, 60_000);
        driver.suspend(90_000);
        assert_eq!(driver.call.poll_timeout(driver.now), 1_000);
        driver.advance(300).reply(accepted());
        assert_eq!(driver.known().id, ID);
        assert_eq!(driver.posts.len(), 1);
    }
    let mut driver = TestDriver::submitting(Goal::Submit, 60_000);
    driver.suspend(90_000);
    assert_eq!((driver.time_out(), driver.call.poll_timeout(driver.now)), (1_000, 0), "no longer than that");
    assert_eq!(driver.error().code(), "submit_unknown");
}

#[test]
fn on_submitting_is_awaited_before_every_submit_and_its_failure_sends_nothing() {
    let call =
        || submit_call(Goal::Submit, 600_000, PollInterval::Adaptive).with_key(api_key(KEY)).with_on_submitting();
    let mut driver = TestDriver::new(call());
    driver.step(Event::Start { offline: false });
    assert_eq!(*driver.step(Event::PermitAcquired { offline: false }), Action::CallOnSubmitting);
    assert_eq!(driver.step(Event::CallbackResolved).purpose(), Some(Purpose::Submit));
    driver.step(Event::Reply(after("5", page(429))));
    driver.advance(60_000).step(Event::Timeout);
    assert_eq!(
        *driver.step(Event::PermitAcquired { offline: false }),
        Action::CallOnSubmitting,
        "before the second one too"
    );
    driver.step(Event::CallbackRejected);
    let error = driver.error();
    assert_eq!((error.code(), error.retryable, driver.posts.len()), ("callback_failed", false, 1));
    assert!(error.message().contains("onSubmitting") && error.message().contains("nothing was spent"));
    // What the caller did held up the page beyond the deadline.
    for event in [Event::Timeout, Event::Aborted(None), Event::CallbackResolved] {
        let mut driver = TestDriver::new(call());
        driver.step(Event::Start { offline: false });
        driver.step(Event::PermitAcquired { offline: false });
        driver.advance(600_000).step(event);
        let error = driver.error();
        assert!(error.retryable && error.message().contains("nothing was spent"), "{}", error.message());
        assert!(driver.posts.is_empty());
    }
}

#[test]
fn the_request_id_comes_from_the_body_or_else_from_the_header() {
    let by_header = |body| Reply { inference_id: Some("h-1".into()), ..reply(400, body) };
    for (body, name) in [(json!({"requestId": "b-1"}), "b-1"), (json!({"message": "m"}), "h-1")] {
        let mut driver = TestDriver::generate(600_000);
        driver.reply(by_header(body));
        assert_eq!(driver.error().request_id.as_deref(), Some(name));
    }
}

#[test]
fn a_submit_is_repeated_after_429s_until_it_is_accepted() {
    let mut driver = TestDriver::generate(600_000);
    for _ in 0..5 {
        driver.reply(reply(429, json!({"message": "slow down"})));
        let waited = driver.sleep();
        assert!((1_000..=60_200).contains(&waited), "{waited}");
        assert_eq!(driver.action.purpose(), Some(Purpose::Submit));
    }
    driver.reply(accepted());
    assert_eq!(driver.posts.len(), 6);
    assert_eq!(driver.action.purpose(), Some(Purpose::Poll));
}

#[test]
fn repeated_429s_to_a_submit_back_off_further_each_time() {
    let mut driver = TestDriver::generate(600_000);
    driver.rng.0 = 0.99;
    let mut waits = vec![];
    for _ in 0..7 {
        driver.reply(page(429));
        waits.push(driver.sleep());
    }
    assert!(waits.is_sorted(), "{waits:?}");
    assert!(waits[0] <= 2_200 && waits[5] > 55_000 && waits[6] <= 60_200, "{waits:?}");
}

#[test]
fn a_submit_is_never_repeated_sooner_than_retry_after() {
    for (text, least) in [("7", 7_000), ("120", 120_000), (" 3 ", 3_000)] {
        let mut driver = TestDriver::generate(600_000);
        driver.rng.0 = 0.0;
        driver.reply(after(text, page(429)));
        assert_eq!(driver.sleep(), least);
        assert_eq!(driver.action.purpose(), Some(Purpose::Submit));
    }
}

#[test]
fn a_retry_after_of_zero_still_waits_a_second() {
    for text in ["0", "00"] {
        let mut driver = TestDriver::generate(600_000);
        driver.rng.0 = 0.0;
        for _ in 0..3 {
            driver.reply(after(text, page(429)));
            assert!(driver.sleep() >= 1_000);
        }
    }
}

#[test]
fn a_rate_limited_submit_makes_one_final_attempt_before_the_deadline() {
    let mut driver = TestDriver::submitting(Goal::Submit, 60_000);
    driver.reply(after("3600", reply(429, json!({"message": "slow down"}))));
    assert_eq!(driver.sleep(), 50_000);
    assert_eq!(driver.action.purpose(), Some(Purpose::Submit));
    driver.reply(after("3600", reply(429, json!({"message": "still"}))));
    assert_eq!(driver.sleep(), 10_000);
    let error = driver.error();
    assert_eq!((error.failure, error.detail.as_str()), (Failure::RateLimited, "still"));
    assert_eq!((error.http_status, error.retryable, driver.posts.len()), (Some(429), true, 2));
}

#[test]
fn a_429_just_before_the_deadline_is_not_repeated_at_once() {
    let mut driver = TestDriver::submitting(Goal::Submit, 60_000);
    driver.advance(55_000).reply(after("2", page(429)));
    assert_eq!(driver.sleep(), 5_000);
    assert_eq!((driver.error().code(), driver.posts.len()), ("rate_limited", 1));
}

#[test]
fn the_final_attempt_of_a_submit_can_be_accepted() {
    let mut driver = TestDriver::generate(60_000);
    driver.reply(after("3600", page(429)));
    driver.sleep();
    driver.reply(accepted());
    assert_eq!(driver.known().id, ID);
    // The gate is still closed; the last poll goes through it.
    while driver.action == Action::Wait {
        driver.sleep();
    }
    assert_eq!(driver.action.purpose(), Some(Purpose::Poll));
    driver.reply(completed());
    assert_eq!(driver.result().audio.unwrap().url, URL);
}

#[test]
fn nothing_is_submitted_while_the_browser_is_offline() {
    for goal in [Goal::Generate, Goal::Submit] {
        let mut driver = TestDriver::new(submit_call(goal, 600_000, PollInterval::Adaptive));
        driver.step(Event::Start { offline: true });
        assert_eq!((driver.error().code(), driver.error().retryable), ("offline", true));
    }
}

#[test]
fn nothing_is_submitted_if_the_browser_goes_offline_while_waiting_for_a_permit() {
    let mut driver = TestDriver::new(submit_call(Goal::Submit, 600_000, PollInterval::Adaptive).with_key(api_key(KEY)));
    assert_eq!(*driver.step(Event::Start { offline: false }), Action::AcquirePermit);
    driver.step(Event::PermitAcquired { offline: true });
    assert_eq!(driver.failure(), Failure::Offline);
}

#[test]
fn on_submitted_is_awaited_before_the_first_poll() {
    let mut driver = TestDriver::generate(600_000);
    assert_eq!(*driver.step(Event::Reply(accepted())), Action::CallOnSubmitted);
    driver.advance(30_000);
    assert_eq!(*driver.step(Event::CallbackResolved), Action::AcquirePermit);
    assert_eq!(driver.submitted_snapshots.len(), 1);
}

#[test]
fn a_failing_on_submitted_rejects_with_the_generation() {
    let mut driver = TestDriver::generate(600_000);
    driver.step(Event::Reply(accepted()));
    driver.step(Event::CallbackRejected);
    let error = driver.error();
    assert_eq!((error.code(), error.retryable), ("callback_failed", false));
    assert_eq!(error.generation.unwrap().id, ID);
}

#[test]
fn on_submitted_is_not_called_for_a_single_submit() {
    let mut driver = TestDriver::submitting(Goal::Submit, 600_000);
    driver.reply(accepted());
    assert!(driver.submitted_snapshots.is_empty());
}

#[test]
fn a_refusal_counts_even_if_its_body_never_ends() {
    for (status, code) in [(400, "rejected"), (401, "unauthorized"), (403, "forbidden"), (429, "rate_limited")] {
        let mut driver = TestDriver::submitting(Goal::Submit, 10_000);
        driver.advance(10_000).step(Event::ReplyTruncated(truncated(status)));
        assert_eq!(driver.error().code(), code);
    }
    for status in [200, 201, 500, 524] {
        let mut driver = TestDriver::submitting(Goal::Submit, 10_000);
        driver.advance(10_000).step(Event::ReplyTruncated(truncated(status)));
        assert_eq!(driver.error().code(), "submit_unknown");
    }
}
