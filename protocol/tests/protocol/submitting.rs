use protocol::call::{Call, Event, Goal, Next};
use protocol::error::{Failure, Unknown};
use protocol::generation::Status;
use protocol::options::Pace;
use protocol::reply::{Body, Reply};
use serde_json::json;

use crate::stand::{
    ID, J, KEY, PROMPT, Stand, URL, accepted, after, broken, completed, kept, page, redirect, reply, request, secret,
};

#[test]
fn sends_one_post_and_resolves_to_the_generation() {
    let mut stand = Stand::submitting(Goal::Submit, 600_000);
    assert_eq!(stand.next, Next::Post);
    stand.pass(300).hear(accepted());
    let generation = stand.result();
    assert_eq!((generation.id.as_str(), generation.status), (ID, Status::Queued));
    assert_eq!(generation.credits_used, Some(25200.0));
    assert_eq!(generation.request.unwrap().prompt, PROMPT);
    assert!(generation.next_check_at.unwrap() >= generation.submitted_at);
    assert!(generation.expected_at.unwrap() > generation.submitted_at);
    assert_eq!((generation.polling.checks, stand.posts.len()), (0, 1));
}

#[test]
fn takes_any_2xx_and_the_first_revisions_id() {
    for (status, body) in [
        (200, json!({"id": "a", "status": "queued"})),
        (201, json!({"generation_id": "a"})),
        (202, json!({"generation_id": "a", "id": null, "status": null})),
        (299, json!({"id": "a", "status": "waiting", "error": {"name": "n"}, "audio_file": {"url": URL}})),
    ] {
        let mut stand = Stand::submitting(Goal::Submit, 600_000);
        stand.hear(reply(status, body));
        assert_eq!((stand.result().id.as_str(), stand.result().status), ("a", Status::Queued));
    }
}

#[test]
fn takes_a_result_that_comes_with_the_acceptance() {
    let mut stand = Stand::generate(600_000);
    stand.hear(completed());
    assert_eq!(stand.result().audio.unwrap().url, URL);
    assert_eq!((stand.stored.len(), stand.gets.len()), (1, 0));
}

#[test]
fn tells_a_failure_that_comes_with_the_acceptance() {
    for (goal, retryable) in [(Goal::Generate, true), (Goal::Submit, false)] {
        let mut stand = Stand::submitting(goal, 600_000);
        stand.hear(reply(200, json!({"id": ID, "status": "failed", "error": "too loud"})));
        let error = stand.error();
        assert_eq!(
            (error.failure, error.words.as_str(), error.retryable),
            (Failure::GenerationFailed, "too loud", retryable)
        );
        assert_eq!(error.generation.unwrap().id, ID);
    }
}

#[test]
fn never_sends_again_what_may_have_been_billed() {
    for (happened, failure) in [
        (Event::Lost, Unknown::Network),
        (Event::Elapsed, Unknown::TimedOut),
        (Event::Reply(reply(500, json!({"message": "oops"}))), Unknown::Fault),
        (Event::Reply(page(502)), Unknown::Fault),
        (Event::Reply(page(503)), Unknown::Fault),
        (Event::Reply(page(504)), Unknown::Fault),
        (Event::Reply(page(524)), Unknown::Fault),
        (Event::Reply(after("1", reply(503, json!({})))), Unknown::Fault),
        (Event::Reply(page(0)), Unknown::Fault),
        (Event::Reply(page(408)), Unknown::Fault),
        (Event::Reply(reply(408, json!({"message": "Request Timeout"}))), Unknown::Fault),
        (Event::Cut(broken(408)), Unknown::TimedOut),
        (Event::Reply(redirect(303)), Unknown::Fault),
        (Event::Reply(page(201)), Unknown::Unreadable),
        (Event::Reply(broken(200)), Unknown::Unreadable),
    ] {
        for goal in [Goal::Generate, Goal::Submit] {
            let mut stand = Stand::submitting(goal, 600_000);
            stand.pass(600_000).tell(match &happened {
                Event::Reply(reply) => Event::Reply(reply.clone()),
                Event::Cut(reply) => Event::Cut(reply.clone()),
                Event::Lost => Event::Lost,
                _ => Event::Elapsed,
            });
            let error = stand.error();
            assert_eq!((error.code(), &error.failure), ("submit_unknown", &Failure::SubmitUnknown(failure)));
            assert!(!error.retryable);
            assert!(error.message().contains("billed"), "{}", error.message());
            assert_eq!(stand.posts.len(), 1);
        }
    }
}

