//! When to poll next.
//!
//! Polling adds the time from the completion to the next poll, and costs requests. The loop in the service's
//! documentation polls at once and then every 10 s. `adaptive` makes as many requests on average, but when a
//! completion is likely: see [`DurationModel`], which starts with the documented "30-60 s at 100 steps" and
//! learns from completed generations.

mod duration_model;

pub use duration_model::{DurationModel, Forecast};

use super::backoff::MIN_INTERVAL;
use crate::model::generation::Generation;
use crate::model::options::PollInterval;
use crate::model::request::DEFAULT_STEPS;
use crate::model::rng::Rng;
use crate::model::time::{Now, millis};

/// The documented loop polls every 10 s.
const INTERVAL: f32 = 10_000.0;
/// The longest that a snapshot can postpone the next poll, in milliseconds: later times come from another
/// clock.
const MAX_WAIT: u64 = 60_000;
/// One part in so many of each wait is random, so that many clients do not poll in step.
const JITTER: u64 = 8;
/// If a poll was later than planned by more than this, in milliseconds, it is not known when the generation
/// completed.
const MAX_LATENESS: u64 = 5_000;
/// A generation gets at most so many more polls than in the documented loop, at any age.
const MAX_AHEAD: f32 = 10.0;
/// From this age on, in milliseconds, a generation pays its own extra polls back.
const LONG_JOB_AGE: f32 = 120_000.0;
/// One in so many of the extra polls is added to each wait, as an interval.
const INSTALMENTS: f32 = 5.0;
/// The fixed overhead of a generation, in steps: queueing, and storing the file.
const OVERHEAD: u32 = 15;

/// How long a generation of that many steps takes, as a multiple of one at the default steps.
pub fn duration_scale(steps: u32) -> f32 {
    float(steps.saturating_add(OVERHEAD).into()) / float((DEFAULT_STEPS + OVERHEAD).into())
}

/// Milliseconds from a good reply to the next poll; also sets the expected completion.
///
/// Where neither the steps nor the age are known, as for a bare id, it is the documented interval.
pub(crate) fn plan(
    poll_interval: PollInterval,
    generation: &mut Generation,
    now: Now,
    duration_model: &DurationModel,
    rng: &mut impl Rng,
) -> u64 {
    let mut wait = INTERVAL;
    if let Some(request) = &generation.request {
        let age = age(generation, now);
        let forecast = duration_model.forecast(age, duration_scale(request.steps()));
        generation.expected_at = Some(generation.submitted_at.saturating_add(millis(forecast.expected.into())));
        wait = forecast.next - age;
        let ahead = float(generation.polling.checks.into()) - age / INTERVAL;
        if ahead > MAX_AHEAD {
            wait = wait.max(INTERVAL);
        }
        if age > LONG_JOB_AGE && ahead > 0.0 {
            wait = wait.max(INTERVAL + INTERVAL * ahead / INSTALMENTS);
        }
    }
    match poll_interval {
        PollInterval::Adaptive => jittered(millis(wait.into()), rng),
        PollInterval::Fixed(interval) => interval,
    }
}

/// About so many milliseconds, within the bounds of every wait.
pub fn jittered(wait: u64, rng: &mut impl Rng) -> u64 {
    (wait - wait / JITTER / 2 + rng.below(wait / JITTER)).clamp(MIN_INTERVAL, MAX_WAIT)
}

/// Learns from a generation that was just found complete.
///
/// Only if its polls came as planned: otherwise it is not known when it completed.
pub(crate) fn learn(poll_interval: PollInterval, generation: &Generation, now: Now, estimate: &mut DurationModel) {
    let Some(request) = &generation.request else { return };
    let late = now.wall.saturating_sub(generation.next_check_at.unwrap_or_default());
    if generation.polling.last_error.is_none() && late <= MAX_LATENESS {
        let checks = (poll_interval == PollInterval::Adaptive).then_some(generation.polling.checks);
        estimate.learn(age(generation, now), duration_scale(request.steps()), checks);
    }
}

/// Milliseconds before the first poll of a waiting call.
pub(crate) fn first_wait(poll_interval: PollInterval, generation: &Generation, wall: u64) -> u64 {
    match (poll_interval, generation.next_check_at) {
        (PollInterval::Adaptive, Some(next)) => next.saturating_sub(wall).min(MAX_WAIT),
        _ => 0,
    }
}

/// Milliseconds since the generation was accepted.
fn age(generation: &Generation, now: Now) -> f32 {
    float(now.wall.saturating_sub(generation.submitted_at))
}

/// A count or milliseconds as a float.
#[expect(clippy::cast_precision_loss, reason = "what exceeds 24 bits needs no more")]
fn float(number: u64) -> f32 {
    number as f32
}
