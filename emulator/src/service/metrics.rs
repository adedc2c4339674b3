//! `GET /models/metrics`: how long recent generations took.

use serde_json::{Value, json};

use super::{ENDPOINT, Service};
use crate::{ApiError, Status, date, http::parameters, submission::MODEL};

const WINDOW_MS: u64 = 300_000;

impl Service {
    /// Percentiles of the durations of the generations that completed within the window; no model if there are none.
    pub(super) fn metrics(&self, now_ms: u64, query: &str) -> Result<Value, ApiError> {
        let names = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next());
        if let Some(other) = names.flatten().find(|name| *name != "aliases") {
            return Err(ApiError::InvalidQuery(vec![format!("{other}: Unrecognized key")]));
        }
        let mut aliases = parameters(query, "aliases").peekable();
        let is_requested = aliases.peek().is_none() || aliases.any(|alias| alias == MODEL);
        let done = self.generations.iter().filter(|generation| generation.status(now_ms) == Status::Completed);
        let recent = done.filter(|generation| now_ms.saturating_sub(generation.ends_at) <= WINDOW_MS);
        let mut durations: Vec<_> =
            recent.map(|generation| generation.ends_at.saturating_sub(generation.accepted_at)).collect();
        durations.sort_unstable();
        let percentile = |percent: usize| durations.get((durations.len() * percent).div_ceil(100).saturating_sub(1));
        let model = json!({"alias": MODEL, "endpoint": ENDPOINT, "metrics": {"duration_ms":
            {"p50": percentile(50), "p75": percentile(75), "p90": percentile(90), "p99": percentile(99)}}});
        let models: Vec<_> = (is_requested && !durations.is_empty()).then_some(model).into_iter().collect();
        Ok(json!({"window_seconds": WINDOW_MS / 1000, "generated_at": date::format_iso(now_ms), "models": models}))
    }
}