#[test]
fn says_that_a_blocked_request_looks_like_a_lost_one() {
    let mut stand = Stand::generate(600_000);
    stand.lose();
    for word in ["CORS", "CSP", "ad blocker", "DNS"] {
        assert!(stand.error().message().contains(word), "{}", stand.error().message());
    }
}

#[test]
fn types_every_refusal() {
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
        (broken(413), "rejected", Some(413)),
        (redirect(0), "rejected", None),
        (redirect(307), "rejected", Some(307)),
        (reply(200, json!({"status": "queued"})), "bad_reply", Some(200)),
        (reply(200, json!({"id": "  "})), "bad_reply", Some(200)),
        (reply(200, json!([])), "bad_reply", Some(200)),
    ] {
        let shown = format!("{answer:?}");
        for goal in [Goal::Generate, Goal::Submit] {
            let mut stand = Stand::submitting(goal, 600_000);
            stand.hear(answer.clone());
            let error = stand.error();
            assert_eq!((error.code(), error.http_status), (code, http_status), "{shown}");
            assert!(!error.retryable, "{shown}");
            assert!(error.generation.is_none());
            assert_eq!(stand.posts.len(), 1, "{shown}");
        }
    }
}

#[test]
fn names_base_url_after_a_redirect_and_where_nothing_answers() {
    for answer in [redirect(0), redirect(308), page(404), reply(404, json!({"message": "Cannot POST /v2"}))] {
        let mut stand = Stand::generate(600_000);
        stand.hear(answer);
        assert!(stand.error().message().contains("`baseUrl`"), "{}", stand.error().message());
    }
}

#[test]
fn says_that_an_acceptance_without_an_id_may_have_been_billed() {
    let mut stand = Stand::generate(600_000);
    stand.hear(reply(200, json!({"status": "queued"})));
    assert_eq!(stand.failure(), Failure::NoId);
    assert!(stand.error().message().contains("billed"));
}

#[test]
fn an_acceptance_without_an_id_repeats_what_the_service_says_instead() {
    let mut stand = Stand::generate(600_000);
    stand.hear(reply(200, json!({"error": {"message": "the model is being updated"}})));
    let error = stand.error();
    assert_eq!((error.code(), error.words.as_str()), ("bad_reply", "the model is being updated"));
}

#[test]
fn the_header_names_the_generation_where_the_body_does_not() {
    for body in [Body::Broken, Body::Text, Body::Json(kept(json!({"status": "queued"}))), Body::Json(kept(json!(null)))]
    {
        for event in [Event::Reply as fn(Reply<J>) -> Event<J>, Event::Cut] {
            let head = Reply { inference_id: Some("h-1".into()), body: body.clone(), ..page(201) };
            let mut stand = Stand::submitting(Goal::Submit, 600_000);
            stand.tell(event(head));
            assert_eq!(stand.result().id, "h-1");
        }
    }
    let mut stand = Stand::submitting(Goal::Submit, 600_000);
    stand.hear(Reply { inference_id: Some("h-1".into()), ..reply(201, json!({"id": "b-1"})) });
    assert_eq!(stand.result().id, "b-1", "the body comes first");
}

#[test]
fn a_header_that_is_no_id_names_nothing() {
    for name in ["", " ", &"x".repeat(2_000)] {
        let mut stand = Stand::submitting(Goal::Submit, 600_000);
        stand.hear(Reply { inference_id: Some(name.into()), ..broken(201) });
        assert_eq!(stand.failure(), Failure::SubmitUnknown(Unknown::Unreadable));
    }
}

#[test]
fn a_whole_document_counts_though_its_stream_stays_open() {
    let mut stand = Stand::submitting(Goal::Submit, 600_000);
    assert!(stand.call.on_document(stand.now));
    assert!(!stand.call.on_document(stand.now), "which is no news any more");
    let limit = stand.call.limit(stand.now);
    assert_eq!(limit, 1_000);
    stand.pass(limit).tell(Event::Cut(accepted()));
    assert_eq!(stand.result().id, ID);
    let mut stand = Stand::wait(600_000);
    assert!(stand.call.on_document(stand.now));
    stand.pass(1_000).tell(Event::Cut(completed()));
    stand.go();
    assert_eq!(stand.result().audio.unwrap().url, URL);
    let mut stand = Stand::generate(600_000);
    stand.call.on_document(stand.now);
    stand.tell(Event::Reply(accepted()));
    assert_eq!(stand.call.limit(stand.now), 600_000, "what follows has all its time");
    stand.go();
    assert!(stand.call.limit(stand.now) > 1_000);
}

