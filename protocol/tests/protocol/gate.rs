use protocol::{Action, Event, Gates, Generation, Goal, Method, OriginState, PollInterval, Purpose};

use crate::driver::{Fixed, KEY, TestDriver, accepted, after, api_key, at, page, poll_call, status, submit_call};

fn waiting(number: usize) -> TestDriver {
    let generation = Generation::new(format!("job-{number}"), at(0));
    TestDriver::new(poll_call(Goal::Wait, generation, 600_000, PollInterval::Fixed(10_000)).with_key(api_key(KEY)))
}

/// Lets the driver act with a shared origin state.
fn sharing<T>(driver: &mut TestDriver, origin_state: &mut OriginState, act: impl FnOnce(&mut TestDriver) -> T) -> T {
    std::mem::swap(&mut driver.origin_state, origin_state);
    let result = act(driver);
    std::mem::swap(&mut driver.origin_state, origin_state);
    result
}

fn start(driver: &mut TestDriver, origin_state: &mut OriginState) {
    sharing(driver, origin_state, |driver| {
        driver.step(Event::Start { offline: false });
        driver.run_to_wait();
    });
}

#[test]
fn a_new_gate_is_open() {
    let mut gates = Gates::default();
    for method in [Method::Submit, Method::Poll] {
        assert_eq!((gates.left(method, at(0)), gates.reserve_slot(method, at(0), &mut Fixed(0.9))), (0, 0));
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
    let polls: Vec<u64> = (0..20).map(|_| gates.reserve_slot(Method::Poll, at(0), &mut Fixed(0.5))).collect();
    let submits: Vec<u64> = (0..20).map(|_| gates.reserve_slot(Method::Submit, at(0), &mut Fixed(0.5))).collect();
    assert!(polls[0] >= 60_000 && submits[0] > polls[19], "{polls:?} {submits:?}");
    assert!(submits.windows(2).all(|pair| pair[1] - pair[0] == 100), "{submits:?}");
}

#[test]
fn simultaneous_429s_cause_one_pause() {
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
fn a_pause_is_lengthened_but_never_shortened() {
    let mut gates = Gates::default();
    for requested in [10_000, 20_000, 5_000] {
        gates.close(Method::Submit, at(0), Some(requested), &mut Fixed(0.0));
    }
    assert_eq!(gates.left(Method::Submit, at(0)), 20_000);
}

#[test]
fn a_retry_after_of_zero_does_not_disable_the_backoff() {
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
fn a_good_reply_resets_the_backoff_of_a_gate() {
    let mut gates = Gates::default();
    let mut now = 0;
    let mut pauses = vec![];
    for round in 0..8 {
        if round == 6 {
            gates.on_reply(Method::Submit, at(now), None);
        }
        gates.close(Method::Submit, at(now), None, &mut Fixed(0.999));
        pauses.push(gates.left(Method::Submit, at(now)));
        now += gates.left(Method::Submit, at(now));
    }
    assert!(pauses[5] > 30_000 && pauses[5] <= 60_000, "{pauses:?}");
    assert!(pauses[6] <= 2_000, "{pauses:?}");
}

#[test]
fn a_good_poll_does_not_reset_the_backoff_of_submits() {
    let mut gates = Gates::default();
    let mut pauses = vec![];
    let mut now = 0;
    for _ in 0..6 {
        gates.close(Method::Submit, at(now), None, &mut Fixed(0.999));
        pauses.push(gates.left(Method::Submit, at(now)));
        now += gates.left(Method::Submit, at(now));
        gates.on_reply(Method::Poll, at(now), None);
    }
    assert!(pauses[5] > 30_000, "{pauses:?}");
}

#[test]
fn a_late_reply_does_not_open_a_gate() {
    let mut gates = Gates::default();
    gates.close(Method::Poll, at(0), Some(10_000), &mut Fixed(0.0));
    gates.on_reply(Method::Poll, at(5_000), None);
    assert_eq!(gates.left(Method::Poll, at(5_000)), 5_000);
}

#[test]
fn a_good_reply_through_a_closed_gate_opens_it() {
    for closed in [Method::Submit, Method::Poll] {
        let mut gates = Gates::default();
        gates.close(closed, at(0), Some(3_600_000), &mut Fixed(0.0));
        let forced = gates.bypass_token(Method::Submit, at(4_000));
        gates.on_reply(Method::Submit, at(5_000), forced);
        assert_eq!((gates.left(Method::Submit, at(5_000)), gates.left(Method::Poll, at(5_000))), (0, 0));
    }
}

#[test]
fn a_reply_to_a_request_sent_before_another_429_does_not_open_the_gate() {
    let mut gates = Gates::default();
    gates.close(Method::Submit, at(0), Some(3_600_000), &mut Fixed(0.0));
    let forced = gates.bypass_token(Method::Submit, at(1_000));
    gates.close(Method::Submit, at(2_000), Some(3_600_000), &mut Fixed(0.0));
    gates.on_reply(Method::Submit, at(3_000), forced);
    assert!(gates.left(Method::Submit, at(3_000)) > 0);
}

/// A final attempt that the service answers shows that it accepts submits again.
#[test]
fn a_final_attempt_that_is_accepted_opens_the_gate_for_other_submits() {
    let mut origin_state = OriginState::default();
    let mut first = TestDriver::new(submit_call(Goal::Submit, 60_000, PollInterval::Adaptive).with_key(api_key(KEY)));
    start(&mut first, &mut origin_state);
    sharing(&mut first, &mut origin_state, |first| {
        first.reply(after("3600", page(429)));
        first.sleep();
        assert_eq!((first.action.purpose() == Some(Purpose::Submit), first.posts[1]), (true, 50_000));
        first.reply(accepted());
    });
    let mut second = TestDriver::new(submit_call(Goal::Submit, 60_000, PollInterval::Adaptive).with_key(api_key(KEY)));
    second.advance(50_000);
    start(&mut second, &mut origin_state);
    assert_eq!(second.action.purpose(), Some(Purpose::Submit));
}

#[test]
fn a_closed_gate_holds_back_other_calls() {
    let mut origin_state = OriginState::default();
    let mut first = waiting(1);
    start(&mut first, &mut origin_state);
    sharing(&mut first, &mut origin_state, |first| {
        first.reply(after("20", page(429)));
    });
    let mut second = waiting(2);
    let mut post = TestDriver::new(submit_call(Goal::Submit, 600_000, PollInterval::Adaptive).with_key(api_key(KEY)));
    for driver in [&mut second, &mut post] {
        start(driver, &mut origin_state);
        assert!(driver.wait_left() >= Some(20_000), "{:?}", driver.action);
    }
}

#[test]
fn a_gate_that_closes_holds_back_a_request_that_waited_for_its_permit() {
    for goal in [Goal::Submit, Goal::Wait] {
        let call = match goal {
            Goal::Submit => submit_call(goal, 600_000, PollInterval::Adaptive),
            _ => poll_call(goal, Generation::new("job".into(), at(0)), 600_000, PollInterval::Adaptive),
        };
        let mut driver = TestDriver::new(call.with_key(api_key(KEY)));
        driver.step(Event::Start { offline: false });
        let method = if goal == Goal::Submit { Method::Submit } else { Method::Poll };
        driver.origin_state.gates.close(method, driver.now, Some(20_000), &mut Fixed(0.0));
        assert!(matches!(driver.step(Event::PermitAcquired { offline: false }), Action::Wait));
    }
}

/// 50 calls get a 429 to the requests in flight.
#[test]
fn polls_resume_spread_out_after_a_pause() {
    let mut origin_state = OriginState::default();
    let mut jobs: Vec<TestDriver> = (0..50).map(waiting).collect();
    for job in &mut jobs {
        start(job, &mut origin_state);
    }
    let mut resumed = vec![];
    for job in &mut jobs {
        sharing(job, &mut origin_state, |job| {
            job.reply(after("30", page(429)));
        });
    }
    for job in &mut jobs {
        sharing(job, &mut origin_state, |job| {
            while job.action == Action::Wait {
                job.sleep();
            }
            assert_eq!(job.action.purpose(), Some(Purpose::Poll));
        });
        resumed.push(job.gets[1]);
    }
    resumed.sort_unstable();
    assert!(resumed[0] >= 30_000);
    assert!(resumed.windows(11).all(|window| window[10] - window[0] >= 900), "{resumed:?}");
}

#[test]
fn submits_resume_spread_out_after_a_pause() {
    let mut origin_state = OriginState::default();
    let mut jobs: Vec<TestDriver> = (0..50)
        .map(|_| TestDriver::new(submit_call(Goal::Submit, 600_000, PollInterval::Adaptive).with_key(api_key(KEY))))
        .collect();
    for job in &mut jobs {
        start(job, &mut origin_state);
    }
    for job in &mut jobs {
        sharing(job, &mut origin_state, |job| {
            job.advance(10).reply(page(429));
        });
    }
    let mut resumed = vec![];
    for job in &mut jobs {
        sharing(job, &mut origin_state, |job| {
            job.sleep();
            assert_eq!(job.action.purpose(), Some(Purpose::Submit));
        });
        resumed.push(job.posts[1]);
    }
    resumed.sort_unstable();
    assert!(resumed.windows(11).all(|window| window[10] - window[0] >= 900), "{resumed:?}");
}

#[test]
fn a_429_to_a_check_closes_the_gate() {
    let mut driver = TestDriver::check(30_000);
    driver.reply(after("20", page(429)));
    assert_eq!(driver.origin_state.gates.left(Method::Poll, driver.now), 20_000);
    let mut driver = TestDriver::check(30_000);
    driver.reply(status("queued"));
    assert_eq!(driver.origin_state.gates.left(Method::Poll, driver.now), 0);
}
