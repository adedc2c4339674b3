//! A few seconds' worth of runs with a seed that nobody has tried.

use std::io::Write;
use std::time::Duration;

use simulation::World;
use simulation::runner::Batch;

#[test]
fn every_invariant_holds_with_a_fresh_seed() {
    let seed = fastrand::u64(..1 << 48);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let at_most = Some(Duration::from_secs(5));
    let report = Batch { seed, runs: u64::MAX, threads, mutant: None, until_failure: false, at_most }.run();
    // Past the capturing of tests that pass: the seed is wanted either way.
    writeln!(std::io::stderr(), "\n{report}").unwrap();
    assert!(report.is_clean(), "see above");
    assert!(report.runs > 1_000, "only {} runs", report.runs);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let batch = Batch { seed: 7, runs: 4_000, threads: 1, mutant: None, until_failure: false, at_most: None };
    let (one, three) = (batch.run(), Batch { threads: 3, ..batch }.run());
    assert_eq!((one.runs, one.calls, one.simulated), (three.runs, three.calls, three.simulated));
    assert_eq!(one.violations, three.violations);
}

#[test]
fn replaying_a_run_gives_the_same_trace() {
    let mut world = World::new(None);
    let first = world.replay(11, 42);
    world.run(11, 43);
    let second = world.replay(11, 42);
    assert!(!first.trace.is_empty());
    assert_eq!((first.trace, first.simulated), (second.trace, second.simulated));
}

#[test]
fn a_download_that_ends_before_its_request_is_judged_without_the_file_of_the_one_before() {
    let outcome = World::new(None).replay(20_261_226, 459_976);
    assert!(outcome.violations.is_empty(), "{:?}", outcome.violations);
}
