//! `npm run simulate`: many runs of the simulation, or one of them again.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use simulation::World;
use simulation::mutant::Mutant;
use simulation::runner::Batch;

/// Runs the protocol against the emulator of the service, and looks for violated invariants.
#[derive(Debug, Parser)]
#[command(name = "simulate", version)]
struct Arguments {
    /// How many runs
    #[arg(long, default_value_t = 1_000_000)]
    runs: u64,
    /// The seed of all runs; by default another each time
    #[arg(long)]
    seed: Option<u64>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Print what happens in this run, and nothing else
    #[arg(long, value_name = "INDEX")]
    replay: Option<u64>,
    /// Plant a mutant; `list` prints their names
    #[arg(long, value_name = "NAME")]
    mutant: Option<String>,
    /// How many threads; by default one for each core
    #[arg(long)]
    threads: Option<usize>,
}

fn main() -> io::Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut out = io::stdout().lock();
    let mutant = arguments.mutant.as_deref().and_then(Mutant::named);
    if let (Some(name), None) = (&arguments.mutant, mutant) {
        let names: Vec<_> = Mutant::ALL.into_iter().map(Mutant::name).collect();
        writeln!(out, "{}", names.join("\n"))?;
        return Ok(if name == "list" { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let seed = arguments.seed.unwrap_or_else(|| fastrand::Rng::new().u64(..1 << 48));
    if let Some(index) = arguments.replay {
        let outcome = World::new(mutant).replay(seed, index);
        for line in outcome.trace {
            writeln!(out, "{line}")?;
        }
        return Ok(if outcome.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = arguments.threads.unwrap_or(cores);
    let batch = Batch { seed, runs: arguments.runs, threads, mutant, until_failure: false, at_most: None };
    let report = batch.run();
    if arguments.json {
        writeln!(out, "{}", report.to_json())?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
