use proptest::prelude::*;
use protocol::cadence::{Estimate, scale};
use protocol::call::{Call, Event, Goal, Next};
use protocol::generation::Generation;
use protocol::options::Pace;
use protocol::request::AudioRequest;
use protocol::shared::Shared;
use serde_json::json;

use crate::stand::{ID, KEY, PROMPT, Stand, accepted, at, completed, kept, page, secret, status};

fn adaptive(steps: u32) -> Stand {
    let request = AudioRequest::read(&kept(json!({"prompt": PROMPT, "steps": steps}))).unwrap();
    let call = Call::submitting(Goal::Generate, request, 6_000_000, Pace::Adaptive);
    Stand::new(call.with_key(secret(KEY)))
}

/// One `generate` after others of the same module; when it polled.
fn generate(shared: &mut Shared, steps: u32, duration: u64) -> Vec<u64> {
    let mut stand = adaptive(steps);
    std::mem::swap(shared, &mut stand.shared);
    stand.tell(Event::Begin { offline: false });
    stand.go();
    stand.hear(accepted());
    while let Next::Sleep(_) = stand.next {
        stand.rest();
        stand.hear(if stand.since() >= duration { completed() } else { status("generating") });
    }
    assert!(stand.result().audio.is_some());
    // What is shared but the polls: the next job has the same id.
    *shared = Shared::default();
    shared.estimate = stand.shared.estimate;
    stand.gets
}

fn submitted(steps: u32) -> Generation {
    let mut stand = adaptive(steps);
    stand.tell(Event::Begin { offline: false });
    stand.go();
    stand.hear(accepted());
    stand.known().clone()
}

