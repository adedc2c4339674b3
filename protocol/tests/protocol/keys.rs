use protocol::call::{Call, Event, Goal, Next};
use protocol::error::Failure;
use protocol::gate::Method;
use protocol::generation::Generation;
use protocol::options::Pace;
use serde_json::json;

use crate::stand::{ID, Stand, accepted, after, at, completed, page, reply, request, status};

const OLD: &str = "sk-old-old-old-old";
const NEW: &str = "sk-new-new-new-new";

fn submitting(goal: Goal, keys: &[&'static str]) -> Stand {
    let mut stand = Stand::new(Call::submitting(goal, request(), 600_000, Pace::Every(10_000)).asking_for_key());
    stand.keys = keys.to_vec();
    stand.tell(Event::Begin { offline: false });
    stand.go();
    stand
}

fn asking(goal: Goal, keys: &[&'static str]) -> Stand {
    let generation = Generation::new(ID.into(), at(0));
    let mut stand = Stand::new(Call::asking(goal, generation, 600_000, Pace::Every(10_000)).asking_for_key());
    stand.keys = keys.to_vec();
    stand.tell(Event::Begin { offline: false });
    stand.go();
    stand
}

fn no_key() -> protocol::reply::Reply<crate::stand::J> {
    reply(401, json!({"message": "This request requires a valid API key."}))
}

#[test]
fn asks_for_the_key_before_every_request() {
    let mut stand = submitting(Goal::Generate, &[OLD]);
    stand.hear(accepted());
    stand.hear(status("queued"));
    stand.rest();
    stand.hear(completed());
    assert_eq!(stand.asked, [false, false, false]);
}

#[test]
fn asks_once_more_after_a_401_and_sends_with_another_key() {
    let mut stand = submitting(Goal::Submit, &[OLD, NEW]);
    stand.hear(no_key());
    assert_eq!((stand.next == Next::Post, stand.asked.as_slice()), (true, [false, true].as_slice()));
    assert_eq!(stand.call.key(), Some(&crate::stand::secret(NEW)));
    stand.hear(accepted());
    assert_eq!(stand.result().id, ID);
    assert_eq!(stand.posts.len(), 2);
}

#[test]
fn does_not_send_again_with_the_same_key() {
    let mut stand = submitting(Goal::Submit, &[OLD]);
    stand.hear(no_key());
    let error = stand.error();
    assert_eq!(
        (error.failure, error.words.as_str()),
        (Failure::Unauthorized, "This request requires a valid API key.")
    );
    assert_eq!((error.http_status, error.retryable, stand.posts.len()), (Some(401), false, 1));
}

#[test]
fn sends_no_third_post_after_two_401s() {
    let mut stand = submitting(Goal::Submit, &[OLD, NEW, OLD]);
    stand.hear(no_key());
    stand.hear(no_key());
    assert_eq!((stand.error().code(), stand.posts.len(), stand.asked.len()), ("unauthorized", 2, 2));
}

#[test]
fn does_not_ask_again_after_a_401_to_a_static_key() {
    let mut stand = Stand::generate(600_000);
    stand.hear(no_key());
    assert_eq!((stand.error().code(), stand.asked.len()), ("unauthorized", 0));
}

#[test]
fn checks_twice_at_the_most() {
    let mut stand = asking(Goal::Check, &[OLD, NEW, OLD]);
    stand.hear(no_key());
    assert_eq!(stand.next, Next::Get);
    stand.hear(no_key());
    let error = stand.error();
    assert_eq!((error.code(), stand.gets.len()), ("unauthorized", 2));
    assert_eq!(error.generation.unwrap().polling.checks, 2);
}

#[test]
fn mends_each_401_of_a_long_wait() {
    let mut stand = asking(Goal::Wait, &[OLD, NEW, NEW, OLD]);
    stand.hear(no_key());
    stand.rest();
    stand.hear(status("queued"));
    stand.rest();
    stand.hear(no_key());
    stand.rest();
    assert_eq!(stand.next, Next::Get);
    stand.hear(completed());
    assert_eq!(stand.result().polling.checks, 4);
}

#[test]
fn uses_the_key_that_mends_a_401_although_the_next_poll_has_to_wait_a_second() {
    let mut stand = asking(Goal::Wait, &[OLD, NEW, OLD]);
    stand.pass(200).hear(no_key());
    assert_eq!(stand.rest(), 800);
    assert_eq!((stand.next == Next::Get, stand.asked.as_slice()), (true, [false, true].as_slice()));
    assert_eq!(stand.call.key(), Some(&crate::stand::secret(NEW)));
}

#[test]
fn uses_the_key_that_mends_a_401_although_the_gate_closed_meanwhile() {
    let mut stand = submitting(Goal::Submit, &[OLD, NEW, OLD]);
    stand.dice.0 = 0.0;
    stand.tell(Event::Reply(no_key()));
    stand.shared.gates.close(Method::Submit, stand.now, Some(5_000), &mut crate::stand::Fixed(0.0));
    stand.go();
    assert_eq!(stand.rest(), 5_000);
    assert_eq!((stand.next == Next::Post, stand.asked.len()), (true, 2));
    assert_eq!(stand.call.key(), Some(&crate::stand::secret(NEW)));
}

#[test]
fn tells_on_status_of_a_poll_that_was_refused() {
    let mut stand = asking(Goal::Wait, &[OLD, NEW]);
    stand.hear(no_key());
    stand.rest();
    stand.hear(no_key());
    assert_eq!(stand.error().code(), "unauthorized");
    assert_eq!((stand.gets.len(), stand.reported.len()), (2, 2));
}

#[test]
fn asks_for_the_key_again_after_a_429() {
    let mut stand = submitting(Goal::Submit, &[OLD]);
    stand.hear(after("5", page(429)));
    stand.rest();
    assert_eq!(stand.asked, [false, false]);
}

#[test]
fn fails_when_there_is_no_key() {
    let mut stand = Stand::new(Call::submitting(Goal::Submit, request(), 600_000, Pace::Adaptive).asking_for_key());
    assert_eq!(*stand.tell(Event::Begin { offline: false }), Next::AskKey { after_unauthorized: false });
    stand.tell(Event::NoKey("threw"));
    let error = stand.error();
    assert_eq!((error.code(), error.retryable), ("credentials_failed", true));
    assert!(error.message().contains("nothing was spent"));
}

#[test]
fn keeps_the_generation_when_there_is_no_key_for_a_poll() {
    for (goal, retryable) in [(Goal::Generate, false), (Goal::Wait, true)] {
        let mut stand = if goal == Goal::Wait { asking(goal, &[OLD]) } else { submitting(goal, &[OLD]) };
        if goal == Goal::Generate {
            stand.hear(accepted());
        }
        stand.hear(status("queued"));
        let Next::Sleep(span) = stand.next else { panic!("{:?}", stand.next) };
        stand.pass(span).tell(Event::Elapsed);
        stand.tell(Event::NoKey("rejected"));
        let error = stand.error();
        assert_eq!((error.code(), error.retryable), ("credentials_failed", retryable));
        assert_eq!(error.generation.unwrap().id, ID);
    }
}

#[test]
fn never_waits_past_the_deadline_for_a_key() {
    let mut stand = Stand::new(Call::submitting(Goal::Submit, request(), 5_000, Pace::Adaptive).asking_for_key());
    stand.tell(Event::Begin { offline: false });
    assert_eq!(stand.give_up(), 5_000);
    assert_eq!((stand.error().code(), stand.error().retryable), ("deadline", true));
    assert!(stand.posts.is_empty());
}
