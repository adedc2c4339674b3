//! The service on a socket.

use std::{
    io::{self, Write as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Router, middleware,
    routing::{any, get, post},
};
use emulator::{Config, ConfigError, Service};
use tokio::time::Instant;

use self::{
    ledger::Ledger,
    plan::Plan,
    tracks::Tracks,
    wire::{Line, Wires},
};

mod access;
mod answer;
mod control;
mod exchange;
mod fault;
mod ledger;
mod outgoing;
mod plan;
mod tracks;
mod wire;

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The settings make no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The port could not be had.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; choose another with --port")]
    Listen { port: u16, source: io::Error },
    /// Anything else the system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Serves until the process ends. One thread answers; rendering has threads of its own.
pub(crate) fn run(port: u16, config: Config, origins: Vec<String>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let wires = Wires::bind(port).await.map_err(|source| Error::Listen { port, source })?;
        let app = router(Arc::new(App::new(config, origins)));
        let app = app.into_make_service_with_connect_info::<Line>();
        let mut out = io::stdout();
        writeln!(out, "listening on http://{}", wires.address()?)?;
        out.flush()?;
        Ok(axum::serve(wires, app).await?)
    })
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/__emulator/ledger", get(control::ledger))
        .route("/__emulator/plan", post(control::plan))
        .route("/__emulator/reset", post(control::reset))
        .route_layer(middleware::from_fn_with_state(app.clone(), access::guard))
        .fallback(any(exchange::exchange))
        .with_state(app)
}

/// What all connections share.
#[derive(Debug)]
pub(crate) struct App {
    state: Mutex<State>,
    tracks: Tracks,
    /// What the command line asked for, to which every reset returns.
    config: Config,
    /// The pages that may use the endpoints for tests.
    origins: Vec<String>,
}

/// What a reset clears.
#[derive(Debug)]
pub(crate) struct State {
    service: Service,
    ledger: Ledger,
    plan: Plan,
    clock: Clock,
}

impl App {
    fn new(config: Config, origins: Vec<String>) -> Self {
        let state = Mutex::new(State::new(config.clone()));
        Self { state, tracks: Tracks::default(), config, origins }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new(config: Config) -> Self {
        Self { service: Service::new(config), ledger: Ledger::default(), plan: Plan::default(), clock: Clock::start() }
    }
}

/// Time since the last reset, and the date: steady, whatever happens to the system's clock.
#[derive(Debug, Clone, Copy)]
struct Clock {
    started: Instant,
    epoch_ms: u64,
}

impl Clock {
    fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), epoch_ms: whole_ms(since_epoch.as_millis()) }
    }

    /// Milliseconds since the last reset.
    fn ms(&self) -> u64 {
        whole_ms(self.started.elapsed().as_millis())
    }

    /// Milliseconds since 1970.
    fn now_ms(&self) -> u64 {
        self.epoch_ms.saturating_add(self.ms())
    }
}

fn whole_ms(ms: u128) -> u64 {
    u64::try_from(ms).unwrap_or(u64::MAX)
}
