use protocol::call::{Call, Event, Goal, Next};
use protocol::gate::Method;
use protocol::generation::Generation;
use protocol::options::Pace;

use crate::stand::{ID, KEY, Stand, URL, accepted, after, at, completed, page, secret, status};

#[test]
fn brings_the_last_poll_forward_to_the_deadline() {
    let mut stand = Stand::wait(25_000);
    stand.hear(status("queued"));
    assert_eq!(stand.rest(), 10_000);
    stand.hear(status("queued"));
    assert_eq!(stand.rest(), 10_000);
    stand.hear(status("queued"));
    assert_eq!(stand.rest(), 3_000);
    stand.pass(100).hear(status("queued"));
    assert_eq!(stand.rest(), 1_900);
    let error = stand.error();
    assert_eq!((error.code(), error.retryable, stand.since()), ("deadline", true, 25_000));
    assert_eq!(stand.gets, [0, 10_000, 20_000, 23_000]);
}

#[test]
fn finds_at_the_last_poll_what_was_finished_since() {
    let mut stand = Stand::generate(25_000);
    stand.hear(accepted());
    for _ in 0..3 {
        stand.hear(status("generating"));
        stand.rest();
    }
    stand.hear(completed());
    assert_eq!(stand.result().audio.unwrap().url, URL);
}

#[test]
fn polls_once_however_short_the_time_and_however_late_the_next_check() {
    for timeout in [100, 1_000, 1_200, 5_000] {
        let mut generation = Generation::new(ID.into(), at(0));
        generation.next_check_at = Some(at(30_000).wall);
        let mut stand =
            Stand::begin(Call::asking(Goal::Wait, generation, timeout, Pace::Adaptive).with_key(secret(KEY)));
        if let Next::Sleep(_) = stand.next {
            stand.rest();
        }
        assert_eq!(stand.next, Next::Get, "{timeout}");
        assert!(stand.since() < timeout);
    }
}

#[test]
fn brings_the_last_poll_forward_through_a_closed_gate() {
    let mut stand = Stand::wait(60_000);
    stand.hear(after("3600", page(429)));
    assert_eq!(stand.rest(), 58_000);
    assert_eq!(stand.next, Next::Get);
    stand.hear(after("3600", page(429)));
    stand.rest();
    assert_eq!((stand.error().code(), stand.gets.len()), ("deadline", 2));
}

#[test]
fn may_not_repeat_a_generate_whose_generation_goes_on() {
    let mut stand = Stand::generate(3_000);
    stand.hear(accepted());
    while !matches!(stand.next, Next::Settle(_)) {
        match stand.next {
            Next::Sleep(_) => drop(stand.rest()),
            _ => drop(stand.hear(status("queued"))),
        }
    }
    let error = stand.error();
    assert_eq!((error.code(), error.retryable), ("deadline", false));
    assert!(error.message().contains("waitFor"));
    assert_eq!(error.generation.unwrap().id, ID);
}

#[test]
fn waits_for_ever_when_told_to() {
    let mut stand = Stand::wait(u64::MAX);
    for _ in 0..1_000 {
        stand.hear(status("generating"));
        assert_eq!(stand.rest(), 10_000);
    }
    assert_eq!(stand.call.limit(stand.now), 30_000);
}

#[test]
fn makes_one_last_get_when_the_machine_slept_across_the_deadline() {
    let mut stand = Stand::wait(600_000);
    stand.hear(status("generating"));
    stand.oversleep(86_400_000).tell(Event::Elapsed);
    assert_eq!(*stand.go(), Next::Get);
    assert_eq!(stand.call.limit(stand.now), 30_000);
    stand.hear(completed());
    assert_eq!(stand.result().audio.unwrap().url, URL);
}

#[test]
fn makes_only_one_last_get() {
    for end in [0, 1, 2] {
        let mut stand = Stand::generate(600_000);
        stand.hear(accepted());
        stand.hear(status("generating"));
        stand.oversleep(86_400_000).tell(Event::Elapsed);
        stand.go();
        match end {
            0 => drop(stand.hear(status("generating"))),
            1 => drop(stand.lose()),
            _ => assert_eq!(stand.give_up(), 30_000),
        }
        assert_eq!((stand.error().code(), stand.gets.len()), ("deadline", 2));
    }
}

#[test]
fn makes_the_last_get_through_a_closed_gate() {
    let mut stand = Stand::wait(60_000);
    stand.hear(status("generating"));
    stand.oversleep(100_000);
    stand.shared.gates.close(Method::Poll, stand.now, Some(3_600_000), &mut crate::stand::Fixed(0.0));
    stand.tell(Event::Elapsed);
    assert_eq!(*stand.go(), Next::Get);
}

#[test]
fn makes_the_last_get_when_the_machine_slept_while_a_poll_was_under_way() {
    for end in [0, 1, 2] {
        let mut stand = Stand::wait(600_000);
        stand.oversleep(86_400_000);
        stand.pass(5_000);
        match end {
            0 => drop(stand.hear(status("generating"))),
            1 => drop(stand.lose()),
            _ => {
                stand.tell(Event::Elapsed);
                stand.go();
            }
        }
        assert_eq!((&stand.next, stand.gets.len()), (&Next::Get, 2));
    }
}

#[test]
fn makes_no_last_get_when_the_deadline_was_merely_reached() {
    let mut stand = Stand::wait(25_000);
    for _ in 0..3 {
        stand.hear(status("queued"));
        stand.rest();
    }
    assert_eq!(stand.give_up(), 2_000);
    assert_eq!((stand.error().code(), stand.gets.len()), ("deadline", 4));
}

#[test]
fn gives_up_a_get_after_30_seconds_or_at_the_deadline() {
    let mut stand = Stand::wait(40_000);
    assert_eq!(stand.give_up(), 30_000);
    stand.rest();
    assert!(stand.call.limit(stand.now) <= 10_000);
}

#[test]
fn does_not_wait_past_the_deadline_for_on_submit() {
    let mut stand = Stand::generate(60_000);
    stand.tell(Event::Reply(accepted()));
    assert_eq!(stand.give_up(), 60_000);
    let error = stand.error();
    assert_eq!((error.code(), error.retryable, error.generation.unwrap().id.as_str()), ("deadline", false, ID));
}

#[test]
fn never_outlasts_a_clock_that_was_set_back() {
    let mut stand = Stand::wait(60_000);
    stand.hear(status("queued"));
    stand.now.wall -= 86_400_000;
    stand.now.steady += 10_000;
    stand.tell(Event::Elapsed);
    assert_eq!(*stand.go(), Next::Get);
    stand.now.steady += 50_000;
    stand.tell(Event::Elapsed);
    stand.go();
    assert_eq!(stand.error().code(), "deadline");
}

#[test]
fn starts_its_clock_when_it_begins_and_not_when_it_is_made() {
    let call = Call::asking(Goal::Wait, Generation::new(ID.into(), at(0)), 60_000, Pace::Every(10_000));
    let mut stand = Stand::new(call.with_key(secret(KEY)));
    stand.pass(10_000_000).tell(Event::Begin { offline: false });
    assert_eq!(stand.call.limit(stand.now), 60_000);
}
