//! A job: when it was accepted, when it will be done, and how it ends.

use std::sync::Arc;

use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// What a denoising step costs.
pub const CREDITS_PER_STEP: u64 = 252;
/// What a dollar buys.
pub const CREDITS_PER_DOLLAR: u64 = 2_000_000;

/// One accepted generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The id the client was given.
    pub id: Arc<str>,
    /// What was asked for.
    pub prompt: Arc<str>,
    /// Where the clip starts; it changes nothing that is heard here.
    pub seconds_start: Option<u32>,
    /// The clip's length.
    pub seconds_total: u32,
    /// Denoising steps.
    pub steps: u32,
    /// When the submit was accepted, in milliseconds.
    pub accepted_at: u64,
    /// When `queued` becomes `generating`.
    pub begins_at: u64,
    /// When `generating` becomes final.
    pub ends_at: u64,
    /// The price; see [`Job::charged`].
    pub credits: u64,
    /// How many times a status was asked for.
    pub polls: u32,
    /// How it ends.
    pub outcome: Outcome,
    /// The client's own id of the submit, where it sent one.
    pub client_request_id: Option<Arc<str>>,
    /// The service's id of the submit, where it came over HTTP.
    pub request_id: Option<Arc<str>>,
    /// Its place among all submits.
    pub(crate) seq: u64,
    /// What tells the audio file's name; not derivable from the id.
    pub(crate) file: u64,
}

impl Job {
    /// The status at a time.
    pub fn status(&self, now_ms: u64) -> Status {
        if now_ms < self.begins_at {
            Status::Queued
        } else if now_ms < self.ends_at {
            Status::Generating
        } else if matches!(self.outcome, Outcome::Fails(_)) {
            Status::Error
        } else {
            Status::Completed
        }
    }

    /// Credits billed: the price from acceptance on, given back if the job has failed.
    pub fn charged(&self, now_ms: u64) -> u64 {
        if self.status(now_ms) == Status::Error { 0 } else { self.credits }
    }

    /// Ends the job now, unless it has ended already.
    pub fn finish(&mut self, now_ms: u64) {
        self.ends_at = self.ends_at.min(now_ms);
        self.begins_at = self.begins_at.min(now_ms);
    }

    /// Is the job over at this time?
    pub fn is_final(&self, now_ms: u64) -> bool {
        now_ms >= self.ends_at
    }
}

/// The documented statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Accepted, not begun.
    Queued,
    /// Being made.
    Generating,
    /// Done.
    Completed,
    /// Failed, and not billed.
    Error,
}

impl Status {
    /// The service's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Generating => "generating",
            Self::Completed => "completed",
            Self::Error => "error",
        }
    }
}

/// How a job ends. The service alone only ever completes; hosts choose otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Outcome {
    /// With its audio.
    #[default]
    Completes,
    /// `completed`, yet `audio_file` is `null`.
    CompletesWithoutUrl,
    /// `completed`, with this text in place of the audio's URL.
    CompletesWithUrl(Arc<str>),
    /// `error`, not billed.
    Fails(Failure),
}

/// What becomes of a job that is about to be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fate {
    /// How it ends.
    pub outcome: Outcome,
    /// Whether it has ended with its acceptance.
    pub at_once: bool,
}

/// The shapes in which `error` was seen, or may be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// `null`.
    Null,
    /// A string.
    String,
    /// `{name, message}`, as the schema says.
    NameMessage,
    /// `{message}`.
    Message,
    /// `{detail: string}`.
    DetailString,
    /// `{detail: [{loc, msg, type}]}`, a provider's validation passed through.
    DetailList,
}

/// When a job of so many steps is begun and done, relative to its acceptance, in milliseconds.
///
/// 30 to 60 s at 100 steps, most often about 40; a twentieth to a fifth of that is the queue's,
/// and the rest scales with the steps.
pub(crate) fn durations(rng: &mut Rng, steps: u32, speed: f64) -> (u64, u64) {
    let bell = (0..4).map(|_| rng.f64()).sum::<f64>() * 1.7 - 3.4;
    let at_100_steps = (41_000.0 * (0.18 * bell).exp()).clamp(30_000.0, 60_000.0);
    let queue = at_100_steps * (0.05 + 0.15 * rng.f64());
    let work = (at_100_steps - queue) * f64::from(steps) / 100.0;
    (whole(queue / speed), whole((queue + work) / speed))
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float saturates as an integer, and durations are not below zero"
)]
fn whole(ms: f64) -> u64 {
    ms.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(steps: u32, speed: f64) -> Vec<u64> {
        let mut rng = Rng::with_seed(3);
        let mut all: Vec<_> = (0..2000).map(|_| durations(&mut rng, steps, speed).1).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn a_hundred_steps_take_30_to_60_seconds_with_a_tail_to_the_right() {
        let all = totals(100, 1.0);
        assert!(all[0] >= 30_000 && all[1999] <= 60_000, "{} {}", all[0], all[1999]);
        let (low, middle, high) = (all[100], all[1000], all[1900]);
        assert!((38_000..44_000).contains(&middle), "{middle}");
        assert!(high - middle > middle - low, "{low} {middle} {high}");
    }

    #[test]
    fn durations_scale_with_steps_and_shrink_with_speed() {
        let (plain, many, fast) = (totals(100, 1.0), totals(1000, 1.0), totals(100, 20.0));
        assert!(many[1000] > plain[1000] * 8);
        assert!(fast[1000].abs_diff(plain[1000] / 20) <= 1);
        assert!(totals(1, 1.0)[0] > 0);
    }
}
