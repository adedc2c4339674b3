//! The service itself: its jobs, and what becomes of them.

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
use crate::{CREDITS_PER_STEP, Config, Fate, Job, Key, Refusal, Reply, Submission, id, job};

pub use self::handle::{BILLING, ENDPOINT, LOGS};

/// Jobs kept, and bytes of their prompts; the oldest that have ended make room.
const MOST_JOBS: usize = 10_000;
const MOST_PROMPTS: usize = 64 * 1024 * 1024;

/// The stand-in. Pure: it knows no time but what it is given, and no chance but its seed's.
#[derive(Debug)]
pub struct Service {
    /// What becomes of the next submit's job, if it is accepted; used once.
    pub next_fate: Fate,
    config: Config,
    rng: Rng,
    jobs: Vec<Job>,
    /// Bytes of the jobs' prompts.
    prompts: usize,
    by_id: HashMap<Arc<str>, usize, BuildHasherDefault<Fnv>>,
    /// Submits so far, refused ones too.
    submits: u64,
    /// Credits for jobs that have made room.
    forgotten_charges: u64,
    logs: Logs,
}

impl Service {
    /// A service without jobs.
    pub fn new(config: Config) -> Self {
        let rng = Rng::with_seed(config.seed);
        Self {
            next_fate: Fate::default(),
            config,
            rng,
            jobs: Vec::new(),
            prompts: 0,
            by_id: HashMap::default(),
            submits: 0,
            forgotten_charges: 0,
            logs: Logs::default(),
        }
    }

    /// Forgets everything, and goes on with these settings; cheaper than another service.
    pub fn reset(&mut self, config: Config) {
        self.next_fate = Fate::default();
        self.rng = Rng::with_seed(config.seed);
        self.config = config;
        self.jobs.clear();
        self.prompts = 0;
        self.by_id.clear();
        self.submits = 0;
        self.forgotten_charges = 0;
        self.logs.clear();
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The jobs, in order of acceptance: the last 10,000, or fewer where prompts are long.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// A job by its id.
    pub fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.get(*self.by_id.get(id)?)
    }

    /// A job, to give it another [`Outcome`](crate::Outcome) or other times.
    pub fn job_mut(&mut self, id: &str) -> Option<&mut Job> {
        self.jobs.get_mut(*self.by_id.get(id)?)
    }

    /// A submit: accepted and charged, or refused.
    ///
    /// # Errors
    ///
    /// A [`Refusal`], after which nothing is billed; 429 where no more jobs can be kept, all being
    /// under way.
    pub fn submit(&mut self, now_ms: u64, key: Key, request: &Submission<'_>) -> Result<Reply<'_>, Refusal> {
        let fate = std::mem::take(&mut self.next_fate);
        if matches!(key, Key::Other | Key::None) {
            return Err(Refusal::Unauthorized);
        }
        let hints = request.hints();
        if !hints.is_empty() {
            return Err(Refusal::Invalid(hints));
        }
        key.admit()?;
        self.make_room(now_ms)?;
        let whole = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
        let steps = whole(request.steps).unwrap_or(100);
        let id: Arc<str> = id::generation(&mut self.rng, self.config.ids).into();
        let (queued, total) = job::durations(&mut self.rng, steps, self.config.speed);
        self.by_id.insert(id.clone(), self.jobs.len());
        self.prompts += request.prompt.len();
        self.submits += 1;
        let mut job = Job {
            id,
            prompt: request.prompt.into(),
            seconds_start: whole(request.seconds_start),
            seconds_total: whole(request.seconds_total).unwrap_or(30),
            steps,
            accepted_at: now_ms,
            begins_at: now_ms.saturating_add(queued),
            ends_at: now_ms.saturating_add(total),
            credits: CREDITS_PER_STEP * u64::from(steps),
            polls: 0,
            outcome: fate.outcome,
            client_request_id: None,
            request_id: None,
            seq: self.submits,
            file: self.rng.u64(..),
        };
        if fate.at_once {
            job.finish(now_ms);
        }
        self.jobs.push(job);
        let accepted = self.jobs.last().ok_or(Refusal::Status(500))?;
        Ok(Reply { job: accepted, status: accepted.status(now_ms), submitted: true })
    }

    /// A poll: the job's status.
    ///
    /// # Errors
    ///
    /// A [`Refusal`]: of the key, or of an id never given out.
    pub fn poll(&mut self, now_ms: u64, key: Key, id: &str) -> Result<Reply<'_>, Refusal> {
        key.admit()?;
        let job = self.job_mut(id).ok_or(Refusal::UnknownGeneration)?;
        job.polls = job.polls.saturating_add(1);
        Ok(Reply { job, status: job.status(now_ms), submitted: false })
    }

    /// Forgets half of the jobs that have ended, the oldest, where no more can be kept.
    fn make_room(&mut self, now_ms: u64) -> Result<(), Refusal> {
        if self.jobs.len() < MOST_JOBS && self.prompts < MOST_PROMPTS {
            return Ok(());
        }
        let ended = self.jobs.iter().filter(|job| job.is_final(now_ms)).count();
        let mut excess = ended.div_ceil(2);
        if excess == 0 {
            return Err(Refusal::Status(429));
        }
        self.jobs.retain(|job| {
            let is_dropped = excess > 0 && job.is_final(now_ms);
            if is_dropped {
                excess -= 1;
                self.forgotten_charges += job.charged(now_ms);
            }
            !is_dropped
        });
        self.prompts = self.jobs.iter().map(|job| job.prompt.len()).sum();
        self.by_id = self.jobs.iter().enumerate().map(|(at, job)| (job.id.clone(), at)).collect();
        Ok(())
    }
}

/// FNV-1a: ids are random already, and a seeded run must not differ from the next.
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
