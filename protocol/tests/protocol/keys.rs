use protocol::{Action, Event, Failure, Generation, Goal, KeyFailure, Method, PollInterval, Purpose};
use serde_json::json;

use crate::driver::{ID, TestDriver, accepted, after, at, completed, page, poll_call, reply, status, submit_call};

const OLD: &str = "sk-old-old-old-old";
const NEW: &str = "sk-new-new-new-new";

fn submitting(goal: Goal, keys: &[&'static str]) -> TestDriver {
    let mut driver = TestDriver::new(submit_call(goal, 600_000, PollInterval::Fixed(10_000)).with_key_function());
    driver.keys = keys.to_vec();
    driver.step(Event::Start { offline: false });
    driver.run_to_wait();
    driver
}

fn polling(goal: Goal, keys: &[&'static str]) -> TestDriver {
    let generation = Generation::new(ID.into(), at(0));
    let mut driver =
        TestDriver::new(poll_call(goal, generation, 600_000, PollInterval::Fixed(10_000)).with_key_function());
    driver.keys = keys.to_vec();
    driver.step(Event::Start { offline: false });
    driver.run_to_wait();
    driver
}

fn unauthorized() -> protocol::Reply<crate::driver::TestValue> {
    reply(401, json!({"message": "This request requires a valid API key."}))
}

#[test]
fn the_key_function_is_called_before_every_request() {
    let mut driver = submitting(Goal::Generate, &[OLD]);
    driver.reply(accepted());
    driver.reply(status("queued"));
    driver.sleep();
    driver.reply(completed());
    assert_eq!(driver.key_requests, [false, false, false]);
}

#[test]
fn a_401_is_retried_once_with_another_key() {
    let mut driver = submitting(Goal::Submit, &[OLD, NEW]);
    driver.reply(unauthorized());
    assert_eq!(
        (driver.action.purpose() == Some(Purpose::Submit), driver.key_requests.as_slice()),
        (true, [false, true].as_slice())
    );
    assert_eq!(driver.header("Authorization"), Some(format!("Bearer {NEW}")));
    driver.reply(accepted());
    assert_eq!(driver.result().id, ID);
    assert_eq!(driver.posts.len(), 2);
}

#[test]
fn a_401_is_not_retried_with_the_same_key() {
    let mut driver = submitting(Goal::Submit, &[OLD]);
    driver.reply(unauthorized());
    let error = driver.error();
    assert_eq!(
        (error.failure, error.detail.as_str()),
        (Failure::Unauthorized, "This request requires a valid API key.")
    );
    assert_eq!((error.http_status, error.retryable, driver.posts.len()), (Some(401), false, 1));
}

#[test]
fn two_401s_end_a_submit() {
    let mut driver = submitting(Goal::Submit, &[OLD, NEW, OLD]);
    driver.reply(unauthorized());
    driver.reply(unauthorized());
    assert_eq!((driver.error().code(), driver.posts.len(), driver.key_requests.len()), ("unauthorized", 2, 2));
}

#[test]
fn a_401_to_a_static_key_is_not_retried() {
    let mut driver = TestDriver::generate(600_000);
    driver.reply(unauthorized());
    assert_eq!((driver.error().code(), driver.key_requests.len()), ("unauthorized", 0));
}

#[test]
fn a_check_polls_at_most_twice() {
    let mut driver = polling(Goal::Check, &[OLD, NEW, OLD]);
    driver.reply(unauthorized());
    assert_eq!(driver.action.purpose(), Some(Purpose::Poll));
    driver.reply(unauthorized());
    let error = driver.error();
    assert_eq!((error.code(), driver.gets.len()), ("unauthorized", 2));
    assert_eq!(error.generation.unwrap().polling.checks, 2);
}

#[test]
fn a_long_wait_may_renew_its_key_more_than_once() {
    let mut driver = polling(Goal::Wait, &[OLD, NEW, NEW, OLD]);
    driver.reply(unauthorized());
    driver.sleep();
    driver.reply(status("queued"));
    driver.sleep();
    driver.reply(unauthorized());
    driver.sleep();
    assert_eq!(driver.action.purpose(), Some(Purpose::Poll));
    driver.reply(completed());
    assert_eq!(driver.result().polling.checks, 4);
}

#[test]
fn a_renewed_key_is_kept_while_the_next_poll_waits_a_second() {
    let mut driver = polling(Goal::Wait, &[OLD, NEW, OLD]);
    driver.advance(200).reply(unauthorized());
    assert_eq!(driver.sleep(), 800);
    assert_eq!(
        (driver.action.purpose() == Some(Purpose::Poll), driver.key_requests.as_slice()),
        (true, [false, true].as_slice())
    );
    assert_eq!(driver.header("Authorization"), Some(format!("Bearer {NEW}")));
}

#[test]
fn a_renewed_key_is_kept_while_the_gate_is_closed() {
    let mut driver = submitting(Goal::Submit, &[OLD, NEW, OLD]);
    driver.rng.0 = 0.0;
    driver.step(Event::Reply(unauthorized()));
    driver.origin_state.gates.close(Method::Submit, driver.now, Some(5_000), &mut crate::driver::Fixed(0.0));
    driver.run_to_wait();
    assert_eq!(driver.sleep(), 5_000);
    assert_eq!((driver.action.purpose() == Some(Purpose::Submit), driver.key_requests.len()), (true, 2));
    assert_eq!(driver.header("Authorization"), Some(format!("Bearer {NEW}")));
}

#[test]
fn on_status_is_called_after_a_401() {
    let mut driver = polling(Goal::Wait, &[OLD, NEW]);
    driver.reply(unauthorized());
    driver.sleep();
    driver.reply(unauthorized());
    assert_eq!(driver.error().code(), "unauthorized");
    assert_eq!((driver.gets.len(), driver.status_snapshots.len()), (2, 2));
}

#[test]
fn the_key_function_is_called_again_after_a_429() {
    let mut driver = submitting(Goal::Submit, &[OLD]);
    driver.reply(after("5", page(429)));
    driver.sleep();
    assert_eq!(driver.key_requests, [false, false]);
}

#[test]
fn a_failing_key_function_fails_the_call() {
    let mut driver = TestDriver::new(submit_call(Goal::Submit, 600_000, PollInterval::Adaptive).with_key_function());
    assert_eq!(*driver.step(Event::Start { offline: false }), Action::RequestKey { after_unauthorized: false });
    driver.step(Event::KeyFailed(KeyFailure::Threw));
    let error = driver.error();
    assert_eq!((error.code(), error.retryable), ("credentials_failed", true));
    assert!(error.message().contains("nothing was spent"));
}

#[test]
fn a_failing_key_function_keeps_the_generation() {
    for (goal, retryable) in [(Goal::Generate, false), (Goal::Wait, true)] {
        let mut driver = if goal == Goal::Wait { polling(goal, &[OLD]) } else { submitting(goal, &[OLD]) };
        if goal == Goal::Generate {
            driver.reply(accepted());
        }
        driver.reply(status("queued"));
        let span = driver.wait_left().unwrap();
        driver.advance(span).step(Event::Timeout);
        driver.step(Event::KeyFailed(KeyFailure::Rejected));
        let error = driver.error();
        assert_eq!((error.code(), error.retryable), ("credentials_failed", retryable));
        assert_eq!(error.generation.unwrap().id, ID);
    }
}

#[test]
fn the_key_is_not_awaited_past_the_deadline() {
    let mut driver = TestDriver::new(submit_call(Goal::Submit, 5_000, PollInterval::Adaptive).with_key_function());
    driver.step(Event::Start { offline: false });
    assert_eq!(driver.time_out(), 5_000);
    assert_eq!((driver.error().code(), driver.error().retryable), ("deadline", true));
    assert!(driver.posts.is_empty());
}
