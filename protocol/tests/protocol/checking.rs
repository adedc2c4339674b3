use protocol::{Generation, Goal, PollErrorCode, Purpose, Status};

use crate::driver::{ID, TestDriver, after, at, completed, page, poll_call, status};

#[test]
fn a_check_polls_once_and_resolves_to_the_next_snapshot() {
    let mut driver = TestDriver::check(30_000);
    driver.advance(200).reply(status("generating"));
    let generation = driver.result();
    assert_eq!((generation.status, generation.polling.checks, generation.polling.errors), (Status::Generating, 1, 0));
    assert_eq!(generation.next_check_at, Some(at(10_200).wall));
    assert_eq!((driver.gets.len(), driver.status_snapshots.len()), (1, 0));
}

#[test]
fn a_check_polls_at_once_whatever_the_snapshot_says() {
    let mut generation = Generation::new(ID.into(), at(0));
    generation.next_check_at = Some(at(50_000).wall);
    let mut driver = TestDriver::polling(Goal::Check, generation, 30_000);
    driver.reply(status("queued"));
    let origin_state = std::mem::take(&mut driver.origin_state);
    let mut again = TestDriver::new(poll_call(Goal::Check, driver.result(), 30_000, protocol::PollInterval::Adaptive));
    again.origin_state = origin_state;
    again.step(protocol::Event::Start { offline: false });
    assert_eq!(again.run_to_wait().purpose(), Some(Purpose::Poll));
}

#[test]
fn a_check_resolves_to_a_final_snapshot() {
    let mut driver = TestDriver::check(30_000);
    driver.reply(completed());
    assert_eq!((driver.result().status, driver.result().next_check_at), (Status::Completed, None));
}

#[test]
fn a_check_resolves_with_a_transient_error_and_a_later_next_check() {
    let mut driver = TestDriver::check(30_000);
    driver.reply(page(502));
    let first = driver.result();
    assert_eq!((first.polling.errors, first.polling.last_error.unwrap().code), (1, PollErrorCode::Http));
    assert!(first.next_check_at.unwrap() >= at(1_000).wall);
    let mut driver = TestDriver::polling(Goal::Check, first, 30_000);
    driver.network_error();
    let second = driver.result();
    assert_eq!(
        (second.polling.errors, second.polling.last_error.unwrap().code, second.polling.checks),
        (2, PollErrorCode::Network, 2)
    );
}

#[test]
fn a_check_postpones_the_next_one_as_long_as_a_429_asks() {
    let mut driver = TestDriver::check(30_000);
    driver.reply(after("90", page(429)));
    assert!(driver.result().next_check_at.unwrap() >= at(90_000).wall);
}

#[test]
fn a_check_whose_poll_times_out_resolves_with_a_transient_error() {
    let mut driver = TestDriver::check(30_000);
    assert_eq!(driver.time_out(), 30_000);
    assert_eq!(driver.result().polling.last_error.unwrap().code, PollErrorCode::Timeout);
}

#[test]
fn a_check_rejects_when_a_shorter_timeout_has_passed() {
    let mut driver = TestDriver::check(5_000);
    assert_eq!(driver.time_out(), 5_000);
    assert_eq!((driver.error().code(), driver.error().retryable), ("deadline", true));
    assert_eq!(driver.error().generation.unwrap().id, ID);
}

#[test]
fn a_check_rejects_the_4th_consecutive_404_across_checks() {
    let mut generation = Generation::new(ID.into(), at(0));
    for _ in 0..3 {
        let mut driver = TestDriver::polling(Goal::Check, generation, 30_000);
        driver.reply(page(404));
        generation = driver.result();
    }
    let mut driver = TestDriver::polling(Goal::Check, generation, 30_000);
    driver.reply(page(404));
    assert_eq!(driver.error().code(), "not_found");
}

#[test]
fn checks_and_waits_produce_the_same_snapshots() {
    let answers = || vec![status("queued"), page(503), status("odd"), page(404), page(200), status("generating")];
    let mut wait = TestDriver::wait(600_000);
    let mut generation = Generation::new(ID.into(), at(0));
    for answer in answers() {
        let mut check = TestDriver::polling(Goal::Check, generation, 30_000);
        check.now = wait.now;
        check.reply(answer.clone());
        wait.reply(answer);
        generation = check.result();
        let mut waited = wait.known().clone();
        // The wait's gate and clock are its own; all else is the same.
        waited.next_check_at = generation.next_check_at;
        assert_eq!(waited, generation);
        wait.sleep();
    }
}
