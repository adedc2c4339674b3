use protocol::call::{Call, Event, Goal, Next};
use protocol::gate::Gate;
use protocol::generation::Generation;
use protocol::options::Pace;
use protocol::shared::Shared;

use crate::stand::{Fixed, KEY, Stand, after, at, page, request, secret, status};

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
    let mut gate = Gate::default();
    assert_eq!((gate.left(at(0)), gate.queue(at(0), &mut Fixed(0.9))), (0, 0));
}

#[test]
fn is_one_pause_for_all_that_were_under_way() {
    let mut gate = Gate::default();
    gate.close(at(0), None, &mut Fixed(0.0));
    let first = gate.left(at(0));
    for _ in 0..50 {
        gate.close(at(0), None, &mut Fixed(0.99));
    }
    assert_eq!(gate.left(at(0)), first);
}

#[test]
fn is_lengthened_by_what_asks_for_more_and_never_shortened() {
    let mut gate = Gate::default();
    gate.close(at(0), Some(10_000), &mut Fixed(0.0));
    gate.close(at(0), Some(20_000), &mut Fixed(0.0));
    gate.close(at(0), Some(5_000), &mut Fixed(0.0));
    assert_eq!(gate.left(at(0)), 20_000);
}

#[test]
fn forgets_its_strikes_when_a_reply_comes_through() {
    let mut gate = Gate::default();
    let mut now = 0;
    let mut pauses = vec![];
    for round in 0..8 {
        if round == 6 {
            gate.passed(at(now));
        }
        gate.close(at(now), None, &mut Fixed(0.999));
        pauses.push(gate.left(at(now)));
        now += gate.left(at(now));
    }
    assert!(pauses[5] > 30_000 && pauses[5] <= 60_000, "{pauses:?}");
    assert!(pauses[6] <= 2_000, "{pauses:?}");
}

#[test]
fn is_not_opened_by_a_late_reply() {
    let mut gate = Gate::default();
    gate.close(at(0), Some(10_000), &mut Fixed(0.0));
    gate.passed(at(5_000));
    assert_eq!(gate.left(at(5_000)), 5_000);
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
        stand.shared.gate.close(stand.now, Some(20_000), &mut Fixed(0.0));
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
    assert_eq!(stand.shared.gate.left(stand.now), 20_000);
    let mut stand = Stand::check(30_000);
    stand.hear(status("queued"));
    assert_eq!(stand.shared.gate.left(stand.now), 0);
}
