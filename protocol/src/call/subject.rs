//! What a call is about, as its caller passed it.

use super::lookup::Lookup;
use super::phase::{Phase, Submission};
use crate::model::audio_source::AudioSource;
use crate::model::error::{Error, Failure};
use crate::model::generation::Generation;
use crate::model::goal::Goal;
use crate::model::options::{CallOptions, Recovery};
use crate::model::request::AudioRequest;
use crate::model::time::Now;
use crate::parse::audio_source::read_audio_source;
use crate::parse::idempotency::require_idempotency_key;
use crate::parse::untrusted::Untrusted;

/// A request to submit, a generation to poll, a submit to recover, or a file to download.
#[derive(Debug)]
pub struct Subject(pub(super) Phase);

impl Subject {
    /// A submit; if its outcome is unknown, it is looked up.
    pub fn submit(request: AudioRequest, lookup: Option<Lookup>) -> Self {
        Self(Phase::Submit(Box::new(Submission { request, lookup })))
    }

    /// A generation that exists.
    pub fn poll(generation: impl Into<Box<Generation>>) -> Self {
        Self(Phase::Poll(generation.into()))
    }

    /// The submit of an earlier call.
    pub fn recover(lookup: Lookup) -> Self {
        Self(Phase::Recover(Box::new(lookup)))
    }

    /// A file.
    pub fn download(source: AudioSource) -> Self {
        Self(Phase::Download(Box::new(source)))
    }

    /// Reads the first argument of a call; `make_key` makes an idempotency key if the caller gave none.
    ///
    /// # Errors
    /// `invalid_argument` for a bad argument, and for `recover` without a `recovery`; `unsupported` if a key is
    /// needed and none can be made.
    pub fn read<V: Untrusted>(
        goal: Goal,
        value: &V,
        recovery: Option<Recovery>,
        options: &mut CallOptions<V>,
        now: Now,
        make_key: impl FnOnce() -> Option<String>,
    ) -> Result<Self, Error> {
        Ok(match goal {
            Goal::Check | Goal::Wait => Self::poll(Generation::read(value, now)?),
            Goal::Download => Self::download(read_audio_source(value)?),
            Goal::Recover => {
                let Some(recovery) = recovery else { return Err(Error::invalid("`recovery` is missing".into())) };
                let key = require_idempotency_key(value)?;
                Self::recover(Lookup::for_past_submit(recovery, key, options.submitted_at, now))
            }
            Goal::Generate | Goal::Submit => {
                let caller_key = options.idempotency_key.take();
                let lookup = match recovery {
                    Some(recovery) => {
                        let key_from_caller = caller_key.is_some();
                        let Some(key) = caller_key.or_else(make_key) else {
                            return Err(Error::with(Failure::Unsupported, "crypto".into()));
                        };
                        Some(Lookup::new(recovery, key, key_from_caller))
                    }
                    None => None,
                };
                Self::submit(AudioRequest::read(value)?, lookup)
            }
        })
    }

    /// The generation, if it is one.
    pub fn generation(&self) -> Option<&Generation> {
        self.0.generation()
    }

    /// The size of the file as far as it is known, if it is one.
    pub fn file_size(&self) -> Option<Option<f64>> {
        match &self.0 {
            Phase::Download(source) => Some(source.file_size),
            _ => None,
        }
    }

    /// The key of the submit, if it has one.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.0.lookup().map(Lookup::key)
    }
}
