//! `GET /v2/logs`: a row for each submit that has ended, newest first.

mod query;

use std::{cmp::Reverse, collections::VecDeque};

use serde_json::{Value, json};

use self::query::Query;
use super::Service;
use crate::{ApiError, Generation, Key, Request, Response, Status, date, http::parameters, reply::usd};

/// How many requests for the logs a key may send in a minute.
const MAX_LOG_REQUESTS: usize = 200;
const MINUTE_MS: u64 = 60_000;

/// How many rejected submits are kept; the oldest are evicted.
const MAX_REJECTED: usize = 10_000;

/// The model in the logs, as `provider/alias`.
const MODEL: &str = "stability-ai/stable-audio";

/// The data of the logs that is not in the generations.
#[derive(Debug, Default)]
pub(super) struct Logs {
    rejected: VecDeque<RejectedSubmit>,
    /// The requests for the logs within the last minute.
    requests: VecDeque<(Key, u64)>,
}

/// A rejected submit of a valid key.
#[derive(Debug)]
struct RejectedSubmit {
    seq: u64,
    key: Key,
    at: u64,
    model: Box<str>,
    request_id: Box<str>,
    inference_id: Box<str>,
    client_request_id: Option<Box<str>>,
}

struct Row<'a> {
    created: u64,
    ended: u64,
    seq: u64,
    succeeded: bool,
    model: &'a str,
    credits: u64,
    request_id: Option<&'a str>,
    inference_id: &'a str,
    client_request_id: Option<&'a str>,
}

impl Logs {
    pub(super) fn clear(&mut self) {
        self.rejected.clear();
        self.requests.clear();
    }

    fn check_rate_limit(&mut self, now_ms: u64, key: Key) -> Result<(), ApiError> {
        self.requests.retain(|(_, at)| now_ms.saturating_sub(*at) < MINUTE_MS);
        if self.requests.iter().filter(|(sender, _)| *sender == key).count() >= MAX_LOG_REQUESTS {
            return Err(ApiError::Status(429));
        }
        self.requests.push_back((key, now_ms));
        Ok(())
    }
}

impl Service {
    /// A page of the logs.
    ///
    /// # Errors
    ///
    /// An [`ApiError`], if the key or the query is invalid, or after 200 requests in a minute.
    pub fn logs(&mut self, now_ms: u64, key: Key, query: &str) -> Result<Value, ApiError> {
        key.authenticate()?;
        self.logs.check_rate_limit(now_ms, key)?;
        if let Some(prefix) = parameters(query, "key_prefix").next()
            && !key.has_prefix(&prefix)
        {
            let is_other_key = [Key::Demo, Key::Broke].iter().any(|key| key.has_prefix(&prefix));
            return Err(ApiError::Status(if is_other_key { 403 } else { 404 }));
        }
        let query = Query::parse(now_ms, query).map_err(ApiError::InvalidQuery)?;
        let rejected = self.logs.rejected.iter().filter(|submit| submit.key == key).map(Row::of_rejected);
        // Only one key has credits, so all generations are its own.
        let generations = self
            .generations
            .iter()
            .filter(|_| key == Key::Demo)
            .map(|generation| Row::of_generation(generation, now_ms));
        let is_visible = |row: &Row<'_>| row.ended.saturating_add(self.config.logs_lag_ms) <= now_ms;
        let mut rows: Vec<_> =
            rejected.chain(generations).filter(|row| is_visible(row) && query.matches(row)).collect();
        rows.sort_unstable_by_key(|row| Reverse((row.created, row.seq)));
        let page: Vec<_> = rows.iter().skip(query.offset).take(query.limit).map(Row::to_json).collect();
        let has_more = query.offset.saturating_add(page.len()) < rows.len();
        Ok(json!({"data": page, "pagination":
            {"limit": query.limit, "offset": query.offset, "total": rows.len(), "has_more": has_more}}))
    }

    /// Adds a rejected submit to the logs.
    pub(super) fn log_rejected(&mut self, now_ms: u64, key: Key, request: &Request<'_>, response: &Response) {
        self.submits += 1;
        if key.authenticate().is_err() {
            return;
        }
        let header = |name| response.header(name).unwrap_or_default().into();
        if self.logs.rejected.len() >= MAX_REJECTED {
            self.logs.rejected.pop_front();
        }
        self.logs.rejected.push_back(RejectedSubmit {
            seq: self.submits,
            key,
            at: now_ms,
            model: model_of(request.body),
            request_id: header("x-request-id"),
            inference_id: header("x-inference-id"),
            client_request_id: request.client_request_id().map(Into::into),
        });
    }
}

/// The model that the body of a submit names; empty if there is none.
fn model_of(body: &[u8]) -> Box<str> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match body.get("model").and_then(Value::as_str) {
        Some(crate::submission::MODEL) => MODEL.into(),
        Some(other) => other.chars().take(128).collect(),
        None => "".into(),
    }
}

impl<'a> Row<'a> {
    fn of_generation(generation: &'a Generation, now_ms: u64) -> Self {
        Self {
            created: generation.accepted_at,
            ended: generation.ends_at,
            seq: generation.seq,
            succeeded: generation.status(now_ms) == Status::Completed,
            model: MODEL,
            credits: generation.charged(now_ms),
            request_id: generation.request_id.as_deref(),
            inference_id: &generation.id,
            client_request_id: generation.client_request_id.as_deref(),
        }
    }

    fn of_rejected(submit: &'a RejectedSubmit) -> Self {
        Self {
            created: submit.at,
            ended: submit.at,
            seq: submit.seq,
            succeeded: false,
            model: &submit.model,
            credits: 0,
            request_id: Some(&submit.request_id),
            inference_id: &submit.inference_id,
            client_request_id: submit.client_request_id.as_deref(),
        }
    }

    fn status(&self) -> &'static str {
        if self.succeeded { "succeeded" } else { "failed" }
    }

    fn to_json(&self) -> Value {
        json!({
            "created": date::format_iso(self.created),
            "status": self.status(),
            "origin": "api",
            "model": self.model,
            "cost": {"usd": usd(self.credits), "credits": self.credits},
            "tokens": {"input": 0, "output": 0, "total": 0},
            "request_id": self.request_id,
            "inference_id": self.inference_id,
            "client_request_id": self.client_request_id,
        })
    }
}
