//! `GET /v2/billing`: what is left.

use serde_json::{Value, json};

use super::Service;
use crate::{CREDITS_PER_DOLLAR, Key, Refusal, reply::usd};

/// What the key that works begins with; no submit of it is refused for want of credits.
const START: u64 = 1_000 * CREDITS_PER_DOLLAR;

impl Service {
    /// The balance: a submit takes its price at once, and a job that fails gives it back.
    pub(super) fn balance(&self, now_ms: u64, key: Key) -> Result<Value, Refusal> {
        key.authorize()?;
        let charged: u64 = self.jobs.iter().map(|job| job.charged(now_ms)).sum();
        let left = if key == Key::Demo { START.saturating_sub(self.forgotten_charges + charged) } else { 0 };
        Ok(json!({"current_balance": usd(left), "currency": "USD"}))
    }
}
