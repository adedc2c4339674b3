use protocol::call::{Call, Event, Goal, Next};
use protocol::gate::{Gates, Method};
use protocol::generation::Generation;
use protocol::options::Pace;
use protocol::shared::Shared;

use crate::stand::{Fixed, KEY, Stand, accepted, after, at, page, request, secret, status};

fn waiting(number: usize) -> Stand {
    let generation = Generation::new(format!("job-{number}"), at(0));
    Stand::new(Call::asking(Goal::Wait, generation, 600_000, Pace::Every(10_000)).with_key(secret(KEY)))
}

/// Lets the stand act on the gate that all share.
fn sharing<T>(stand: &mut Stand, shared: &mut Shared, act: impl FnOnce(&mut Stand) -> T) -> T {
    std::mem::swap(&mut stand.shared, shared);
    let result = act(stand);
    std::mem::swap(&mut stand.shared, shared);
    result
}

fn begin(stand: &mut Stand, shared: &mut Shared) {
    sharing(stand, shared, |stand| {
        stand.tell(Event::Begin { offline: false });
        stand.go();
    });
}

#[test]
fn lets_everybody_through_while_nothing_happened() {
    let mut gates = Gates::default();
    for method in [Method::Submit, Method::Poll] {
        assert_eq!((gates.left(method, at(0)), gates.queue(method, at(0), &mut Fixed(0.9))), (0, 0));
    }
}

#[test]
fn a_429_to_a_submit_does_not_delay_polls() {
    let mut gates = Gates::default();
    gates.close(Method::Submit, at(0), Some(60_000), &mut Fixed(0.0));
    assert_eq!((gates.left(Method::Submit, at(0)), gates.left(Method::Poll, at(0))), (60_000, 0));
}

#[test]
fn a_429_to_a_poll_pauses_submits_too_and_they_follow_behind_the_polls() {
    let mut gates = Gates::default();
    gates.close(Method::Poll, at(0), Some(60_000), &mut Fixed(0.0));
    let polls: Vec<u64> = (0..20).map(|_| gates.queue(Method::Poll, at(0), &mut Fixed(0.5))).collect();
    let submits: Vec<u64> = (0..20).map(|_| gates.queue(Method::Submit, at(0), &mut Fixed(0.5))).collect();
    assert!(polls[0] >= 60_000 && submits[0] > polls[19], "{polls:?} {submits:?}");
    assert!(submits.windows(2).all(|pair| pair[1] - pair[0] == 100), "{submits:?}");
}

#[test]
fn is_one_pause_for_all_that_were_under_way() {
    for method in [Method::Submit, Method::Poll] {
        let mut gates = Gates::default();
        gates.close(method, at(0), None, &mut Fixed(0.0));
        let first = gates.left(method, at(0));
        for _ in 0..50 {
            gates.close(method, at(0), None, &mut Fixed(0.99));
        }
        assert_eq!(gates.left(method, at(0)), first);
    }
}

#[test]
fn is_lengthened_by_what_asks_for_more_and_never_shortened() {
    let mut gates = Gates::default();
    for asked in [10_000, 20_000, 5_000] {
        gates.close(Method::Submit, at(0), Some(asked), &mut Fixed(0.0));
    }
    assert_eq!(gates.left(Method::Submit, at(0)), 20_000);
}

#[test]
fn a_retry_after_of_nothing_does_not_switch_the_back_off_off() {
    let mut gates = Gates::default();
    let mut now = 0;
    let mut submits = 0;
    while now < 600_000 {
        gates.close(Method::Submit, at(now), Some(0), &mut Fixed(0.5));
        submits += 1;
        now += gates.left(Method::Submit, at(now));
    }
    assert!((15..30).contains(&submits), "{submits} in ten minutes");
}

#[test]
fn forgets_its_strikes_when_a_reply_comes_through() {
    let mut gates = Gates::default();
    let mut now = 0;
    let mut pauses = vec![];
    for round in 0..8 {
        if round == 6 {
            gates.passed(Method::Submit, at(now), None);
        }
        gates.close(Method::Submit, at(now), None, &mut Fixed(0.999));
        pauses.push(gates.left(Method::Submit, at(now)));
        now += gates.left(Method::Submit, at(now));
    }
    assert!(pauses[5] > 30_000 && pauses[5] <= 60_000, "{pauses:?}");
    assert!(pauses[6] <= 2_000, "{pauses:?}");
}

#[test]
fn a_good_poll_does_not_forget_the_strikes_of_submits() {
    let mut gates = Gates::default();
    let mut pauses = vec![];
    let mut now = 0;
    for _ in 0..6 {
        gates.close(Method::Submit, at(now), None, &mut Fixed(0.999));
        pauses.push(gates.left(Method::Submit, at(now)));
        now += gates.left(Method::Submit, at(now));
        gates.passed(Method::Poll, at(now), None);
    }
    assert!(pauses[5] > 30_000, "{pauses:?}");
}

#[test]
fn is_not_opened_by_a_late_reply() {
    let mut gates = Gates::default();
    gates.close(Method::Poll, at(0), Some(10_000), &mut Fixed(0.0));
    gates.passed(Method::Poll, at(5_000), None);
    assert_eq!(gates.left(Method::Poll, at(5_000)), 5_000);
}

