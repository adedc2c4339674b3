//! What a caller wants.

use super::generation::{AudioFile, Generation};

/// A method of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Submit, then wait for the audio.
    Generate,
    /// One submit.
    Submit,
    /// One poll.
    Check,
    /// Wait for a generation that exists.
    Wait,
    /// Find out what became of an earlier submit.
    Recover,
    /// Download an audio file.
    Download,
}

/// What the caller's promise resolves to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Resolution<'a> {
    /// The URL of the audio.
    Url(&'a str),
    /// The audio file.
    Audio(&'a AudioFile),
    /// The snapshot.
    Generation(&'a Generation),
}

impl Goal {
    /// What the caller's promise resolves to, where the call ended with this generation.
    pub fn resolve(self, generation: &Generation) -> Resolution<'_> {
        match (self, &generation.audio) {
            (Self::Generate, Some(audio)) => Resolution::Url(&audio.url),
            (Self::Wait, Some(audio)) => Resolution::Audio(audio),
            _ => Resolution::Generation(generation),
        }
    }
}
