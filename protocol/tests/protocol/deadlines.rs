use protocol::{Action, Event, Generation, Goal, Method, PollInterval, Purpose};

use crate::driver::{ID, KEY, TestDriver, URL, accepted, after, api_key, at, completed, page, poll_call, status};

#[test]
fn the_last_poll_is_brought_forward_to_the_deadline() {
    let mut driver = TestDriver::wait(25_000);
    driver.reply(status("queued"));
    assert_eq!(driver.sleep(), 10_000);
    driver.reply(status("queued"));
    assert_eq!(driver.sleep(), 10_000);
    driver.reply(status("queued"));
    assert_eq!(driver.sleep(), 3_000);
    driver.advance(100).reply(status("queued"));
    assert_eq!(driver.sleep(), 1_900);
    let error = driver.error();
    assert_eq!((error.code(), error.retryable, driver.since()), ("deadline", true, 25_000));
    assert_eq!(driver.gets, [0, 10_000, 20_000, 23_000]);
}

#[test]
fn the_last_poll_finds_a_generation_that_has_completed() {
    let mut driver = TestDriver::generate(25_000);
    driver.reply(accepted());
    for _ in 0..3 {
        driver.reply(status("generating"));
        driver.sleep();
    }
    driver.reply(completed());
    assert_eq!(driver.result().audio.unwrap().url, URL);
}

#[test]
fn a_wait_polls_at_least_once_however_short_its_timeout() {
    for timeout in [100, 1_000, 1_200, 5_000] {
        let mut generation = Generation::new(ID.into(), at(0));
        generation.next_check_at = Some(at(30_000).wall);
        let mut driver = TestDriver::begin(
            poll_call(Goal::Wait, generation, timeout, PollInterval::Adaptive).with_key(api_key(KEY)),
        );
        if driver.action == Action::Wait {
            driver.sleep();
        }
        assert_eq!(driver.action.purpose(), Some(Purpose::Poll), "{timeout}");
        assert!(driver.since() < timeout);
    }
}

#[test]
fn the_last_poll_passes_a_closed_gate() {
    let mut driver = TestDriver::wait(60_000);
    driver.reply(after("3600", page(429)));
    assert_eq!(driver.sleep(), 58_000);
    assert_eq!(driver.action.purpose(), Some(Purpose::Poll));
    driver.reply(after("3600", page(429)));
    driver.sleep();
    assert_eq!((driver.error().code(), driver.gets.len()), ("deadline", 2));
}

#[test]
fn a_generate_that_reaches_its_deadline_is_not_retryable() {
    let mut driver = TestDriver::generate(3_000);
    driver.reply(accepted());
    while !matches!(driver.action, Action::Settle(_)) {
        match driver.action {
            Action::Wait => drop(driver.sleep()),
            _ => drop(driver.reply(status("queued"))),
        }
    }
    let error = driver.error();
    assert_eq!((error.code(), error.retryable), ("deadline", false));
    assert!(error.message().contains("waitFor"));
    assert_eq!(error.generation.unwrap().id, ID);
}

#[test]
fn an_infinite_timeout_never_ends_a_wait() {
    let mut driver = TestDriver::wait(u64::MAX);
    for _ in 0..1_000 {
        driver.reply(status("generating"));
        assert_eq!(driver.sleep(), 10_000);
    }
    assert_eq!(driver.call.poll_timeout(driver.now), 30_000);
}

#[test]
fn a_machine_suspended_past_the_deadline_polls_once_more() {
    let mut driver = TestDriver::wait(600_000);
    driver.reply(status("generating"));
    driver.suspend(86_400_000).step(Event::Timeout);
    assert_eq!(driver.run_to_wait().purpose(), Some(Purpose::Poll));
    assert_eq!(driver.call.poll_timeout(driver.now), 30_000);
    driver.reply(completed());
    assert_eq!(driver.result().audio.unwrap().url, URL);
}

#[test]
fn there_is_only_one_grace_poll() {
    for end in [0, 1, 2] {
        let mut driver = TestDriver::generate(600_000);
        driver.reply(accepted());
        driver.reply(status("generating"));
        driver.suspend(86_400_000).step(Event::Timeout);
        driver.run_to_wait();
        match end {
            0 => drop(driver.reply(status("generating"))),
            1 => drop(driver.network_error()),
            _ => assert_eq!(driver.time_out(), 30_000),
        }
        assert_eq!((driver.error().code(), driver.gets.len()), ("deadline", 2));
    }
}

#[test]
fn the_grace_poll_passes_a_closed_gate() {
    let mut driver = TestDriver::wait(60_000);
    driver.reply(status("generating"));
    driver.suspend(100_000);
    driver.origin_state.gates.close(Method::Poll, driver.now, Some(3_600_000), &mut crate::driver::Fixed(0.0));
    driver.step(Event::Timeout);
    assert_eq!(driver.run_to_wait().purpose(), Some(Purpose::Poll));
}

#[test]
fn a_machine_suspended_during_a_poll_polls_once_more() {
    for end in [0, 1, 2] {
        let mut driver = TestDriver::wait(600_000);
        driver.suspend(86_400_000);
        driver.advance(5_000);
        match end {
            0 => drop(driver.reply(status("generating"))),
            1 => drop(driver.network_error()),
            _ => {
                driver.step(Event::Timeout);
                driver.run_to_wait();
            }
        }
        assert_eq!((driver.action.purpose(), driver.gets.len()), (Some(Purpose::Poll), 2));
    }
}

#[test]
fn there_is_no_grace_poll_if_the_deadline_was_merely_reached() {
    let mut driver = TestDriver::wait(25_000);
    for _ in 0..3 {
        driver.reply(status("queued"));
        driver.sleep();
    }
    assert_eq!(driver.time_out(), 2_000);
    assert_eq!((driver.error().code(), driver.gets.len()), ("deadline", 4));
}

#[test]
fn a_poll_is_given_up_after_30_seconds_or_at_the_deadline() {
    let mut driver = TestDriver::wait(40_000);
    assert_eq!(driver.time_out(), 30_000);
    driver.sleep();
    assert!(driver.call.poll_timeout(driver.now) <= 10_000);
}

#[test]
fn on_submitted_is_not_awaited_past_the_deadline() {
    let mut driver = TestDriver::generate(60_000);
    driver.step(Event::Reply(accepted()));
    assert_eq!(driver.time_out(), 60_000);
    let error = driver.error();
    assert_eq!((error.code(), error.retryable, error.generation.unwrap().id.as_str()), ("deadline", false, ID));
}

#[test]
fn a_wall_clock_set_back_does_not_extend_the_deadline() {
    let mut driver = TestDriver::wait(60_000);
    driver.reply(status("queued"));
    driver.now.wall -= 86_400_000;
    driver.now.monotonic += 10_000;
    driver.step(Event::Timeout);
    assert_eq!(driver.run_to_wait().purpose(), Some(Purpose::Poll));
    driver.now.monotonic += 50_000;
    driver.step(Event::Timeout);
    driver.run_to_wait();
    assert_eq!(driver.error().code(), "deadline");
}

#[test]
fn the_deadline_counts_from_the_start_of_the_call() {
    let call = poll_call(Goal::Wait, Generation::new(ID.into(), at(0)), 60_000, PollInterval::Fixed(10_000));
    let mut driver = TestDriver::new(call.with_key(api_key(KEY)));
    driver.advance(10_000_000).step(Event::Start { offline: false });
    assert_eq!(driver.call.poll_timeout(driver.now), 60_000);
}
