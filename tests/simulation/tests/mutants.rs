//! The simulation can fail: bugs, one planted after another, are caught within seconds.

use simulation::invariant::Invariant;
use simulation::mutant::Mutant;
use simulation::runner::Batch;

/// A mutant is found within so many runs.
const RUNS: u64 = 400_000;

#[test]
fn every_mutant_is_caught() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut escaped = Vec::new();
    println!("{:<26} {:>8} {:>9}  caught by", "mutant", "runs", "seconds");
    for mutant in Mutant::ALL {
        let seed = fastrand::u64(..1 << 48);
        let report =
            Batch { seed, runs: RUNS, threads, mutant: Some(mutant), until_failure: true, at_most: None }.run();
        let first = report.failures.first();
        let names = first.map(|(_, broken)| broken.iter().map(Invariant::name).collect::<Vec<_>>().join(", "));
        println!("{:<26} {:>8} {:>9.3}  {}", mutant.name(), report.runs, report.seconds, names.unwrap_or("-".into()));
        if first.is_none() {
            escaped.push(mutant);
        }
    }
    assert!(escaped.is_empty(), "not caught: {escaped:?}");
}

#[test]
fn every_mutant_has_a_unique_name() {
    for mutant in Mutant::ALL {
        assert_eq!(Mutant::named(mutant.name()), Some(mutant));
    }
    assert_eq!(Mutant::named("none"), None);
}