#[test]
fn a_reply_that_a_stall_kept_from_being_read_is_waited_for_once_the_deadline_has_passed() {
    for goal in [Goal::Generate, Goal::Submit] {
        let mut stand = Stand::submitting(goal, 60_000);
        stand.oversleep(90_000);
        assert_eq!(stand.call.limit(stand.now), 1_000);
        stand.pass(300).hear(accepted());
        assert_eq!(stand.known().id, ID);
        assert_eq!(stand.posts.len(), 1);
    }
    let mut stand = Stand::submitting(Goal::Submit, 60_000);
    stand.oversleep(90_000);
    assert_eq!((stand.give_up(), stand.call.limit(stand.now)), (1_000, 0), "no longer than that");
    assert_eq!(stand.error().code(), "submit_unknown");
}

#[test]
fn the_caller_is_told_before_each_post_and_nothing_leaves_if_that_fails() {
    let call = || Call::submitting(Goal::Submit, request(), 600_000, Pace::Adaptive).with_key(secret(KEY)).announcing();
    let mut stand = Stand::new(call());
    stand.tell(Event::Begin { offline: false });
    assert_eq!(*stand.tell(Event::Entered { offline: false }), Next::Announce);
    assert_eq!(*stand.tell(Event::Stored), Next::Post);
    stand.tell(Event::Reply(after("5", page(429))));
    stand.pass(60_000).tell(Event::Elapsed);
    assert_eq!(*stand.tell(Event::Entered { offline: false }), Next::Announce, "before the second one too");
    stand.tell(Event::StoreFailed);
    let error = stand.error();
    assert_eq!((error.code(), error.retryable, stand.posts.len()), ("callback_failed", false, 1));
    assert!(error.message().contains("onSubmitting") && error.message().contains("nothing was spent"));
    // What the caller did held up the page beyond the deadline.
    for event in [Event::Elapsed, Event::Aborted(None), Event::Stored] {
        let mut stand = Stand::new(call());
        stand.tell(Event::Begin { offline: false });
        stand.tell(Event::Entered { offline: false });
        stand.pass(600_000).tell(event);
        let error = stand.error();
        assert!(error.retryable && error.message().contains("nothing was spent"), "{}", error.message());
        assert!(stand.posts.is_empty());
    }
}

#[test]
fn names_the_request_by_its_body_or_else_by_its_header() {
    let by_header = |body| Reply { inference_id: Some("h-1".into()), ..reply(400, body) };
    for (body, name) in [(json!({"requestId": "b-1"}), "b-1"), (json!({"message": "m"}), "h-1")] {
        let mut stand = Stand::generate(600_000);
        stand.hear(by_header(body));
        assert_eq!(stand.error().request_id.as_deref(), Some(name));
    }
}

#[test]
fn sends_again_after_a_429_until_it_is_accepted() {
    let mut stand = Stand::generate(600_000);
    for _ in 0..5 {
        stand.hear(reply(429, json!({"message": "slow down"})));
        let waited = stand.rest();
        assert!((1_000..=60_200).contains(&waited), "{waited}");
        assert_eq!(stand.next, Next::Post);
    }
    stand.hear(accepted());
    assert_eq!(stand.posts.len(), 6);
    assert_eq!(stand.next, Next::Get);
}

#[test]
fn backs_off_further_with_every_429() {
    let mut stand = Stand::generate(600_000);
    stand.dice.0 = 0.99;
    let mut waits = vec![];
    for _ in 0..7 {
        stand.hear(page(429));
        waits.push(stand.rest());
    }
    assert!(waits.is_sorted(), "{waits:?}");
    assert!(waits[0] <= 2_200 && waits[5] > 55_000 && waits[6] <= 60_200, "{waits:?}");
}

#[test]
fn honours_retry_after_and_never_comes_sooner() {
    for (text, least) in [("7", 7_000), ("120", 120_000), (" 3 ", 3_000)] {
        let mut stand = Stand::generate(600_000);
        stand.dice.0 = 0.0;
        stand.hear(after(text, page(429)));
        assert_eq!(stand.rest(), least);
        assert_eq!(stand.next, Next::Post);
    }
}

