//! The state of the service: the generations, and their submits and polls.

mod balance;
mod handle;
mod logs;
mod metrics;

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};

use fastrand::Rng;

use self::logs::Logs;
use crate::{ApiError, CREDITS_PER_STEP, Config, Generation, Key, Reply, ScriptedOutcome, Submission, generation, id};

pub use self::handle::{BILLING, ENDPOINT, LOGS};

/// How many generations are kept, and how many bytes of prompts; the oldest that have ended are evicted.
const MAX_GENERATIONS: usize = 10_000;
const MAX_PROMPT_BYTES: usize = 64 * 1024 * 1024;

/// The emulated service. It has no clock, and its only randomness comes from the seed.
#[derive(Debug)]
pub struct Service {
    /// The outcome of the next submit, if it is accepted; used once.
    pub next_outcome: ScriptedOutcome,
    config: Config,
    rng: Rng,
    generations: Vec<Generation>,
    prompt_bytes: usize,
    by_id: HashMap<Arc<str>, usize, BuildHasherDefault<Fnv>>,
    /// The number of submits so far, rejected ones included.
    submits: u64,
    /// The credits charged for generations that were evicted.
    evicted_charges: u64,
    logs: Logs,
}

impl Service {
    /// A service without generations.
    pub fn new(config: Config) -> Self {
        let rng = Rng::with_seed(config.seed);
        Self {
            next_outcome: ScriptedOutcome::default(),
            config,
            rng,
            generations: Vec::new(),
            prompt_bytes: 0,
            by_id: HashMap::default(),
            submits: 0,
            evicted_charges: 0,
            logs: Logs::default(),
        }
    }

    /// Clears everything and changes the settings; cheaper than a new service.
    pub fn reset(&mut self, config: Config) {
        self.next_outcome = ScriptedOutcome::default();
        self.rng = Rng::with_seed(config.seed);
        self.config = config;
        self.generations.clear();
        self.prompt_bytes = 0;
        self.by_id.clear();
        self.submits = 0;
        self.evicted_charges = 0;
        self.logs.clear();
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The generations in order of acceptance: the last 10,000, or fewer if the prompts are long.
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// A generation by its id.
    pub fn generation(&self, id: &str) -> Option<&Generation> {
        self.generations.get(*self.by_id.get(id)?)
    }

    /// A generation by its id, to change its [`Outcome`](crate::Outcome) or its times.
    pub fn generation_mut(&mut self, id: &str) -> Option<&mut Generation> {
        self.generations.get_mut(*self.by_id.get(id)?)
    }

    /// Accepts and charges a submit, or rejects it.
    ///
    /// # Errors
    ///
    /// An [`ApiError`], and nothing is billed. The status is 429 if the maximum number of generations is in progress.
    pub fn submit(&mut self, now_ms: u64, key: Key, request: &Submission<'_>) -> Result<Reply<'_>, ApiError> {
        let scripted = std::mem::take(&mut self.next_outcome);
        if matches!(key, Key::Other | Key::None) {
            return Err(ApiError::Unauthorized);
        }
        let hints = request.range_hints();
        if !hints.is_empty() {
            return Err(ApiError::Invalid(hints));
        }
        key.require_credits()?;
        self.evict_ended(now_ms)?;
        let to_u32 = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
        let steps = to_u32(request.steps).unwrap_or(100);
        let id: Arc<str> = id::new_generation_id(&mut self.rng, self.config.ids).into();
        let (queued, total) = generation::durations(&mut self.rng, steps, self.config.speed);
        self.by_id.insert(id.clone(), self.generations.len());
        self.prompt_bytes += request.prompt.len();
        self.submits += 1;
        let mut generation = Generation {
            id,
            prompt: request.prompt.into(),
            seconds_start: to_u32(request.seconds_start),
            seconds_total: to_u32(request.seconds_total).unwrap_or(30),
            steps,
            accepted_at: now_ms,
            begins_at: now_ms.saturating_add(queued),
            ends_at: now_ms.saturating_add(total),
            credits: CREDITS_PER_STEP * u64::from(steps),
            polls: 0,
            outcome: scripted.outcome,
            client_request_id: None,
            request_id: None,
            seq: self.submits,
            file: self.rng.u64(..),
        };
        if scripted.ends_immediately {
            generation.finish(now_ms);
        }
        self.generations.push(generation);
        let accepted = self.generations.last().ok_or(ApiError::Status(500))?;
        Ok(Reply { generation: accepted, status: accepted.status(now_ms), submitted: true })
    }

    /// Answers a poll.
    ///
    /// # Errors
    ///
    /// An [`ApiError`], if the key is invalid or there is no such id.
    pub fn poll(&mut self, now_ms: u64, key: Key, id: &str) -> Result<Reply<'_>, ApiError> {
        key.require_credits()?;
        let generation = self.generation_mut(id).ok_or(ApiError::UnknownGeneration)?;
        generation.polls = generation.polls.saturating_add(1);
        Ok(Reply { generation, status: generation.status(now_ms), submitted: false })
    }

    /// If the maximum is reached, evicts the older half of the generations that have ended.
    fn evict_ended(&mut self, now_ms: u64) -> Result<(), ApiError> {
        if self.generations.len() < MAX_GENERATIONS && self.prompt_bytes < MAX_PROMPT_BYTES {
            return Ok(());
        }
        let ended = self.generations.iter().filter(|generation| generation.is_final(now_ms)).count();
        let mut excess = ended.div_ceil(2);
        if excess == 0 {
            return Err(ApiError::Status(429));
        }
        self.generations.retain(|generation| {
            let is_evicted = excess > 0 && generation.is_final(now_ms);
            if is_evicted {
                excess -= 1;
                self.evicted_charges += generation.charged(now_ms);
            }
            !is_evicted
        });
        self.prompt_bytes = self.generations.iter().map(|generation| generation.prompt.len()).sum();
        self.by_id = self.generations.iter().enumerate().map(|(at, generation)| (generation.id.clone(), at)).collect();
        Ok(())
    }
}

/// FNV-1a: deterministic, as seeded runs require, and good enough for ids that are random already.
#[derive(Debug)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests;
