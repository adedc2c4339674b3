use proptest::prelude::*;
use protocol::{
    Action, AudioRequest, Call, DurationModel, Event, Generation, Goal, OriginState, PollInterval, Subject,
    duration_scale,
};
use serde_json::json;

use crate::driver::{
    ID, KEY, PROMPT, TestDriver, accepted, api_key, at, completed, endpoint, page, poll_call, status, untrusted,
};

fn adaptive(steps: u32) -> TestDriver {
    let request = AudioRequest::read(&untrusted(json!({"prompt": PROMPT, "steps": steps}))).unwrap();
    let call = Call::new(Goal::Generate, endpoint(), Subject::submit(request, None), 6_000_000, PollInterval::Adaptive);
    TestDriver::new(call.with_key(api_key(KEY)))
}

/// One `generate`; returns when it polled. The origin state is that of earlier calls.
fn generate(origin_state: &mut OriginState, steps: u32, duration: u64) -> Vec<u64> {
    let mut driver = adaptive(steps);
    std::mem::swap(origin_state, &mut driver.origin_state);
    driver.step(Event::Start { offline: false });
    driver.run_to_wait();
    driver.reply(accepted());
    while driver.action == Action::Wait {
        driver.sleep();
        driver.reply(if driver.since() >= duration { completed() } else { status("generating") });
    }
    assert!(driver.result().audio.is_some());
    // What is shared but the polls: the next job has the same id.
    *origin_state = OriginState::default();
    origin_state.duration_model = driver.origin_state.duration_model;
    driver.gets
}

fn submitted(steps: u32) -> Generation {
    let mut driver = adaptive(steps);
    driver.step(Event::Start { offline: false });
    driver.run_to_wait();
    driver.reply(accepted());
    driver.known().clone()
}

