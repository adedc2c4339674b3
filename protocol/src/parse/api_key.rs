//! Reading API keys.

use super::untrusted::{Kind, Untrusted};
use crate::model::api_key::ApiKey;

impl ApiKey {
    /// Reads a key: visible ASCII and not empty, since anything else cannot travel in a header.
    ///
    /// # Errors
    /// Says what was wrong, without the value.
    pub fn read<V: Untrusted>(value: &V) -> Result<Self, &'static str> {
        if value.kind() != Kind::String {
            return Err("not a string");
        }
        match value.as_string() {
            Some(text) if text.is_empty() => Err("empty"),
            Some(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Self(text)),
            _ => Err("not made of visible ASCII characters (is there a space or a line break?)"),
        }
    }
}
