//! A generation: when it was accepted, when it ends, and how.

use std::sync::Arc;

use fastrand::Rng;
use serde::{Deserialize, Serialize};

/// The credits that one denoising step costs.
pub const CREDITS_PER_STEP: u64 = 252;
/// The credits that one dollar buys.
pub const CREDITS_PER_DOLLAR: u64 = 2_000_000;

/// One accepted generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// The id.
    pub id: Arc<str>,
    /// The prompt.
    pub prompt: Arc<str>,
    /// The requested start of the clip, in seconds; it has no effect on the audio.
    pub seconds_start: Option<u32>,
    /// The length of the clip, in seconds.
    pub seconds_total: u32,
    /// The number of denoising steps.
    pub steps: u32,
    /// When the submit was accepted, in milliseconds since the epoch.
    pub accepted_at: u64,
    /// When `queued` becomes `generating`.
    pub begins_at: u64,
    /// When `generating` becomes final.
    pub ends_at: u64,
    /// The price; see [`Generation::charged`].
    pub credits: u64,
    /// The number of polls.
    pub polls: u32,
    /// How it ends.
    pub outcome: Outcome,
    /// The `X-Client-Request-Id` of the submit.
    pub client_request_id: Option<Arc<str>>,
    /// The `x-request-id` of the submit's response, if it came over HTTP.
    pub request_id: Option<Arc<str>>,
    /// The sequence number of the submit.
    pub(crate) seq: u64,
    /// The random part of the audio file's name, which cannot be derived from the id.
    pub(crate) file: u64,
}

impl Generation {
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

    /// The credits billed: the price, or 0 once the generation has failed.
    pub fn charged(&self, now_ms: u64) -> u64 {
        if self.status(now_ms) == Status::Error { 0 } else { self.credits }
    }

    /// Ends it now, unless it has ended already.
    pub fn finish(&mut self, now_ms: u64) {
        self.ends_at = self.ends_at.min(now_ms);
        self.begins_at = self.begins_at.min(now_ms);
    }

    /// Whether it has ended.
    pub fn is_final(&self, now_ms: u64) -> bool {
        now_ms >= self.ends_at
    }
}

/// The documented statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Accepted, but not started.
    Queued,
    /// In progress.
    Generating,
    /// Successful.
    Completed,
    /// Failed, and not billed.
    Error,
}

impl Status {
    /// The status as the service spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Generating => "generating",
            Self::Completed => "completed",
            Self::Error => "error",
        }
    }
}

/// How a generation ends. The service itself always completes; the application can choose otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Outcome {
    /// `completed`, with its audio.
    #[default]
    Completes,
    /// `completed`, yet `audio_file` is `null`.
    CompletesWithoutUrl,
    /// `completed`, with this text in place of the audio's URL.
    CompletesWithUrl(Arc<str>),
    /// `error`, not billed.
    Fails(Failure),
}

/// The outcome that the application chooses for the next accepted submit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScriptedOutcome {
    /// How it ends.
    pub outcome: Outcome,
    /// Whether it ends at the moment of its acceptance.
    pub ends_immediately: bool,
}

/// The formats in which `error` has been seen, or can be expected.
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
    /// `{detail: [{loc, msg, type}]}`: a validation error of the provider, passed on.
    DetailList,
}

/// When a generation leaves the queue and when it ends, in milliseconds from its acceptance.
///
/// 100 steps take 30 to 60 s, most often about 40 s. Between 5 % and 20 % of that is spent in the queue,
/// and the rest is proportional to the number of steps.
pub(crate) fn durations(rng: &mut Rng, steps: u32, speed: f64) -> (u64, u64) {
    let bell = (0..4).map(|_| rng.f64()).sum::<f64>() * 1.7 - 3.4;
    let at_100_steps = (41_000.0 * (0.18 * bell).exp()).clamp(30_000.0, 60_000.0);
    let queue = at_100_steps * (0.05 + 0.15 * rng.f64());
    let work = (at_100_steps - queue) * f64::from(steps) / 100.0;
    (round_to_u64(queue / speed), round_to_u64((queue + work) / speed))
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float saturates as an integer, and durations are not below zero"
)]
fn round_to_u64(ms: f64) -> u64 {
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