fn gaps(gets: &[u64]) -> Vec<u64> {
    gets.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn the_first_poll_comes_when_a_generation_can_have_completed() {
    let generation = submitted(100);
    let first = generation.next_check_at.unwrap() - generation.submitted_at;
    let expected = generation.expected_at.unwrap() - generation.submitted_at;
    assert!((14_000..25_000).contains(&first), "{first}");
    assert!((30_000..60_000).contains(&expected), "{expected}");
}

#[test]
fn polls_are_dense_around_the_expected_time_and_sparse_after_it() {
    let gets = generate(&mut OriginState::default(), 100, 300_000);
    let gaps = gaps(&gets);
    let closest = gaps.iter().enumerate().min_by_key(|(_, gap)| **gap).unwrap().0;
    assert!((30_000..60_000).contains(&gets[closest]), "{gets:?}");
    // Later still, the checks that were too many are paid back.
    let later = gets.partition_point(|at| *at < 120_000);
    assert!(gaps[closest..later].is_sorted() && gaps[later..].iter().all(|gap| *gap > 10_000), "{gaps:?}");
}

#[test]
fn the_schedule_scales_with_the_steps() {
    let firsts: Vec<_> = [1, 50, 100, 200]
        .map(submitted)
        .map(|generation| generation.next_check_at.unwrap() - generation.submitted_at)
        .into();
    assert!(firsts.is_sorted() && firsts[0] < 5_500 && firsts[3] > 25_000, "{firsts:?}");
    let most = submitted(1_000);
    assert!(most.next_check_at.unwrap() - most.submitted_at <= 60_000);
    assert!(most.expected_at.unwrap() - most.submitted_at > 300_000);
}

#[test]
fn typical_durations_take_no_more_requests_than_the_documented_loop() {
    let mut origin_state = OriginState::default();
    let (mut ours, mut documented) = (0, 0);
    for job in 0..60 {
        let duration = 30_000 + 7_919 * job % 30_000;
        ours += generate(&mut origin_state, 100, duration).len() as u64;
        documented += 1 + duration.div_ceil(10_000);
    }
    assert!(ours <= documented, "{ours} > {documented}");
}

#[test]
fn the_schedule_learns_from_completed_generations() {
    for duration in [12_000, 40_000, 120_000] {
        let mut origin_state = OriginState::default();
        for job in 0..40 {
            generate(&mut origin_state, 100, duration + 200 * (job % 5));
        }
        let gets = generate(&mut origin_state, 100, duration);
        let late = gets[gets.len() - 1] - duration;
        assert!(late <= 2_500 && gets.len() <= 14, "{duration}: {gets:?}");
    }
}

#[test]
fn what_is_learned_at_one_number_of_steps_applies_to_others() {
    let mut origin_state = OriginState::default();
    for _ in 0..20 {
        generate(&mut origin_state, 50, 40_000);
    }
    let expected = origin_state.duration_model.forecast(0.0, duration_scale(100)).expected;
    assert!((60_000.0..85_000.0).contains(&expected), "{expected}");
}

#[test]
fn doubled_durations_are_learned_within_15_generations() {
    let mut origin_state = OriginState::default();
    for job in 0..55 {
        generate(&mut origin_state, 100, if job < 40 { 40_000 } else { 80_000 });
    }
    let gets = generate(&mut origin_state, 100, 80_000);
    assert!(gets.len() <= 12 && gets[gets.len() - 1] < 85_000, "{gets:?}");
}

#[test]
fn one_outlier_hardly_changes_the_schedule() {
    let mut origin_state = OriginState::default();
    for _ in 0..20 {
        generate(&mut origin_state, 100, 40_000);
    }
    let before = origin_state.duration_model.forecast(0.0, 1.0);
    generate(&mut origin_state, 100, 600_000);
    let gets = generate(&mut origin_state, 100, 40_000);
    assert!(gets[gets.len() - 1] < 45_000, "{gets:?}");
    for _ in 0..8 {
        generate(&mut origin_state, 100, 40_000);
    }
    let after = origin_state.duration_model.forecast(0.0, 1.0);
    assert!((after.next - before.next).abs() < 4_000.0, "{before:?} {after:?}");
    assert!((after.expected - before.expected).abs() < 2_000.0, "{before:?} {after:?}");
}

#[test]
fn only_polls_that_came_as_planned_are_learned_from() {
    let fresh = DurationModel::default().forecast(0.0, 1.0);
    let resumed = |ahead: u64, checks: u32| {
        let mut generation = submitted(100);
        generation.polling.checks = checks;
        generation.next_check_at = Some(at(20_000).wall);
        let call = poll_call(Goal::Check, generation, 30_000, PollInterval::Adaptive).with_key(api_key(KEY));
        let mut driver = TestDriver::new(call);
        driver.advance(ahead).step(Event::Start { offline: false });
        driver.run_to_wait();
        driver.reply(completed());
        driver.origin_state.duration_model.forecast(0.0, 1.0)
    };
    assert_eq!(resumed(3_600_000, 0), fresh, "found complete an hour later");
    assert_ne!(resumed(20_000, 0), fresh, "found complete at its first check, as planned");
    assert_ne!(resumed(20_000, 3), fresh, "found complete as planned, after checks of another page");

    let mut faulty = adaptive(100);
    faulty.step(Event::Start { offline: false });
    faulty.run_to_wait();
    faulty.reply(accepted());
    for answer in [status("generating"), page(503), completed()] {
        faulty.sleep();
        faulty.reply(answer);
    }
    assert_eq!(faulty.origin_state.duration_model.forecast(0.0, 1.0), fresh, "a fault came between");
}

#[test]
fn a_bare_id_is_polled_as_documented() {
    let call = poll_call(Goal::Wait, Generation::new(ID.into(), at(0)), 600_000, PollInterval::Adaptive);
    let mut driver = TestDriver::begin(call.with_key(api_key(KEY)));
    for _ in 0..3 {
        driver.reply(status("generating"));
        assert!((9_900..=10_000).contains(&driver.sleep()));
    }
    driver.reply(completed());
    assert_eq!(driver.gets[0], 0);
    assert_eq!(driver.origin_state.duration_model.forecast(0.0, 1.0), DurationModel::default().forecast(0.0, 1.0));
}

#[test]
fn checks_and_waits_have_the_same_schedule() {
    let mut wait = adaptive(100);
    wait.step(Event::Start { offline: false });
    wait.run_to_wait();
    wait.reply(accepted());
    let mut generation = wait.known().clone();
    for _ in 0..5 {
        wait.sleep();
        let mut check = TestDriver::new(poll_call(Goal::Check, generation, 30_000, PollInterval::Adaptive));
        check.now = wait.now;
        check.step(Event::Start { offline: false });
        check.run_to_wait();
        generation = {
            check.reply(status("generating"));
            check.result()
        };
        wait.reply(status("generating"));
        assert_eq!(*wait.known(), generation);
    }
}

#[test]
fn the_expected_time_is_never_in_the_past() {
    let mut driver = adaptive(100);
    driver.step(Event::Start { offline: false });
    driver.run_to_wait();
    driver.reply(accepted());
    for _ in 0..12 {
        driver.sleep();
        driver.reply(status("generating"));
        assert!(driver.known().expected_at.unwrap() > driver.now.wall);
    }
}

#[test]
fn every_wait_is_jittered() {
    let waits = [0.0, 0.5, 0.999_999].map(|roll| {
        let mut driver = adaptive(100);
        driver.rng.0 = roll;
        driver.step(Event::Start { offline: false });
        driver.run_to_wait();
        driver.reply(accepted());
        driver.sleep()
    });
    assert!(waits[0] < waits[1] && waits[1] < waits[2], "{waits:?}");
    assert!(waits[2] - waits[0] > 1_500 && waits[2] - waits[0] < 4_000, "{waits:?}");
}

#[test]
fn requests_at_a_fixed_interval_do_not_count_as_debt() {
    let (mut set, mut spent) = (DurationModel::default(), DurationModel::default());
    for _ in 0..5 {
        set.learn(40_000.0, 1.0, None);
        spent.learn(40_000.0, 1.0, Some(40));
    }
    assert!(set.forecast(30_000.0, 1.0).next + 1_000.0 < spent.forecast(30_000.0, 1.0).next);
}

proptest! {
    #[test]
    fn forecasts_are_finite_whatever_was_learned(
        jobs in prop::collection::vec((0.0_f32..5e9, 1_u32..=1_000, 0_u32..200), 0..60),
        age in 0.0_f32..5e9,
        steps in 1_u32..=1_000,
    ) {
        let mut estimate = DurationModel::default();
        for (age, steps, checks) in jobs {
            estimate.learn(age, duration_scale(steps), Some(checks));
        }
        let forecast = estimate.forecast(age, duration_scale(steps));
        prop_assert!(forecast.next >= age * 0.999_999 && forecast.next.is_finite(), "{forecast:?}");
        prop_assert!(forecast.expected >= age * 0.999_999 && forecast.expected.is_finite(), "{forecast:?}");
    }

    #[test]
    fn every_wait_lasts_a_second_to_a_minute_for_any_random_number(roll in any::<f64>(), duration in 1_u64..400_000) {
        let mut driver = adaptive(100);
        driver.rng.0 = roll;
        driver.step(Event::Start { offline: false });
        driver.run_to_wait();
        driver.reply(accepted());
        while let Some(span) = driver.wait_left() {
            prop_assert!((1_000..=60_000).contains(&span), "{span}");
            driver.sleep();
            driver.reply(if driver.since() >= duration { completed() } else { status("queued") });
        }
    }
}

#[test]
fn a_very_long_generation_takes_no_more_requests_than_the_documented_loop() {
    for (duration, learned) in [400_000, 600_000, 800_000, 1_200_000, 3_000_000]
        .into_iter()
        .flat_map(|duration| [0, 5, 40].map(|learned| (duration, learned)))
    {
        let mut origin_state = OriginState::default();
        for _ in 0..learned {
            generate(&mut origin_state, 100, 40_000);
        }
        let ours = generate(&mut origin_state, 100, duration).len() as u64;
        let documented = 1 + duration.div_ceil(10_000);
        assert!(ours <= documented, "{duration} after {learned}: {ours} > {documented}");
    }
}
