//! The API key.

use core::fmt;

use crate::json::{Json, Kind};

/// An API key. Its `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Reads a key: visible ASCII and not empty, since anything else cannot travel in a header.
    ///
    /// # Errors
    /// Says what was wrong, without the value.
    pub fn read<J: Json>(value: &J) -> Result<Self, &'static str> {
        if value.kind() != Kind::String {
            return Err("not a string");
        }
        match value.text() {
            Some(text) if text.is_empty() => Err("empty"),
            Some(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Self(text)),
            _ => Err("not made of visible ASCII characters (perhaps a space or a line break came along)"),
        }
    }

    /// The value of the `Authorization` header.
    pub fn bearer(&self) -> String {
        ["Bearer ", &self.0].concat()
    }

    /// The text without the key, should the service have repeated it.
    pub fn scrub(&self, text: &str) -> String {
        text.replace(&self.0, "[key]")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
