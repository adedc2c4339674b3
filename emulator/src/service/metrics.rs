//! `GET /models/metrics`: how long jobs took of late.

use serde_json::{Value, json};

use super::{ENDPOINT, Service};
use crate::{Refusal, Status, date, http::parameters, submission::MODEL};

const WINDOW_MS: u64 = 300_000;

impl Service {
    /// Percentiles of the jobs that completed within the window; without any, no model.
    pub(super) fn metrics(&self, now_ms: u64, query: &str) -> Result<Value, Refusal> {
        let names = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next());
        if let Some(other) = names.flatten().find(|name| *name != "aliases") {
            return Err(Refusal::InvalidQuery(vec![format!("{other}: Unrecognized key")]));
        }
        let mut aliases = parameters(query, "aliases").peekable();
        let is_asked = aliases.peek().is_none() || aliases.any(|alias| alias == MODEL);
        let done = self.jobs.iter().filter(|job| job.status(now_ms) == Status::Completed);
        let recent = done.filter(|job| now_ms.saturating_sub(job.ends_at) <= WINDOW_MS);
        let mut durations: Vec<_> = recent.map(|job| job.ends_at.saturating_sub(job.accepted_at)).collect();
        durations.sort_unstable();
        let at = |percent: usize| durations.get((durations.len() * percent).div_ceil(100).saturating_sub(1));
        let model = json!({"alias": MODEL, "endpoint": ENDPOINT, "metrics": {"duration_ms":
            {"p50": at(50), "p75": at(75), "p90": at(90), "p99": at(99)}}});
        let models: Vec<_> = (is_asked && !durations.is_empty()).then_some(model).into_iter().collect();
        Ok(json!({"window_seconds": WINDOW_MS / 1000, "generated_at": date::iso(now_ms), "models": models}))
    }
}
