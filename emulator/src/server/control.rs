//! The control endpoints, by which tests read the ledger, add to the plan and reset the emulator.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State as AppState,
    http::{Response, StatusCode, header},
};
use bytes::Bytes;
use emulator::Config;
use serde_json::{Value, json};

use super::{App, ledger::generation_to_json, plan::Plan};

/// `GET /__emulator/ledger`.
pub(crate) async fn ledger(AppState(app): AppState<Arc<App>>) -> Response<Body> {
    let state = app.state();
    let (now_ms, epoch_ms) = (state.clock.epoch_now_ms(), state.clock.epoch_ms);
    let generations = state.service.generations().iter();
    let generations: Value = generations.map(|generation| generation_to_json(generation, now_ms, epoch_ms)).collect();
    let requests = state.ledger.to_json();
    let body = json!({"now": state.clock.since_reset_ms(), "requests": requests, "generations": generations,
        "preflights": state.ledger.preflights(), "plan": state.plan});
    json_response(StatusCode::OK, &body)
}

/// `POST /__emulator/plan`.
pub(crate) async fn plan(AppState(app): AppState<Arc<App>>, body: Bytes) -> Response<Body> {
    let plan = match serde_json::from_slice::<Plan>(&body) {
        Ok(plan) => plan,
        Err(error) => return bad_request(&error),
    };
    if let Err(error) = plan.validate() {
        return bad_request(&error);
    }
    let mut state = app.state();
    state.plan.append(plan);
    json_response(StatusCode::OK, &json!({"plan": state.plan}))
}

/// `POST /__emulator/reset`.
pub(crate) async fn reset(AppState(app): AppState<Arc<App>>, body: Bytes) -> Response<Body> {
    let config = match merge_config(&app.config, &body) {
        Ok(config) => config,
        Err(error) => return bad_request(&error),
    };
    let reported = json!({"config": config});
    let mut state = app.state();
    let mut ledger = std::mem::take(&mut state.ledger);
    ledger.clear();
    *state = super::State { ledger, ..super::State::new(config) };
    json_response(StatusCode::OK, &reported)
}

/// The settings of the command line, overridden by those of the body.
fn merge_config(config: &Config, body: &[u8]) -> Result<Config, Box<dyn std::error::Error>> {
    if body.trim_ascii().is_empty() {
        return Ok(config.clone());
    }
    let given: serde_json::Map<String, Value> = serde_json::from_slice(body)?;
    let mut merged = serde_json::to_value(config)?;
    if let Some(merged) = merged.as_object_mut() {
        merged.extend(given);
    }
    Ok(serde_json::from_value::<Config>(merged)?.validated()?)
}

fn bad_request(error: &impl ToString) -> Response<Body> {
    json_response(StatusCode::BAD_REQUEST, &json!({"error": error.to_string()}))
}

pub(crate) fn json_response(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    for (name, value) in [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")] {
        response.headers_mut().insert(name, header::HeaderValue::from_static(value));
    }
    response
}
