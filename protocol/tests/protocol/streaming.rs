use protocol::call::{Call, Event, Goal, Next};
use protocol::error::{Failure, Unknown};
use protocol::options::{Pace, Recovery};
use serde_json::json;

use crate::stand::{ID, J, KEY, Stand, accepted, after, broken, page, reply, request, secret};

/// The statuses by which a server may refuse a body for being a stream.
const REFUSALS: [u16; 5] = [400, 411, 413, 415, 501];

fn call() -> Call {
    Call::submitting(Goal::Submit, request(), 600_000, Pace::Adaptive).streaming()
}

fn streaming() -> Stand {
    Stand::begin(call().with_key(secret(KEY)))
}

/// Where the platform can send no stream.
fn buffering() -> Stand {
    let mut stand = Stand::new(call().with_key(secret(KEY)));
    stand.can_stream = false;
    stand.tell(Event::Begin { offline: false });
    stand.go();
    stand
}

fn refusal(status: u16) -> protocol::reply::Reply<J> {
    reply(status, json!({"message": "no"}))
}

#[test]
fn a_submit_is_streamed_where_that_is_asked_for_and_the_platform_can() {
    assert_eq!(streaming().streamed, [true]);
    assert_eq!(buffering().streamed, [false]);
    assert_eq!(Stand::submitting(Goal::Submit, 600_000).streamed, [false]);
}

#[test]
fn a_stream_that_was_never_read_is_followed_by_one_buffered_body() {
    let mut stand = streaming();
    stand.tell(Event::Unread);
    stand.go();
    assert_eq!((&stand.next, stand.streamed.as_slice()), (&Next::Post, [true, false].as_slice()));
    stand.hear(accepted());
    assert_eq!(stand.result().id, ID);
}

#[test]
fn a_stream_refused_as_such_is_followed_by_one_buffered_body() {
    for status in REFUSALS {
        for refused in [refusal(status), page(status), broken(status)] {
            let mut stand = streaming();
            stand.hear(refused);
            assert_eq!((&stand.next, stand.streamed.as_slice()), (&Next::Post, [true, false].as_slice()), "{status}");
            stand.hear(accepted());
            assert_eq!(stand.result().id, ID);
        }
    }
}

#[test]
fn a_buffered_body_that_is_refused_is_not_sent_again() {
    for status in REFUSALS {
        for mut stand in [streaming(), buffering(), Stand::submitting(Goal::Submit, 600_000)] {
            let first = stand.streamed[0];
            if first {
                stand.hear(refusal(status));
            }
            stand.hear(refusal(status));
            let expected = if status == 501 { Failure::SubmitUnknown(Unknown::Fault) } else { Failure::Rejected };
            assert_eq!((stand.failure(), stand.posts.len()), (expected, 1 + usize::from(first)), "{status}");
        }
    }
}

#[test]
fn a_buffered_body_whose_reading_nobody_saw_is_not_sent_again() {
    let mut followed = streaming();
    followed.hear(refusal(411));
    for mut stand in [followed, buffering(), Stand::submitting(Goal::Submit, 600_000)] {
        let posts = stand.posts.len();
        stand.tell(Event::Unread);
        assert_eq!(stand.failure(), Failure::SubmitUnknown(Unknown::Network));
        assert_eq!(stand.posts.len(), posts);
    }
}

#[test]
fn a_stream_that_may_have_been_billed_is_not_sent_again() {
    for (happened, failure) in [
        (Event::Lost, Unknown::Network),
        (Event::Elapsed, Unknown::TimedOut),
        (Event::Reply(refusal(408)), Unknown::Fault),
        (Event::Reply(refusal(500)), Unknown::Fault),
        (Event::Reply(page(502)), Unknown::Fault),
        (Event::Reply(page(503)), Unknown::Fault),
        (Event::Reply(broken(200)), Unknown::Unreadable),
    ] {
        let mut stand = streaming();
        stand.tell(happened);
        assert_eq!((stand.failure(), stand.posts.len()), (Failure::SubmitUnknown(failure), 1));
    }
    for status in [402, 403, 404, 409, 421, 422] {
        let mut stand = streaming();
        stand.hear(refusal(status));
        assert!(matches!(stand.failure(), Failure::Rejected | Failure::Forbidden), "{status}");
        assert_eq!(stand.posts.len(), 1);
    }
}

#[test]
fn a_429_and_a_401_are_followed_by_another_stream() {
    let mut stand = streaming();
    stand.hear(after("1", refusal(429)));
    stand.rest();
    assert_eq!((&stand.next, stand.streamed.as_slice()), (&Next::Post, [true, true].as_slice()));

    let mut stand = Stand::new(call().asking_for_key());
    stand.keys = vec![KEY, "sk-another-key-of-mine"];
    stand.tell(Event::Begin { offline: false });
    stand.go();
    stand.hear(refusal(401));
    assert_eq!((&stand.next, stand.streamed.as_slice()), (&Next::Post, [true, true].as_slice()));
}

#[test]
fn a_stream_in_vain_stays_the_only_one_of_its_call() {
    let mut stand = streaming();
    stand.tell(Event::Unread);
    stand.go();
    stand.hear(after("1", refusal(429)));
    stand.rest();
    assert_eq!((&stand.next, stand.streamed.as_slice()), (&Next::Post, [true, false, false].as_slice()));
}

#[test]
fn the_caller_is_told_before_the_buffered_body_leaves_too() {
    let mut stand = Stand::begin(call().with_key(secret(KEY)).announcing());
    stand.tell(Event::Reply(refusal(400)));
    stand.tell(Event::Entered { offline: false });
    assert_eq!(stand.next, Next::Announce);
    stand.tell(Event::StoreFailed);
    assert_eq!((stand.failure(), stand.posts.len()), (Failure::OnSubmittingFailed, 1));
}

#[test]
fn nothing_follows_a_stream_in_vain_after_the_deadline_or_an_abort() {
    let mut stand = streaming();
    stand.pass(600_000).tell(Event::Reply(refusal(400)));
    assert_eq!((stand.failure(), stand.posts.len()), (Failure::Deadline, 1));

    let mut stand = streaming();
    stand.tell(Event::Unread);
    assert_eq!(stand.next, Next::Enter);
    assert_eq!(stand.abort().failure, Failure::Aborted { posting: false });
}

#[test]
fn with_recovery_a_stream_in_vain_is_not_looked_up_and_a_lost_one_is() {
    for recovery in [Recovery::Server, Recovery::Logs] {
        let recoverable = || call().recoverable(recovery, "key-1".into(), true).with_key(secret(KEY));
        let mut stand = Stand::begin(recoverable());
        stand.tell(Event::Unread);
        stand.go();
        assert_eq!((&stand.next, stand.streamed.as_slice()), (&Next::Post, [true, false].as_slice()));
        stand.tell(Event::Unread);
        assert!(matches!(stand.next, Next::Sleep(_)), "a buffered body may have arrived");

        let mut stand = Stand::begin(recoverable());
        stand.hear(refusal(400));
        assert_eq!((&stand.next, stand.streamed.as_slice()), (&Next::Post, [true, false].as_slice()));

        let mut stand = Stand::begin(recoverable());
        stand.tell(Event::Lost);
        assert!(matches!(stand.next, Next::Sleep(_)), "a stream that was read may have arrived");
        assert_eq!(stand.posts.len(), 1);
    }
}
