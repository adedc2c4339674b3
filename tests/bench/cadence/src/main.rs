//! `npm run bench -- cadence` and `npm run bench -- scale`.

use std::io::{self, Write};

use cadence_bench::scale::Scale;
use cadence_bench::trial::Trials;
use clap::{Parser, Subcommand};

/// Measures when the client asks.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    bench: Bench,
    /// Where durations and dice come from
    #[arg(long, default_value_t = 1, global = true)]
    seed: u64,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// One client: requests and delays, beside other loops and the optimum
    Cadence {
        /// Fresh modules for each distribution
        #[arg(long, default_value_t = 3_000)]
        modules: usize,
    },
    /// A million clients: peak requests a second
    Scale {
        /// How many
        #[arg(long, default_value_t = 1_000_000)]
        clients: u64,
    },
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let mut out = io::stdout().lock();
    if !arguments.json {
        writeln!(out, "seed {}\n", arguments.seed)?;
    }
    match arguments.bench {
        Bench::Cadence { modules } => {
            let trials = Trials::run(modules, arguments.seed);
            if arguments.json {
                return writeln!(out, "{}", trials.to_json());
            }
            trials.tables().iter().try_for_each(|table| writeln!(out, "{table}"))
        }
        Bench::Scale { clients } => {
            let scale = Scale::run(clients, arguments.seed);
            if arguments.json {
                return writeln!(out, "{}", scale.to_json());
            }
            writeln!(out, "{}", scale.table)
        }
    }
}
