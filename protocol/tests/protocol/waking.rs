use protocol::{Action, Event, Method, Purpose};

use crate::driver::{TestDriver, URL, after, completed, page, status};

fn woken(online: bool, many: bool) -> Event<crate::driver::TestValue> {
    Event::PageWoke { online, waiting: if many { 5 } else { 4 } }
}

/// A call that waits for 10 s after a reply.
fn waiting_call() -> TestDriver {
    let mut driver = TestDriver::wait(600_000);
    driver.reply(status("queued"));
    driver
}

#[test]
fn an_overdue_poll_follows_at_once_when_the_page_wakes() {
    let mut driver = waiting_call();
    driver.suspend(20_000).step(woken(false, false));
    assert_eq!(driver.run_to_wait().purpose(), Some(Purpose::Poll));
}

#[test]
fn a_poll_that_is_not_due_still_waits_when_the_page_wakes() {
    let mut driver = waiting_call();
    driver.advance(4_000).step(woken(false, false));
    assert_eq!(driver.sleep(), 6_000);
    assert_eq!(driver.action.purpose(), Some(Purpose::Poll));
}

#[test]
fn going_online_ends_the_backoff_after_a_network_error() {
    let mut driver = TestDriver::wait(600_000);
    for _ in 0..5 {
        driver.network_error();
        driver.sleep();
    }
    driver.network_error();
    driver.advance(1_500).step(woken(false, false));
    assert_eq!(driver.action, Action::Wait);
    driver.step(woken(true, false));
    assert_eq!(driver.run_to_wait().purpose(), Some(Purpose::Poll));
}

#[test]
fn waking_never_polls_within_a_second_of_the_last_poll() {
    let mut driver = TestDriver::wait(600_000);
    driver.network_error();
    driver.advance(100).step(woken(true, false));
    driver.run_to_wait();
    assert_eq!(driver.sleep(), 900);
    assert_eq!(driver.gets, [0, 1_000]);
}

#[test]
fn waking_never_polls_through_a_closed_gate() {
    let mut driver = waiting_call();
    driver.origin_state.gates.close(Method::Poll, driver.now, Some(30_000), &mut crate::driver::Fixed(0.0));
    driver.advance(20_000).step(woken(true, false));
    driver.run_to_wait();
    assert!(driver.wait_left() >= Some(10_000));
    driver.advance(1_000).step(woken(true, false));
    assert!(driver.wait_left() >= Some(9_000));
    driver.sleep();
    assert_eq!(driver.action.purpose(), Some(Purpose::Poll));
}

#[test]
fn waking_does_not_hasten_a_rate_limited_submit() {
    let mut driver = TestDriver::generate(600_000);
    driver.reply(after("30", page(429)));
    driver.advance(1_000).step(woken(true, false));
    assert!(driver.wait_left() >= Some(29_000));
}

#[test]
fn many_waking_polls_are_spread_over_a_second() {
    let mut spans = vec![];
    for roll in [0.1, 0.5, 0.9] {
        let mut driver = waiting_call();
        driver.rng.0 = roll;
        driver.advance(20_000).step(woken(false, true));
        spans.push(driver.sleep());
        assert_eq!(driver.action.purpose(), Some(Purpose::Poll));
    }
    assert_eq!(spans, [100, 500, 900]);
}

#[test]
fn many_waits_suspended_past_the_deadline_keep_their_grace_poll() {
    for many in [false, true] {
        let mut driver = waiting_call();
        driver.suspend(86_400_000).step(woken(false, many));
        driver.run_to_wait();
        if driver.action == Action::Wait {
            driver.sleep();
        }
        assert_eq!(driver.action.purpose(), Some(Purpose::Poll));
        driver.reply(completed());
        assert_eq!(driver.result().audio.unwrap().url, URL);
    }
}

#[test]
fn waking_just_after_the_deadline_keeps_the_grace_poll() {
    let mut driver = TestDriver::wait(60_000);
    driver.reply(status("queued"));
    driver.suspend(60_300).step(woken(false, false));
    assert_eq!(driver.run_to_wait().purpose(), Some(Purpose::Poll));
}

#[test]
fn many_waking_just_before_the_deadline_keep_the_last_poll() {
    let mut driver = TestDriver::wait(60_000);
    driver.rng.0 = 0.9;
    driver.reply(status("queued"));
    driver.suspend(59_500).step(woken(false, true));
    driver.run_to_wait();
    if driver.action == Action::Wait {
        driver.sleep();
    }
    assert_eq!(driver.action.purpose(), Some(Purpose::Poll));
    assert!(driver.since() < 60_000);
}
