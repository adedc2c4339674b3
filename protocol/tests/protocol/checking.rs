use protocol::call::{Goal, Next};
use protocol::generation::{Generation, PollErrorCode, Status};

use crate::stand::{ID, Stand, after, at, completed, page, status};

#[test]
fn makes_one_get_and_resolves_to_the_next_snapshot() {
    let mut stand = Stand::check(30_000);
    stand.pass(200).hear(status("generating"));
    let generation = stand.result();
    assert_eq!((generation.status, generation.polling.checks, generation.polling.errors), (Status::Generating, 1, 0));
    assert_eq!(generation.next_check_at, Some(at(10_200).wall));
    assert_eq!((stand.gets.len(), stand.reported.len()), (1, 0));
}

#[test]
fn asks_at_once_although_the_snapshot_says_later_and_although_it_was_just_asked() {
    let mut generation = Generation::new(ID.into(), at(0));
    generation.next_check_at = Some(at(50_000).wall);
    let mut stand = Stand::asking(Goal::Check, generation, 30_000);
    stand.hear(status("queued"));
    let shared = std::mem::take(&mut stand.shared);
    let mut again = Stand::new(protocol::call::Call::asking(
        Goal::Check,
        stand.result(),
        30_000,
        protocol::options::Pace::Adaptive,
    ));
    again.shared = shared;
    again.tell(protocol::call::Event::Begin { offline: false });
    assert_eq!(*again.go(), Next::Get);
}

#[test]
fn resolves_to_a_final_snapshot() {
    let mut stand = Stand::check(30_000);
    stand.hear(completed());
    assert_eq!((stand.result().status, stand.result().next_check_at), (Status::Completed, None));
}

#[test]
fn resolves_with_the_fault_and_a_later_next_check() {
    let mut stand = Stand::check(30_000);
    stand.hear(page(502));
    let first = stand.result();
    assert_eq!((first.polling.errors, first.polling.last_error.unwrap().code), (1, PollErrorCode::Http));
    assert!(first.next_check_at.unwrap() >= at(1_000).wall);
    let mut stand = Stand::asking(Goal::Check, first, 30_000);
    stand.lose();
    let second = stand.result();
    assert_eq!(
        (second.polling.errors, second.polling.last_error.unwrap().code, second.polling.checks),
        (2, PollErrorCode::Network, 2)
    );
}

#[test]
fn puts_the_next_check_off_as_long_as_a_429_asks() {
    let mut stand = Stand::check(30_000);
    stand.hear(after("90", page(429)));
    assert!(stand.result().next_check_at.unwrap() >= at(90_000).wall);
}

#[test]
fn resolves_with_a_fault_when_its_get_had_its_time() {
    let mut stand = Stand::check(30_000);
    assert_eq!(stand.give_up(), 30_000);
    assert_eq!(stand.result().polling.last_error.unwrap().code, PollErrorCode::Timeout);
}

#[test]
fn rejects_when_a_shorter_time_has_passed() {
    let mut stand = Stand::check(5_000);
    assert_eq!(stand.give_up(), 5_000);
    assert_eq!((stand.error().code(), stand.error().retryable), ("deadline", true));
    assert_eq!(stand.error().generation.unwrap().id, ID);
}

#[test]
fn rejects_the_4th_404_running_over_as_many_checks() {
    let mut generation = Generation::new(ID.into(), at(0));
    for _ in 0..3 {
        let mut stand = Stand::asking(Goal::Check, generation, 30_000);
        stand.hear(page(404));
        generation = stand.result();
    }
    let mut stand = Stand::asking(Goal::Check, generation, 30_000);
    stand.hear(page(404));
    assert_eq!(stand.error().code(), "not_found");
}

#[test]
fn steps_as_a_wait_does() {
    let answers = || vec![status("queued"), page(503), status("odd"), page(404), page(200), status("generating")];
    let mut wait = Stand::wait(600_000);
    let mut generation = Generation::new(ID.into(), at(0));
    for answer in answers() {
        let mut check = Stand::asking(Goal::Check, generation, 30_000);
        check.now = wait.now;
        check.hear(answer.clone());
        wait.hear(answer);
        generation = check.result();
        let mut waited = wait.known().clone();
        // The wait's gate and clock are its own; all else is the same.
        waited.next_check_at = generation.next_check_at;
        assert_eq!(waited, generation);
        wait.rest();
    }
}
