//! The simulation can fail: bugs, one planted after another, are caught within seconds.

use simulation::bug::Bug;
use simulation::invariant::Invariant;
use simulation::runner::Batch;

/// A planted bug costs at most so many runs.
const RUNS: u64 = 400_000;

#[test]
fn catches_every_planted_bug() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut escaped = Vec::new();
    println!("{:<26} {:>8} {:>9}  caught by", "bug", "runs", "seconds");
    for bug in Bug::ALL {
        let seed = fastrand::u64(..1 << 48);
        let report = Batch { seed, runs: RUNS, threads, bug: Some(bug), until_failure: true, at_most: None }.run();
        let first = report.failures.first();
        let names = first.map(|(_, broken)| broken.iter().map(Invariant::name).collect::<Vec<_>>().join(", "));
        println!("{:<26} {:>8} {:>9.3}  {}", bug.name(), report.runs, report.seconds, names.unwrap_or("-".into()));
        if first.is_none() {
            escaped.push(bug);
        }
    }
    assert!(escaped.is_empty(), "not caught: {escaped:?}");
}

#[test]
fn knows_every_bug_by_its_name() {
    for bug in Bug::ALL {
        assert_eq!(Bug::named(bug.name()), Some(bug));
    }
    assert_eq!(Bug::named("none"), None);
}
