use protocol::{Action, Call, Event, Failure, Goal, PollInterval, Purpose, Recovery, UnknownReason};
use serde_json::json;

use crate::driver::{
    ID, KEY, TestDriver, TestValue, accepted, after, api_key, page, recoverable_call, reply, submit_call, truncated,
};

/// The statuses by which a server may refuse a body for being a stream.
const REFUSALS: [u16; 5] = [400, 411, 413, 415, 501];

fn call() -> Call {
    submit_call(Goal::Submit, 600_000, PollInterval::Adaptive).with_streamed_submits()
}

fn streaming() -> TestDriver {
    TestDriver::begin(call().with_key(api_key(KEY)))
}

/// A platform that cannot send streams.
fn buffering() -> TestDriver {
    let mut driver = TestDriver::new(call().with_key(api_key(KEY)));
    driver.can_stream = false;
    driver.step(Event::Start { offline: false });
    driver.run_to_wait();
    driver
}

fn refusal(status: u16) -> protocol::Reply<TestValue> {
    reply(status, json!({"message": "no"}))
}

#[test]
fn a_submit_is_streamed_if_requested_and_supported() {
    assert_eq!(streaming().streamed, [true]);
    assert_eq!(buffering().streamed, [false]);
    assert_eq!(TestDriver::submitting(Goal::Submit, 600_000).streamed, [false]);
}

#[test]
fn an_unread_stream_is_followed_by_one_buffered_submit() {
    let mut driver = streaming();
    driver.step(Event::BodyNeverRead);
    driver.run_to_wait();
    assert_eq!(
        (driver.action.purpose(), driver.streamed.as_slice()),
        (Some(Purpose::Submit), [true, false].as_slice())
    );
    driver.reply(accepted());
    assert_eq!(driver.result().id, ID);
}

#[test]
fn a_refused_stream_is_followed_by_one_buffered_submit() {
    for status in REFUSALS {
        for refused in [refusal(status), page(status), truncated(status)] {
            let mut driver = streaming();
            driver.reply(refused);
            assert_eq!(
                (driver.action.purpose(), driver.streamed.as_slice()),
                (Some(Purpose::Submit), [true, false].as_slice()),
                "{status}"
            );
            driver.reply(accepted());
            assert_eq!(driver.result().id, ID);
        }
    }
}

#[test]
fn a_refused_buffered_submit_is_not_repeated() {
    for status in REFUSALS {
        for mut driver in [streaming(), buffering(), TestDriver::submitting(Goal::Submit, 600_000)] {
            let first = driver.streamed[0];
            if first {
                driver.reply(refusal(status));
            }
            driver.reply(refusal(status));
            let expected =
                if status == 501 { Failure::SubmitUnknown(UnknownReason::ServerError) } else { Failure::Rejected };
            assert_eq!((driver.failure(), driver.posts.len()), (expected, 1 + usize::from(first)), "{status}");
        }
    }
}

#[test]
fn a_buffered_submit_reported_as_unread_is_not_repeated() {
    let mut followed = streaming();
    followed.reply(refusal(411));
    for mut driver in [followed, buffering(), TestDriver::submitting(Goal::Submit, 600_000)] {
        let posts = driver.posts.len();
        driver.step(Event::BodyNeverRead);
        assert_eq!(driver.failure(), Failure::SubmitUnknown(UnknownReason::Network));
        assert_eq!(driver.posts.len(), posts);
    }
}

#[test]
fn a_streamed_submit_that_may_have_been_billed_is_not_repeated() {
    for (happened, failure) in [
        (Event::NetworkError, UnknownReason::Network),
        (Event::Timeout, UnknownReason::TimedOut),
        (Event::Reply(refusal(408)), UnknownReason::ServerError),
        (Event::Reply(refusal(500)), UnknownReason::ServerError),
        (Event::Reply(page(502)), UnknownReason::ServerError),
        (Event::Reply(page(503)), UnknownReason::ServerError),
        (Event::Reply(truncated(200)), UnknownReason::Unreadable),
    ] {
        let mut driver = streaming();
        driver.step(happened);
        assert_eq!((driver.failure(), driver.posts.len()), (Failure::SubmitUnknown(failure), 1));
    }
    for status in [402, 403, 404, 409, 421, 422] {
        let mut driver = streaming();
        driver.reply(refusal(status));
        assert!(matches!(driver.failure(), Failure::Rejected | Failure::Forbidden), "{status}");
        assert_eq!(driver.posts.len(), 1);
    }
}

