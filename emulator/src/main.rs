//! The emulator as an HTTP server on the local machine.
//!
//! The library `emulator` implements the service. This binary adds sockets and a clock, keeps the
//! ledger, and applies the faults of the plan, down to real TCP resets. `--help` prints the manual, which
//! is also in the documentation of the library.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser;
use emulator::{Config, ErrorStyle, IdStyle};

mod server;

/// An emulator of AI/ML API's stable-audio endpoints.
///
/// Listens on 127.0.0.1 only, and prints `listening on http://127.0.0.1:PORT` when it is ready.
/// The key `demo-key` is valid, `broke-key` is out of credits, any other is rejected.
#[derive(Debug, Parser)]
#[command(version, after_long_help = include_str!("manual.txt"))]
struct Arguments {
    /// The port to listen on; 0 for any free port.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How many times faster than the real service the emulator is.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// The seed of ids and durations.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The format of error bodies.
    #[arg(long, value_enum, default_value_t)]
    errors: ErrorStyle,
    /// The HTTP status of an accepted submit.
    #[arg(long, default_value_t = 201, value_parser = clap::value_parser!(u16).range(200..=201))]
    accepted: u16,
    /// The format of ids.
    #[arg(long, value_enum, default_value_t)]
    ids: IdStyle,
    /// The request headers that preflights allow.
    #[arg(long, value_name = "NAMES", default_value = "authorization, content-type")]
    allow_headers: String,
    /// For how many seconds browsers may cache a preflight.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    preflight_max_age: u32,
    /// How many milliseconds after its end a request appears in the logs.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    logs_lag: u64,
    /// Let pages read `Retry-After`, which the real service does not.
    #[arg(long)]
    expose_retry_after: bool,
    /// The base of audio URLs [default: http:// and the Host of the request].
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// An origin whose pages may use the control endpoints, as programs may; can be repeated.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// Exit when standard input closes, which happens when the parent process ends.
    #[arg(long)]
    until_stdin_closes: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), server::Error> {
    let config = Config {
        seed: arguments.seed,
        speed: arguments.speed,
        errors: arguments.errors,
        accepted: arguments.accepted,
        ids: arguments.ids,
        allow_headers: arguments.allow_headers.into(),
        preflight_max_age: arguments.preflight_max_age,
        logs_lag_ms: arguments.logs_lag,
        expose_retry_after: arguments.expose_retry_after,
        public_url: arguments.public_url.map(|url| url.trim_end_matches('/').to_owned()),
    };
    if arguments.until_stdin_closes {
        std::thread::spawn(|| {
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            std::process::exit(0);
        });
    }
    server::run(arguments.port, config.validated()?, arguments.allow_origin)
}
