use protocol::call::{Event, Next};
use protocol::gate::Method;

use crate::stand::{Stand, URL, after, completed, page, status};

fn woken(online: bool, many: bool) -> Event<crate::stand::J> {
    Event::Woken { online, many }
}

/// Asleep for 10 s after a reply.
fn asleep() -> Stand {
    let mut stand = Stand::wait(600_000);
    stand.hear(status("queued"));
    stand
}

#[test]
fn follows_at_once_when_the_poll_is_overdue() {
    let mut stand = asleep();
    stand.oversleep(20_000).tell(woken(false, false));
    assert_eq!(*stand.go(), Next::Get);
}

#[test]
fn sleeps_on_when_the_poll_is_not_yet_due() {
    let mut stand = asleep();
    stand.pass(4_000).tell(woken(false, false));
    assert_eq!(stand.rest(), 6_000);
    assert_eq!(stand.next, Next::Get);
}

#[test]
fn ends_the_back_off_of_a_lost_poll_when_the_browser_goes_online() {
    let mut stand = Stand::wait(600_000);
    for _ in 0..5 {
        stand.lose();
        stand.rest();
    }
    stand.lose();
    stand.pass(1_500).tell(woken(false, false));
    assert!(matches!(stand.next, Next::Sleep(_)));
    stand.tell(woken(true, false));
    assert_eq!(*stand.go(), Next::Get);
}

#[test]
fn never_follows_sooner_than_a_second_after_the_last_poll() {
    let mut stand = Stand::wait(600_000);
    stand.lose();
    stand.pass(100).tell(woken(true, false));
    stand.go();
    assert_eq!(stand.rest(), 900);
    assert_eq!(stand.gets, [0, 1_000]);
}

#[test]
fn never_follows_through_the_gate() {
    let mut stand = asleep();
    stand.shared.gates.close(Method::Poll, stand.now, Some(30_000), &mut crate::stand::Fixed(0.0));
    stand.pass(20_000).tell(woken(true, false));
    stand.go();
    assert!(matches!(stand.next, Next::Sleep(span) if span >= 10_000));
    stand.pass(1_000).tell(woken(true, false));
    assert!(matches!(stand.next, Next::Sleep(span) if span >= 9_000));
    stand.rest();
    assert_eq!(stand.next, Next::Get);
}

#[test]
fn does_not_wake_a_submit_that_a_429_put_off() {
    let mut stand = Stand::generate(600_000);
    stand.hear(after("30", page(429)));
    stand.pass(1_000).tell(woken(true, false));
    assert!(matches!(stand.next, Next::Sleep(span) if span >= 29_000));
}

#[test]
fn spreads_over_a_second_when_many_wake() {
    let mut spans = vec![];
    for roll in [0.1, 0.5, 0.9] {
        let mut stand = asleep();
        stand.dice.0 = roll;
        stand.pass(20_000).tell(woken(false, true));
        spans.push(stand.rest());
        assert_eq!(stand.next, Next::Get);
    }
    assert_eq!(spans, [100, 500, 900]);
}

#[test]
fn keeps_the_last_get_of_many_that_slept_across_the_deadline() {
    for many in [false, true] {
        let mut stand = asleep();
        stand.oversleep(86_400_000).tell(woken(false, many));
        stand.go();
        if let Next::Sleep(_) = stand.next {
            stand.rest();
        }
        assert_eq!(stand.next, Next::Get);
        stand.hear(completed());
        assert_eq!(stand.result().audio.unwrap().url, URL);
    }
}

#[test]
fn keeps_the_last_get_when_it_is_woken_just_after_the_deadline() {
    let mut stand = Stand::wait(60_000);
    stand.hear(status("queued"));
    stand.oversleep(60_300).tell(woken(false, false));
    assert_eq!(*stand.go(), Next::Get);
}

#[test]
fn keeps_the_last_poll_when_many_wake_just_before_the_deadline() {
    let mut stand = Stand::wait(60_000);
    stand.dice.0 = 0.9;
    stand.hear(status("queued"));
    stand.oversleep(59_500).tell(woken(false, true));
    stand.go();
    if let Next::Sleep(_) = stand.next {
        stand.rest();
    }
    assert_eq!(stand.next, Next::Get);
    assert!(stand.since() < 60_000);
}
