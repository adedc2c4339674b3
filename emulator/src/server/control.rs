//! The endpoints for tests: ledger, plan, reset.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State as Shared,
    http::{Response, StatusCode, header},
};
use bytes::Bytes;
use emulator::Config;
use serde_json::{Value, json};

use super::{App, ledger::job_to_json, plan::Plan};

/// `GET /__emulator/ledger`.
pub(crate) async fn ledger(Shared(app): Shared<Arc<App>>) -> Response<Body> {
    let state = app.state();
    let (now_ms, epoch_ms) = (state.clock.now_ms(), state.clock.epoch_ms);
    let jobs = state.service.jobs().iter();
    let jobs: Value = jobs.map(|job| job_to_json(job, now_ms, epoch_ms)).collect();
    let requests = state.ledger.to_json();
    let body = json!({"now": state.clock.ms(), "requests": requests, "jobs": jobs,
        "preflights": state.ledger.preflights(), "plan": state.plan});
    reply(StatusCode::OK, &body)
}

/// `POST /__emulator/plan`.
pub(crate) async fn plan(Shared(app): Shared<Arc<App>>, body: Bytes) -> Response<Body> {
    let plan = match serde_json::from_slice::<Plan>(&body) {
        Ok(plan) => plan,
        Err(error) => return refuse(&error),
    };
    if let Err(error) = plan.check() {
        return refuse(&error);
    }
    let mut state = app.state();
    state.plan.append(plan);
    reply(StatusCode::OK, &json!({"plan": state.plan}))
}

/// `POST /__emulator/reset`.
pub(crate) async fn reset(Shared(app): Shared<Arc<App>>, body: Bytes) -> Response<Body> {
    let config = match overridden(&app.config, &body) {
        Ok(config) => config,
        Err(error) => return refuse(&error),
    };
    let reported = json!({"config": config});
    let mut state = app.state();
    let mut ledger = std::mem::take(&mut state.ledger);
    ledger.clear();
    *state = super::State { ledger, ..super::State::new(config) };
    reply(StatusCode::OK, &reported)
}

/// The command line's settings, with a body's fields in their place.
fn overridden(config: &Config, body: &[u8]) -> Result<Config, Box<dyn std::error::Error>> {
    if body.trim_ascii().is_empty() {
        return Ok(config.clone());
    }
    let given: serde_json::Map<String, Value> = serde_json::from_slice(body)?;
    let mut merged = serde_json::to_value(config)?;
    if let Some(merged) = merged.as_object_mut() {
        merged.extend(given);
    }
    Ok(serde_json::from_value::<Config>(merged)?.checked()?)
}

fn refuse(error: &impl ToString) -> Response<Body> {
    reply(StatusCode::BAD_REQUEST, &json!({"error": error.to_string()}))
}

pub(crate) fn reply(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    for (name, value) in [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")] {
        response.headers_mut().insert(name, header::HeaderValue::from_static(value));
    }
    response
}
