use protocol::call::{Call, Event, Goal};
use protocol::options::Pace;

use crate::stand::{ID, KEY, Stand, accepted, after, page, request, secret, status};

#[test]
fn may_be_repeated_as_long_as_nothing_was_sent() {
    for phase in 0..3 {
        let call = Call::submitting(Goal::Generate, request(), 600_000, Pace::Adaptive);
        let mut stand = Stand::new(call.asking_for_key());
        let events = [Event::Begin { offline: false }, Event::Key(secret(KEY))];
        for event in events.into_iter().take(phase) {
            stand.tell(event);
        }
        let error = stand.abort();
        assert_eq!((error.code(), error.retryable, error.generation.is_none()), ("aborted", true, true));
        assert!(error.message().contains("nothing was spent"));
    }
}

#[test]
fn says_that_a_post_under_way_may_have_been_billed() {
    for goal in [Goal::Generate, Goal::Submit] {
        let error = Stand::submitting(goal, 600_000).abort();
        assert_eq!((error.code(), error.retryable), ("aborted", false));
        assert!(error.message().contains("billed"));
    }
}

#[test]
fn an_abort_in_the_moment_of_the_reply_loses_no_id() {
    for goal in [Goal::Generate, Goal::Submit] {
        let mut stand = Stand::submitting(goal, 600_000);
        stand.tell(Event::Aborted(Some(accepted())));
        let error = stand.error();
        assert_eq!((error.code(), error.retryable), ("aborted", false));
        assert_eq!(error.generation.as_ref().unwrap().id, ID);
        assert!(error.message().contains("waitFor"), "{}", error.message());
    }
}

#[test]
fn an_abort_in_the_moment_of_a_refusal_cost_nothing() {
    for (reply, billed) in
        [(page(400), false), (page(429), false), (page(408), true), (page(500), true), (page(200), true)]
    {
        let status = reply.status;
        let mut stand = Stand::submitting(Goal::Submit, 600_000);
        stand.tell(Event::Aborted(Some(reply)));
        let error = stand.error();
        assert_eq!((error.code(), error.retryable), ("aborted", !billed), "{status}");
        assert_eq!(error.message().contains("billed"), billed, "{status}: {}", error.message());
    }
}

#[test]
fn says_that_nothing_was_spent_while_a_refused_post_waits() {
    let mut stand = Stand::generate(600_000);
    stand.hear(after("30", page(429)));
    let error = stand.abort();
    assert!(error.retryable && error.message().contains("nothing was spent"));
}

#[test]
fn carries_the_generation_in_every_phase_after_the_acceptance() {
    for phase in 0..4 {
        let mut stand = Stand::generate(600_000);
        stand.tell(Event::Reply(accepted()));
        if phase > 0 {
            stand.go();
        }
        if phase > 1 {
            stand.hear(status("queued"));
        }
        if phase > 2 {
            stand.rest();
            stand.tell(Event::Reply(status("queued")));
        }
        let error = stand.abort();
        assert_eq!((error.code(), error.retryable), ("aborted", false), "{phase}");
        assert_eq!(error.generation.unwrap().id, ID);
    }
}

#[test]
fn may_be_repeated_when_it_only_waited() {
    for mut stand in [Stand::wait(600_000), Stand::check(30_000)] {
        let error = stand.abort();
        assert_eq!((error.code(), error.retryable), ("aborted", true));
        assert_eq!(error.generation.unwrap().id, ID);
    }
}
