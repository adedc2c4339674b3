//! Idempotency keys.

use super::object_reader::expected;
use super::untrusted::Untrusted;
use crate::model::error::Error;

/// What a key consists of, for messages.
pub(super) const EXPECTED_KEY: &str = "1 to 128 of A-Z a-z 0-9 . _ : -";

/// The key, if a header, a query and the service's logs can carry it.
pub fn read_idempotency_key<V: Untrusted>(value: &V) -> Option<String> {
    let is_allowed = |byte| matches!(byte, b'-' | b'.' | b'0'..=b':' | b'A'..=b'Z' | b'_' | b'a'..=b'z');
    value.as_string().filter(|key| (1..=128).contains(&key.len()) && key.bytes().all(is_allowed))
}

/// Reads the key that is passed to `recover`.
///
/// # Errors
/// `invalid_argument` for anything else.
pub fn require_idempotency_key<V: Untrusted>(value: &V) -> Result<String, Error> {
    read_idempotency_key(value).ok_or_else(|| expected("idempotencyKey", value, EXPECTED_KEY))
}
