//! The API key.

use core::fmt;

use super::text::{MAX_MESSAGE, concat, contains};

/// Replaces a key.
const REDACTED: &str = "[key]";

/// An API key. Its `Debug` output does not contain it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(pub(crate) String);

impl ApiKey {
    /// The value of the `Authorization` header.
    pub fn bearer(&self) -> String {
        concat(&["Bearer ", &self.0])
    }
}

/// Removes the keys that a call used from the service's messages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Redactor<'a> {
    /// Every key that a request of the call was sent with.
    pub keys: &'a [ApiKey],
}

impl Redactor<'_> {
    /// An id, a name or a type, cut to a readable length; `None` if it contains a key.
    pub fn label(self, text: &str) -> Option<String> {
        Some(self.redact(text)).filter(|clean| !contains(clean, REDACTED))
    }

    /// The message on one line, without keys, cut to a readable length.
    ///
    /// Keys are removed before it is cut, so that no part of one is left; and no more of it is scanned than is
    /// kept.
    pub fn redact(self, message: &str) -> String {
        let mut clean = String::new();
        let mut rest = message.chars();
        let mut room = MAX_MESSAGE;
        while room > 0 {
            let left = rest.as_str();
            if let Some(key) = self.keys.iter().find(|key| left.starts_with(&key.0)) {
                let Some(more) = room.checked_sub(REDACTED.len()) else { break };
                room = more;
                clean.push_str(REDACTED);
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

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey")
    }
}
