//! Idempotency keys.

use crate::error::Error;
use crate::options::expected;
use crate::untrusted::Untrusted;

/// What a key consists of, for messages.
pub(crate) const EXPECTED_KEY: &str = "1 to 128 of A-Z a-z 0-9 . _ : -";

/// The key, if a header, a query and the service's logs can carry it.
pub fn read<V: Untrusted>(value: &V) -> Option<String> {
    let sound = |byte| matches!(byte, b'-' | b'.' | b'0'..=b':' | b'A'..=b'Z' | b'_' | b'a'..=b'z');
    value.as_string().filter(|key| (1..=128).contains(&key.len()) && key.bytes().all(sound))
}

/// Reads the key that is passed to `recover`.
///
/// # Errors
/// `invalid_argument` for anything else.
pub fn required<V: Untrusted>(value: &V) -> Result<String, Error> {
    read(value).ok_or_else(|| expected("idempotencyKey", value, EXPECTED_KEY))
}