#[test]
fn is_opened_by_a_reply_that_came_through_it_in_spite_of_the_pause() {
    for closed in [Method::Submit, Method::Poll] {
        let mut gates = Gates::default();
        gates.close(closed, at(0), Some(3_600_000), &mut Fixed(0.0));
        let forced = gates.forced(Method::Submit, at(4_000));
        gates.passed(Method::Submit, at(5_000), forced);
        assert_eq!((gates.left(Method::Submit, at(5_000)), gates.left(Method::Poll, at(5_000))), (0, 0));
    }
}

#[test]
fn is_not_opened_by_a_reply_to_what_was_sent_before_another_429() {
    let mut gates = Gates::default();
    gates.close(Method::Submit, at(0), Some(3_600_000), &mut Fixed(0.0));
    let forced = gates.forced(Method::Submit, at(1_000));
    gates.close(Method::Submit, at(2_000), Some(3_600_000), &mut Fixed(0.0));
    gates.passed(Method::Submit, at(3_000), forced);
    assert!(gates.left(Method::Submit, at(3_000)) > 0);
}

/// A last try that the service answers shows that it takes submits again.
#[test]
fn the_next_submit_does_not_wait_behind_a_gate_that_a_last_try_went_through() {
    let mut shared = Shared::default();
    let mut first = Stand::new(Call::submitting(Goal::Submit, request(), 60_000, Pace::Adaptive).with_key(secret(KEY)));
    begin(&mut first, &mut shared);
    sharing(&mut first, &mut shared, |first| {
        first.hear(after("3600", page(429)));
        first.rest();
        assert_eq!((first.next == Next::Post, first.posts[1]), (true, 50_000));
        first.hear(accepted());
    });
    let mut second =
        Stand::new(Call::submitting(Goal::Submit, request(), 60_000, Pace::Adaptive).with_key(secret(KEY)));
    second.pass(50_000);
    begin(&mut second, &mut shared);
    assert_eq!(second.next, Next::Post);
}

#[test]
fn keeps_other_calls_from_sending_until_its_time() {
    let mut shared = Shared::default();
    let mut first = waiting(1);
    begin(&mut first, &mut shared);
    sharing(&mut first, &mut shared, |first| {
        first.hear(after("20", page(429)));
    });
    let mut second = waiting(2);
    let mut post = Stand::new(Call::submitting(Goal::Submit, request(), 600_000, Pace::Adaptive).with_key(secret(KEY)));
    for stand in [&mut second, &mut post] {
        begin(stand, &mut shared);
        assert!(matches!(stand.next, Next::Sleep(span) if span >= 20_000), "{:?}", stand.next);
    }
}

#[test]
fn keeps_out_a_request_that_waited_for_its_place_when_it_closed() {
    for goal in [Goal::Submit, Goal::Wait] {
        let call = match goal {
            Goal::Submit => Call::submitting(goal, request(), 600_000, Pace::Adaptive),
            _ => Call::asking(goal, Generation::new("job".into(), at(0)), 600_000, Pace::Adaptive),
        };
        let mut stand = Stand::new(call.with_key(secret(KEY)));
        stand.tell(Event::Begin { offline: false });
        let method = if goal == Goal::Submit { Method::Submit } else { Method::Poll };
        stand.shared.gates.close(method, stand.now, Some(20_000), &mut Fixed(0.0));
        assert!(matches!(stand.tell(Event::Entered { offline: false }), Next::Sleep(_)));
    }
}

/// 50 jobs meet a 429 while their requests are under way.
#[test]
fn lets_polls_resume_spread_out() {
    let mut shared = Shared::default();
    let mut jobs: Vec<Stand> = (0..50).map(waiting).collect();
    for job in &mut jobs {
        begin(job, &mut shared);
    }
    let mut resumed = vec![];
    for job in &mut jobs {
        sharing(job, &mut shared, |job| {
            job.hear(after("30", page(429)));
        });
    }
    for job in &mut jobs {
        sharing(job, &mut shared, |job| {
            while matches!(job.next, Next::Sleep(_)) {
                job.rest();
            }
            assert_eq!(job.next, Next::Get);
        });
        resumed.push(job.gets[1]);
    }
    resumed.sort_unstable();
    assert!(resumed[0] >= 30_000);
    assert!(resumed.windows(11).all(|window| window[10] - window[0] >= 900), "{resumed:?}");
}

#[test]
fn lets_submits_resume_spread_out() {
    let mut shared = Shared::default();
    let mut jobs: Vec<Stand> = (0..50)
        .map(|_| Stand::new(Call::submitting(Goal::Submit, request(), 600_000, Pace::Adaptive).with_key(secret(KEY))))
        .collect();
    for job in &mut jobs {
        begin(job, &mut shared);
    }
    for job in &mut jobs {
        sharing(job, &mut shared, |job| {
            job.pass(10).hear(page(429));
        });
    }
    let mut resumed = vec![];
    for job in &mut jobs {
        sharing(job, &mut shared, |job| {
            job.rest();
            assert_eq!(job.next, Next::Post);
        });
        resumed.push(job.posts[1]);
    }
    resumed.sort_unstable();
    assert!(resumed.windows(11).all(|window| window[10] - window[0] >= 900), "{resumed:?}");
}

#[test]
fn is_closed_by_a_check_too() {
    let mut stand = Stand::check(30_000);
    stand.hear(after("20", page(429)));
    assert_eq!(stand.shared.gates.left(Method::Poll, stand.now), 20_000);
    let mut stand = Stand::check(30_000);
    stand.hear(status("queued"));
    assert_eq!(stand.shared.gates.left(Method::Poll, stand.now), 0);
}