#[test]
fn a_429_or_401_to_a_stream_is_followed_by_another_stream() {
    let mut driver = streaming();
    driver.reply(after("1", refusal(429)));
    driver.sleep();
    assert_eq!((driver.action.purpose(), driver.streamed.as_slice()), (Some(Purpose::Submit), [true, true].as_slice()));

    let mut driver = TestDriver::new(call().with_key_function());
    driver.keys = vec![KEY, "sk-another-key-of-mine"];
    driver.step(Event::Start { offline: false });
    driver.run_to_wait();
    driver.reply(refusal(401));
    assert_eq!((driver.action.purpose(), driver.streamed.as_slice()), (Some(Purpose::Submit), [true, true].as_slice()));
}

#[test]
fn after_a_failed_stream_every_submit_of_the_call_is_buffered() {
    let mut driver = streaming();
    driver.step(Event::BodyNeverRead);
    driver.run_to_wait();
    driver.reply(after("1", refusal(429)));
    driver.sleep();
    assert_eq!(
        (driver.action.purpose(), driver.streamed.as_slice()),
        (Some(Purpose::Submit), [true, false, false].as_slice())
    );
}

#[test]
fn on_submitting_is_called_before_the_buffered_submit_too() {
    let mut driver = TestDriver::begin(call().with_key(api_key(KEY)).with_on_submitting());
    driver.step(Event::Reply(refusal(400)));
    driver.step(Event::PermitAcquired { offline: false });
    assert_eq!(driver.action, Action::CallOnSubmitting);
    driver.step(Event::CallbackRejected);
    assert_eq!((driver.failure(), driver.posts.len()), (Failure::OnSubmittingFailed, 1));
}

#[test]
fn nothing_follows_a_failed_stream_after_the_deadline_or_an_abort() {
    let mut driver = streaming();
    driver.advance(600_000).step(Event::Reply(refusal(400)));
    assert_eq!((driver.failure(), driver.posts.len()), (Failure::Deadline, 1));

    let mut driver = streaming();
    driver.step(Event::BodyNeverRead);
    assert_eq!(driver.action, Action::AcquirePermit);
    assert_eq!(driver.abort().failure, Failure::Aborted { submit_in_flight: false });
}

#[test]
fn with_recovery_a_failed_stream_is_not_looked_up_and_a_lost_one_is() {
    for recovery in [Recovery::Server, Recovery::Logs] {
        let recoverable = || {
            let call = recoverable_call(Goal::Submit, 600_000, PollInterval::Adaptive, recovery, "key-1", true);
            call.with_streamed_submits().with_key(api_key(KEY))
        };
        let mut driver = TestDriver::begin(recoverable());
        driver.step(Event::BodyNeverRead);
        driver.run_to_wait();
        assert_eq!(
            (driver.action.purpose(), driver.streamed.as_slice()),
            (Some(Purpose::Submit), [true, false].as_slice())
        );
        driver.step(Event::BodyNeverRead);
        assert_eq!(driver.action, Action::Wait, "a buffered body may have arrived");

        let mut driver = TestDriver::begin(recoverable());
        driver.reply(refusal(400));
        assert_eq!(
            (driver.action.purpose(), driver.streamed.as_slice()),
            (Some(Purpose::Submit), [true, false].as_slice())
        );

        let mut driver = TestDriver::begin(recoverable());
        driver.step(Event::NetworkError);
        assert_eq!(driver.action, Action::Wait, "a stream that was read may have arrived");
        assert_eq!(driver.posts.len(), 1);
    }
}