#[test]
fn does_not_hammer_when_retry_after_is_nothing() {
    for text in ["0", "00"] {
        let mut stand = Stand::generate(600_000);
        stand.dice.0 = 0.0;
        for _ in 0..3 {
            stand.hear(after(text, page(429)));
            assert!(stand.rest() >= 1_000);
        }
    }
}

#[test]
fn makes_one_last_try_before_the_deadline_of_a_429() {
    let mut stand = Stand::submitting(Goal::Submit, 60_000);
    stand.hear(after("3600", reply(429, json!({"message": "slow down"}))));
    assert_eq!(stand.rest(), 50_000);
    assert_eq!(stand.next, Next::Post);
    stand.hear(after("3600", reply(429, json!({"message": "still"}))));
    assert_eq!(stand.rest(), 10_000);
    let error = stand.error();
    assert_eq!((error.failure, error.words.as_str()), (Failure::RateLimited, "still"));
    assert_eq!((error.http_status, error.retryable, stand.posts.len()), (Some(429), true, 2));
}

#[test]
fn does_not_send_at_once_again_what_was_refused_just_before_the_deadline() {
    let mut stand = Stand::submitting(Goal::Submit, 60_000);
    stand.pass(55_000).hear(after("2", page(429)));
    assert_eq!(stand.rest(), 5_000);
    assert_eq!((stand.error().code(), stand.posts.len()), ("rate_limited", 1));
}

#[test]
fn can_be_accepted_at_the_last_try() {
    let mut stand = Stand::generate(60_000);
    stand.hear(after("3600", page(429)));
    stand.rest();
    stand.hear(accepted());
    assert_eq!(stand.known().id, ID);
    // The gate is still closed; the last poll goes through it.
    while let Next::Sleep(_) = stand.next {
        stand.rest();
    }
    assert_eq!(stand.next, Next::Get);
    stand.hear(completed());
    assert_eq!(stand.result().audio.unwrap().url, URL);
}

#[test]
fn sends_nothing_while_the_browser_is_offline() {
    for goal in [Goal::Generate, Goal::Submit] {
        let mut stand = Stand::new(Call::submitting(goal, request(), 600_000, Pace::Adaptive));
        stand.tell(Event::Begin { offline: true });
        assert_eq!((stand.error().code(), stand.error().retryable), ("offline", true));
    }
}

#[test]
fn sends_nothing_when_the_browser_went_offline_while_the_post_waited_for_its_place() {
    let mut stand =
        Stand::new(Call::submitting(Goal::Submit, request(), 600_000, Pace::Adaptive).with_key(secret(KEY)));
    assert_eq!(*stand.tell(Event::Begin { offline: false }), Next::Enter);
    stand.tell(Event::Entered { offline: true });
    assert_eq!(stand.failure(), Failure::Offline);
}

#[test]
fn awaits_on_submit_before_the_first_poll() {
    let mut stand = Stand::generate(600_000);
    assert_eq!(*stand.tell(Event::Reply(accepted())), Next::Store);
    stand.pass(30_000);
    assert_eq!(*stand.tell(Event::Stored), Next::Enter);
    assert_eq!(stand.stored.len(), 1);
}

#[test]
fn fails_with_the_generation_when_on_submit_fails() {
    let mut stand = Stand::generate(600_000);
    stand.tell(Event::Reply(accepted()));
    stand.tell(Event::StoreFailed);
    let error = stand.error();
    assert_eq!((error.code(), error.retryable), ("callback_failed", false));
    assert_eq!(error.generation.unwrap().id, ID);
}

#[test]
fn does_not_call_on_submit_for_a_submit() {
    let mut stand = Stand::submitting(Goal::Submit, 600_000);
    stand.hear(accepted());
    assert!(stand.stored.is_empty());
}

#[test]
fn takes_a_refusal_for_certain_even_if_its_body_never_ends() {
    for (status, code) in [(400, "rejected"), (401, "unauthorized"), (403, "forbidden"), (429, "rate_limited")] {
        let mut stand = Stand::submitting(Goal::Submit, 10_000);
        stand.pass(10_000).tell(Event::Cut(broken(status)));
        assert_eq!(stand.error().code(), code);
    }
    for status in [200, 201, 500, 524] {
        let mut stand = Stand::submitting(Goal::Submit, 10_000);
        stand.pass(10_000).tell(Event::Cut(broken(status)));
        assert_eq!(stand.error().code(), "submit_unknown");
    }
}
