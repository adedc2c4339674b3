//! Many runs, on all cores.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::mutant::Mutant;
use crate::report::Report;
use crate::world::World;

/// Runs that a thread takes at a time.
const CHUNK: u64 = 1_000;

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    /// The seed of all runs.
    pub seed: u64,
    /// How many runs.
    pub runs: u64,
    /// How many threads.
    pub threads: usize,
    /// The mutant, if any.
    pub mutant: Option<Mutant>,
    /// Stop at the first failure.
    pub until_failure: bool,
    /// Stop after so long.
    pub at_most: Option<Duration>,
}

impl Batch {
    /// Runs them all.
    #[expect(clippy::disallowed_methods, reason = "this runs on the host, where there is a clock")]
    pub fn run(&self) -> Report {
        let begin = Instant::now();
        let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
        let mut total = Report { seed: self.seed, mutant: self.mutant, ..Report::default() };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads.max(1))
                .map(|_| {
                    scope.spawn(|| {
                        let mut world = World::new(self.mutant);
                        let mut report = Report::default();
                        while !stop.load(Ordering::Relaxed) {
                            let first = next.fetch_add(CHUNK, Ordering::Relaxed);
                            if first >= self.runs {
                                break;
                            }
                            for index in first..self.runs.min(first + CHUNK) {
                                report.add(index, &world.run(self.seed, index));
                                if self.until_failure && !report.failures.is_empty() {
                                    stop.store(true, Ordering::Relaxed);
                                    break;
                                }
                            }
                            if self.at_most.is_some_and(|most| begin.elapsed() > most) {
                                stop.store(true, Ordering::Relaxed);
                            }
                        }
                        report
                    })
                })
                .collect();
            for worker in workers {
                match worker.join() {
                    Ok(report) => total.merge(report),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        total.seconds = begin.elapsed().as_secs_f64();
        total
    }
}
