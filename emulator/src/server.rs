//! The HTTP server around the service.

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
    listener::{ConnectionHandle, ResettableListener},
    plan::Plan,
    track_cache::TrackCache,
};

mod access;
mod control;
mod exchange;
mod fault;
mod ledger;
mod listener;
mod plan;
mod prepared_response;
mod request_recorder;
mod response_body;
mod track_cache;

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A setting is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The port is not available.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; choose another with --port")]
    Listen { port: u16, source: io::Error },
    /// Another I/O error.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Serves until the process ends: requests on one thread, rendering on the blocking pool.
pub(crate) fn run(port: u16, config: Config, origins: Vec<String>) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = ResettableListener::bind(port).await.map_err(|source| Error::Listen { port, source })?;
        let app = router(Arc::new(App::new(config, origins)));
        let app = app.into_make_service_with_connect_info::<ConnectionHandle>();
        let mut out = io::stdout();
        writeln!(out, "listening on http://{}", listener.local_address()?)?;
        out.flush()?;
        Ok(axum::serve(listener, app).await?)
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

/// The state that all connections share.
#[derive(Debug)]
pub(crate) struct App {
    state: Mutex<State>,
    tracks: TrackCache,
    /// The settings of the command line, which a reset restores.
    config: Config,
    /// The origins whose pages may use the control endpoints.
    origins: Vec<String>,
}

/// The state that a reset clears.
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
        Self { state, tracks: TrackCache::default(), config, origins }
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

/// The time, monotonic even when the system clock is set.
#[derive(Debug, Clone, Copy)]
struct Clock {
    started: Instant,
    epoch_ms: u64,
}

impl Clock {
    fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), epoch_ms: saturating_u64(since_epoch.as_millis()) }
    }

    /// Milliseconds since the last reset.
    fn since_reset_ms(&self) -> u64 {
        saturating_u64(self.started.elapsed().as_millis())
    }

    /// Milliseconds since the Unix epoch.
    fn epoch_now_ms(&self) -> u64 {
        self.epoch_ms.saturating_add(self.since_reset_ms())
    }
}

fn saturating_u64(ms: u128) -> u64 {
    u64::try_from(ms).unwrap_or(u64::MAX)
}
