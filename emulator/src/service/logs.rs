//! `GET /v2/logs`: a row for each submit that has ended, the newest first.

mod query;

use std::{cmp::Reverse, collections::VecDeque};

use serde_json::{Value, json};

use self::query::Query;
use super::Service;
use crate::{Job, Key, Refusal, Request, Response, Status, date, http::parameters, reply::usd};

/// What a key may ask in a minute.
const MOST_LOOKS: usize = 200;
const MINUTE_MS: u64 = 60_000;

/// Refused submits kept; the oldest make room.
const MOST_REFUSED: usize = 10_000;

/// The model, as `source/alias`.
const MODEL: &str = "stability-ai/stable-audio";

/// What the logs know beside the jobs.
#[derive(Debug, Default)]
pub(super) struct Logs {
    refused: VecDeque<Refused>,
    /// Who looked, and when, within the last minute.
    looks: VecDeque<(Key, u64)>,
}

/// A submit of a known key that was refused.
#[derive(Debug)]
struct Refused {
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
    is_good: bool,
    model: &'a str,
    credits: u64,
    request_id: Option<&'a str>,
    inference_id: &'a str,
    client_request_id: Option<&'a str>,
}

impl Logs {
    pub(super) fn clear(&mut self) {
        self.refused.clear();
        self.looks.clear();
    }

    fn admit(&mut self, now_ms: u64, key: Key) -> Result<(), Refusal> {
        self.looks.retain(|(_, at)| now_ms.saturating_sub(*at) < MINUTE_MS);
        if self.looks.iter().filter(|(known, _)| *known == key).count() >= MOST_LOOKS {
            return Err(Refusal::Status(429));
        }
        self.looks.push_back((key, now_ms));
        Ok(())
    }
}

impl Service {
    /// A page of the logs, as its query asks for it.
    ///
    /// # Errors
    ///
    /// A [`Refusal`]: of the key, of the query, or 429 after 200 looks in a minute.
    pub fn logs(&mut self, now_ms: u64, key: Key, query: &str) -> Result<Value, Refusal> {
        key.authorize()?;
        self.logs.admit(now_ms, key)?;
        if let Some(prefix) = parameters(query, "key_prefix").next()
            && !key.begins_with(&prefix)
        {
            let is_known = [Key::Demo, Key::Broke].iter().any(|key| key.begins_with(&prefix));
            return Err(Refusal::Status(if is_known { 403 } else { 404 }));
        }
        let query = Query::read(now_ms, query).map_err(Refusal::InvalidQuery)?;
        let refused = self.logs.refused.iter().filter(|it| it.key == key).map(Row::of_refused);
        // Every job was paid for by the one key that has credits.
        let jobs = self.jobs.iter().filter(|_| key == Key::Demo).map(|job| Row::of_job(job, now_ms));
        let is_visible = |row: &Row<'_>| row.ended.saturating_add(self.config.logs_lag_ms) <= now_ms;
        let mut rows: Vec<_> = refused.chain(jobs).filter(|row| is_visible(row) && query.admits(row)).collect();
        rows.sort_unstable_by_key(|row| Reverse((row.created, row.seq)));
        let page: Vec<_> = rows.iter().skip(query.offset).take(query.limit).map(Row::to_json).collect();
        let has_more = query.offset.saturating_add(page.len()) < rows.len();
        Ok(json!({"data": page, "pagination":
            {"limit": query.limit, "offset": query.offset, "total": rows.len(), "has_more": has_more}}))
    }

    /// Keeps what the logs tell of a submit that was refused.
    pub(super) fn note_refused(&mut self, now_ms: u64, key: Key, request: &Request<'_>, response: &Response) {
        self.submits += 1;
        if key.authorize().is_err() {
            return;
        }
        let text = |name| response.header(name).unwrap_or_default().into();
        if self.logs.refused.len() >= MOST_REFUSED {
            self.logs.refused.pop_front();
        }
        self.logs.refused.push_back(Refused {
            seq: self.submits,
            key,
            at: now_ms,
            model: model_of(request.body),
            request_id: text("x-request-id"),
            inference_id: text("x-inference-id"),
            client_request_id: request.client_request_id().map(Into::into),
        });
    }
}

/// The model that a submit names, as far as it names any.
fn model_of(body: &[u8]) -> Box<str> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match body.get("model").and_then(Value::as_str) {
        Some(crate::submission::MODEL) => MODEL.into(),
        Some(other) => other.chars().take(128).collect(),
        None => "".into(),
    }
}

impl<'a> Row<'a> {
    fn of_job(job: &'a Job, now_ms: u64) -> Self {
        Self {
            created: job.accepted_at,
            ended: job.ends_at,
            seq: job.seq,
            is_good: job.status(now_ms) == Status::Completed,
            model: MODEL,
            credits: job.charged(now_ms),
            request_id: job.request_id.as_deref(),
            inference_id: &job.id,
            client_request_id: job.client_request_id.as_deref(),
        }
    }

    fn of_refused(refused: &'a Refused) -> Self {
        Self {
            created: refused.at,
            ended: refused.at,
            seq: refused.seq,
            is_good: false,
            model: &refused.model,
            credits: 0,
            request_id: Some(&refused.request_id),
            inference_id: &refused.inference_id,
            client_request_id: refused.client_request_id.as_deref(),
        }
    }

    fn status(&self) -> &'static str {
        if self.is_good { "succeeded" } else { "failed" }
    }

    fn to_json(&self) -> Value {
        json!({
            "created": date::iso(self.created),
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
