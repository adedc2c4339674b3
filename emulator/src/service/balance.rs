//! `GET /v2/billing`: the balance.

use serde_json::{Value, json};

use super::Service;
use crate::{ApiError, CREDITS_PER_DOLLAR, Key, reply::usd};

/// The initial balance of the valid key, whose submits are never rejected for lack of credits.
const INITIAL_BALANCE: u64 = 1_000 * CREDITS_PER_DOLLAR;

impl Service {
    /// The balance. The price of a submit is deducted at once, and refunded if the generation fails.
    pub(super) fn balance(&self, now_ms: u64, key: Key) -> Result<Value, ApiError> {
        key.authenticate()?;
        let charged: u64 = self.generations.iter().map(|generation| generation.charged(now_ms)).sum();
        let balance = if key == Key::Demo { INITIAL_BALANCE.saturating_sub(self.evicted_charges + charged) } else { 0 };
        Ok(json!({"current_balance": usd(balance), "currency": "USD"}))
    }
}
