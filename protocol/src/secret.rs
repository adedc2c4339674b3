//! The API key.

use core::fmt;

use crate::json::{Json, Kind};
use crate::text::{MAX_MESSAGE, holds, joined};

/// What stands where a key stood.
const MASK: &str = "[key]";

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
            _ => Err("not made of visible ASCII characters (is there a space or a line break?)"),
        }
    }

    /// The value of the `Authorization` header.
    pub fn bearer(&self) -> String {
        joined(&["Bearer ", &self.0])
    }
}

/// Takes the keys that a call used out of the service's messages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Redactor<'a> {
    /// Every key that a request of the call was sent with.
    pub keys: &'a [Secret],
}

impl Redactor<'_> {
    /// An id, a name or a type as it is, if it can be read; nothing of one that holds a key.
    pub fn label(self, text: &str) -> Option<String> {
        Some(self.redact(text)).filter(|clean| !holds(clean, MASK))
    }

    /// The message on one line, without keys, cut to a length that can be read.
    ///
    /// Keys are taken out before it is cut, so that no half of one is left at the cut; and no more
    /// of it is looked at than is kept.
    pub fn redact(self, message: &str) -> String {
        let mut clean = String::new();
        let mut rest = message.chars();
        let mut room = MAX_MESSAGE;
        while room > 0 {
            let left = rest.as_str();
            if let Some(key) = self.keys.iter().find(|key| left.starts_with(&key.0)) {
                let Some(more) = room.checked_sub(MASK.len()) else { break };
                room = more;
                clean.push_str(MASK);
                rest = left.get(key.0.len()..).unwrap_or_default().chars();
            } else {
                room -= 1;
                match rest.next() {
                    Some(letter) => clean.push(if letter.is_ascii_control() { ' ' } else { letter }),
                    None => return clean,
                }
            }
        }
        if !rest.as_str().is_empty() {
            clean.push('…');
        }
        clean
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
