//! The key by which a submit is known again.

use crate::error::Error;
use crate::json::Json;
use crate::options::expected;

/// What a key is made of.
pub(crate) const WANTED: &str = "1 to 128 of A-Z a-z 0-9 . _ : -";

/// The key, if it is one that a header, a query and the service's logs can carry.
pub fn read<J: Json>(value: &J) -> Option<String> {
    let sound = |byte| matches!(byte, b'-' | b'.' | b'0'..=b':' | b'A'..=b'Z' | b'_' | b'a'..=b'z');
    value.text().filter(|key| (1..=128).contains(&key.len()) && key.bytes().all(sound))
}

/// Reads the key that `recover` is asked about.
///
/// # Errors
/// `invalid_argument` for what is no key.
pub fn required<J: Json>(value: &J) -> Result<String, Error> {
    read(value).ok_or_else(|| expected("idempotencyKey", value, WANTED))
}