fn gaps(gets: &[u64]) -> Vec<u64> {
    gets.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn does_not_ask_before_a_generation_can_have_completed() {
    let generation = submitted(100);
    let first = generation.next_check_at.unwrap() - generation.submitted_at;
    let expected = generation.expected_at.unwrap() - generation.submitted_at;
    assert!((14_000..25_000).contains(&first), "{first}");
    assert!((30_000..60_000).contains(&expected), "{expected}");
}

#[test]
fn asks_most_often_around_the_expected_moment_and_seldom_after() {
    let gets = generate(&mut Shared::default(), 100, 300_000);
    let gaps = gaps(&gets);
    let closest = gaps.iter().enumerate().min_by_key(|(_, gap)| **gap).unwrap().0;
    assert!((30_000..60_000).contains(&gets[closest]), "{gets:?}");
    // Later still, the checks that were too many are paid back.
    let later = gets.partition_point(|at| *at < 120_000);
    assert!(gaps[closest..later].is_sorted() && gaps[later..].iter().all(|gap| *gap > 10_000), "{gaps:?}");
}

#[test]
fn scales_with_the_steps() {
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
fn makes_no_more_requests_than_the_documented_loop_where_durations_are_typical() {
    let mut shared = Shared::default();
    let (mut ours, mut documented) = (0, 0);
    for job in 0..60 {
        let duration = 30_000 + 7_919 * job % 30_000;
        ours += generate(&mut shared, 100, duration).len() as u64;
        documented += 1 + duration.div_ceil(10_000);
    }
    assert!(ours <= documented, "{ours} > {documented}");
}

#[test]
fn learns_from_what_completes() {
    for duration in [12_000, 40_000, 120_000] {
        let mut shared = Shared::default();
        for job in 0..40 {
            generate(&mut shared, 100, duration + 200 * (job % 5));
        }
        let gets = generate(&mut shared, 100, duration);
        let late = gets[gets.len() - 1] - duration;
        assert!(late <= 2_500 && gets.len() <= 14, "{duration}: {gets:?}");
    }
}

#[test]
fn learns_at_other_steps_what_it_is_asked_at_these() {
    let mut shared = Shared::default();
    for _ in 0..20 {
        generate(&mut shared, 50, 40_000);
    }
    let expected = shared.estimate.outlook(0.0, scale(100)).expected;
    assert!((60_000.0..85_000.0).contains(&expected), "{expected}");
}

#[test]
fn learns_within_15_jobs_that_durations_have_doubled() {
    let mut shared = Shared::default();
    for job in 0..55 {
        generate(&mut shared, 100, if job < 40 { 40_000 } else { 80_000 });
    }
    let gets = generate(&mut shared, 100, 80_000);
    assert!(gets.len() <= 12 && gets[gets.len() - 1] < 85_000, "{gets:?}");
}

#[test]
fn hardly_minds_one_outlier() {
    let mut shared = Shared::default();
    for _ in 0..20 {
        generate(&mut shared, 100, 40_000);
    }
    let before = shared.estimate.outlook(0.0, 1.0);
    generate(&mut shared, 100, 600_000);
    let gets = generate(&mut shared, 100, 40_000);
    assert!(gets[gets.len() - 1] < 45_000, "{gets:?}");
    for _ in 0..8 {
        generate(&mut shared, 100, 40_000);
    }
    let after = shared.estimate.outlook(0.0, 1.0);
    assert!((after.next - before.next).abs() < 4_000.0, "{before:?} {after:?}");
    assert!((after.expected - before.expected).abs() < 2_000.0, "{before:?} {after:?}");
}

#[test]
fn learns_only_from_checks_that_came_as_planned() {
    let fresh = Estimate::default().outlook(0.0, 1.0);
    let resumed = |ahead: u64, checks: u32| {
        let mut generation = submitted(100);
        generation.polling.checks = checks;
        generation.next_check_at = Some(at(20_000).wall);
        let call = Call::asking(Goal::Check, generation, 30_000, Pace::Adaptive).with_key(secret(KEY));
        let mut stand = Stand::new(call);
        stand.pass(ahead).tell(Event::Begin { offline: false });
        stand.go();
        stand.hear(completed());
        stand.shared.estimate.outlook(0.0, 1.0)
    };
    assert_eq!(resumed(3_600_000, 0), fresh, "found complete an hour later");
    assert_ne!(resumed(20_000, 0), fresh, "found complete at its first check, as planned");
    assert_ne!(resumed(20_000, 3), fresh, "found complete as planned, after checks of another page");

    let mut faulty = adaptive(100);
    faulty.tell(Event::Begin { offline: false });
    faulty.go();
    faulty.hear(accepted());
    for answer in [status("generating"), page(503), completed()] {
        faulty.rest();
        faulty.hear(answer);
    }
    assert_eq!(faulty.shared.estimate.outlook(0.0, 1.0), fresh, "a fault came between");
}

#[test]
fn asks_as_documented_where_only_the_id_is_known() {
    let call = Call::asking(Goal::Wait, Generation::new(ID.into(), at(0)), 600_000, Pace::Adaptive);
    let mut stand = Stand::begin(call.with_key(secret(KEY)));
    for _ in 0..3 {
        stand.hear(status("generating"));
        assert!((9_900..=10_000).contains(&stand.rest()));
    }
    stand.hear(completed());
    assert_eq!(stand.gets[0], 0);
    assert_eq!(stand.shared.estimate.outlook(0.0, 1.0), Estimate::default().outlook(0.0, 1.0));
}

#[test]
fn plans_for_a_check_what_it_plans_for_a_wait() {
    let mut wait = adaptive(100);
    wait.tell(Event::Begin { offline: false });
    wait.go();
    wait.hear(accepted());
    let mut generation = wait.known().clone();
    for _ in 0..5 {
        wait.rest();
        let mut check = Stand::new(Call::asking(Goal::Check, generation, 30_000, Pace::Adaptive));
        check.now = wait.now;
        check.tell(Event::Begin { offline: false });
        check.go();
        generation = {
            check.hear(status("generating"));
            check.result()
        };
        wait.hear(status("generating"));
        assert_eq!(*wait.known(), generation);
    }
}

#[test]
fn never_expects_in_the_past() {
    let mut stand = adaptive(100);
    stand.tell(Event::Begin { offline: false });
    stand.go();
    stand.hear(accepted());
    for _ in 0..12 {
        stand.rest();
        stand.hear(status("generating"));
        assert!(stand.known().expected_at.unwrap() > stand.now.wall);
    }
}

#[test]
fn leaves_a_part_of_each_wait_to_chance() {
    let waits = [0.0, 0.5, 0.999_999].map(|roll| {
        let mut stand = adaptive(100);
        stand.dice.0 = roll;
        stand.tell(Event::Begin { offline: false });
        stand.go();
        stand.hear(accepted());
        stand.rest()
    });
    assert!(waits[0] < waits[1] && waits[1] < waits[2], "{waits:?}");
    assert!(waits[2] - waits[0] > 1_500 && waits[2] - waits[0] < 4_000, "{waits:?}");
}

#[test]
fn counts_no_requests_where_the_caller_set_their_pace() {
    let (mut set, mut spent) = (Estimate::default(), Estimate::default());
    for _ in 0..5 {
        set.learn(40_000.0, 1.0, None);
        spent.learn(40_000.0, 1.0, Some(40));
    }
    assert!(set.outlook(30_000.0, 1.0).next + 1_000.0 < spent.outlook(30_000.0, 1.0).next);
}

proptest! {
    #[test]
    fn looks_ahead_sensibly_whatever_was_learned(
        jobs in prop::collection::vec((0.0_f32..5e9, 1_u32..=1_000, 0_u32..200), 0..60),
        age in 0.0_f32..5e9,
        steps in 1_u32..=1_000,
    ) {
        let mut estimate = Estimate::default();
        for (age, steps, checks) in jobs {
            estimate.learn(age, scale(steps), Some(checks));
        }
        let outlook = estimate.outlook(age, scale(steps));
        prop_assert!(outlook.next >= age * 0.999_999 && outlook.next.is_finite(), "{outlook:?}");
        prop_assert!(outlook.expected >= age * 0.999_999 && outlook.expected.is_finite(), "{outlook:?}");
    }

    #[test]
    fn waits_a_second_to_a_minute_whatever_is_rolled(roll in any::<f64>(), duration in 1_u64..400_000) {
        let mut stand = adaptive(100);
        stand.dice.0 = roll;
        stand.tell(Event::Begin { offline: false });
        stand.go();
        stand.hear(accepted());
        while let Next::Sleep(span) = stand.next {
            prop_assert!((1_000..=60_000).contains(&span), "{span}");
            stand.rest();
            stand.hear(if stand.since() >= duration { completed() } else { status("queued") });
        }
    }
}

#[test]
fn makes_no_more_requests_than_the_documented_loop_for_a_very_long_job() {
    for (duration, learned) in [400_000, 600_000, 800_000, 1_200_000, 3_000_000]
        .into_iter()
        .flat_map(|duration| [0, 5, 40].map(|learned| (duration, learned)))
    {
        let mut shared = Shared::default();
        for _ in 0..learned {
            generate(&mut shared, 100, 40_000);
        }
        let ours = generate(&mut shared, 100, duration).len() as u64;
        let documented = 1 + duration.div_ceil(10_000);
        assert!(ours <= documented, "{duration} after {learned}: {ours} > {documented}");
    }
}
