//! The API key.

use core::fmt;

use crate::json::{Json, Kind};
use crate::text::joined;

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
        joined(&["Bearer ", &self.0])
    }
}

/// What the service's words are not to repeat to the caller.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hidden<'a> {
    /// The key that the request was sent with.
    pub key: Option<&'a Secret>,
    /// What was asked for.
    pub prompt: Option<&'a str>,
}

/// A shorter prompt cannot be told from the service's own words.
const SHORTEST_PROMPT: usize = 4;

impl Hidden<'_> {
    /// The text on one line, without what is hidden.
    pub fn scrub(self, text: &str) -> String {
        let key = self.key.map_or("", |key| &key.0);
        let prompt = self.prompt.map(str::trim).filter(|prompt| prompt.len() >= SHORTEST_PROMPT).unwrap_or_default();
        let mut clean = String::new();
        let mut rest = text.chars();
        loop {
            let left = rest.as_str();
            let (word, after) = match (left.strip_prefix(key), left.strip_prefix(prompt)) {
                (Some(after), _) if !key.is_empty() => ("[key]", after),
                (_, Some(after)) if !prompt.is_empty() => ("[prompt]", after),
                _ => match rest.next() {
                    Some(letter) => {
                        clean.push(if letter.is_ascii_control() { ' ' } else { letter });
                        continue;
                    }
                    None => return clean,
                },
            };
            clean.push_str(word);
            rest = after.chars();
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
