//! The results of many runs.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::invariant::{Invariant, Violations};
use crate::mutant::Mutant;
use crate::world::Outcome;

/// Failing runs that are named.
const NAMED: usize = 5;

/// Counts of many runs.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The seed of all runs.
    pub seed: u64,
    /// The mutant.
    pub mutant: Option<Mutant>,
    /// How many runs there were.
    pub runs: u64,
    /// How many calls settled in them.
    pub calls: u64,
    /// Real seconds.
    pub seconds: f64,
    /// Simulated milliseconds.
    pub simulated: u64,
    /// How many runs broke each invariant.
    pub violations: [u64; Invariant::ALL.len()],
    /// The first failing runs.
    pub failures: Vec<(u64, Violations)>,
}

impl Report {
    /// Adds a run.
    pub fn add(&mut self, index: u64, outcome: &Outcome) {
        self.runs += 1;
        self.calls += u64::from(outcome.calls);
        self.simulated += outcome.simulated;
        if !outcome.violations.is_empty() {
            for invariant in outcome.violations.iter() {
                self.violations[invariant as usize] += 1;
            }
            self.name(index, outcome.violations);
        }
    }

    /// Adds what another thread ran.
    pub fn merge(&mut self, other: Self) {
        self.runs += other.runs;
        self.calls += other.calls;
        self.simulated += other.simulated;
        for (sum, more) in self.violations.iter_mut().zip(other.violations) {
            *sum += more;
        }
        for (index, broken) in other.failures {
            self.name(index, broken);
        }
    }

    fn name(&mut self, index: u64, broken: Violations) {
        self.failures.push((index, broken));
        self.failures.sort_unstable_by_key(|(index, _)| *index);
        self.failures.truncate(NAMED);
    }

    /// Whether nothing failed.
    pub fn is_clean(&self) -> bool {
        self.failures.is_empty()
    }

    /// Simulated hours.
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    pub fn hours(&self) -> f64 {
        self.simulated as f64 / 3_600_000.0
    }

    /// Runs a second.
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    pub fn speed(&self) -> f64 {
        self.runs as f64 / self.seconds.max(0.001)
    }

    /// As one JSON object.
    pub fn to_json(&self) -> Value {
        let violations: Map<String, Value> =
            Invariant::ALL.iter().map(|it| (it.name().to_owned(), self.violations[*it as usize].into())).collect();
        json!({
            "seed": self.seed,
            "runs": self.runs,
            "calls": self.calls,
            "seconds": self.seconds,
            "runsPerSecond": self.speed(),
            "simulatedHours": self.hours(),
            "violations": violations,
            "replay": self.failures.iter().map(|(index, _)| self.command(*index)).collect::<Vec<_>>(),
        })
    }

    /// How to see a run again.
    pub fn command(&self, index: u64) -> String {
        let mutant = self.mutant.map(|mutant| format!(" --mutant {}", mutant.name())).unwrap_or_default();
        format!("npm run simulate -- --seed {}{mutant} --replay {index}", self.seed)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}", self.seed)?;
        writeln!(
            f,
            "{} runs, {} calls, {:.0} simulated hours, {:.1} s, {:.0} runs a second",
            self.runs,
            self.calls,
            self.hours(),
            self.seconds,
            self.speed()
        )?;
        for invariant in Invariant::ALL {
            let failed = self.violations[invariant as usize];
            writeln!(
                f,
                "  {:<20} {}",
                invariant.name(),
                if failed == 0 { "held".into() } else { format!("broken in {failed} runs") }
            )?;
        }
        for (index, broken) in &self.failures {
            let names: Vec<_> = broken.iter().map(Invariant::name).collect();
            writeln!(f, "✗ run {index}: {}; {}", names.join(", "), self.command(*index))?;
        }
        Ok(())
    }
}
