//! Measures for `npm run bench -- cadence` and `npm run bench -- scale`, and prints one JSON object.

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
    /// The seed of durations and of randomness
    #[arg(long, default_value_t = 1, global = true)]
    seed: u64,
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
    let Arguments { bench, seed } = Arguments::parse();
    let measured = match bench {
        Bench::Cadence { modules } => Trials::run(modules, seed).to_json(),
        Bench::Scale { clients } => Scale::run(clients, seed).to_json(),
    };
    writeln!(io::stdout(), "{measured}")
}
