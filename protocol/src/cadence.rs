//! When to ask next.
//!
//! What a user waits for, beyond the service, is the time from the completion to the next check;
//! what it costs is checks. The service's documentation asks at once, then every 10 s. `adaptive`
//! spends as many checks in the mean, but where a completion is likely: see [`Estimate`], which
//! begins with the documented "30-60 s at 100 steps" and learns from what completes.

mod estimate;

pub use estimate::{Estimate, Outlook};

use crate::backoff::FLOOR;
use crate::generation::Generation;
use crate::options::{Pace, millis};
use crate::request::DEFAULT_STEPS;
use crate::shared::Shared;
use crate::time::{Dice, Now};

/// The documented loop asks every 10 s.
const INTERVAL: f32 = 10_000.0;
/// The longest that a snapshot can put off the next check, in milliseconds: what says more comes
/// from another clock.
pub const LONGEST: u64 = 60_000;
/// One part in so many of a wait is left to chance, so that many clients do not ask as one.
const JITTER: u64 = 8;
/// A check that came later than planned by more than this, in milliseconds, was slept through:
/// when its generation completed is not known.
const LATE: u64 = 5_000;
/// So many checks more than the documented loop's are the most that a generation gets at any age,
/// however sure its moment seemed.
const MAX_AHEAD: f32 = 10.0;
/// From this age on, in milliseconds, it pays them back itself: there may be none to pay for it.
const LONG: f32 = 120_000.0;
/// Of the checks to pay back, one in so many is added to each wait, as an interval.
const INSTALMENTS: f32 = 5.0;
/// What every generation takes beside its steps, in steps: the queue, and storing the file.
const OVERHEAD: u32 = 15;

/// How long a generation of that many steps takes, as a multiple of one at the default steps.
pub fn scale(steps: u32) -> f32 {
    float(steps.saturating_add(OVERHEAD).into()) / float((DEFAULT_STEPS + OVERHEAD).into())
}

/// Milliseconds from a reply without a fault to the next check; keeps when completion is expected.
///
/// Where neither the steps nor the age are known, as for a bare id, it is as documented.
pub(crate) fn plan(pace: Pace, generation: &mut Generation, now: Now, shared: &Shared, dice: &mut impl Dice) -> u64 {
    let mut wait = INTERVAL;
    if let Some(request) = &generation.request {
        let age = age(generation, now);
        let outlook = shared.estimate.outlook(age, scale(request.steps()));
        generation.expected_at = Some(generation.submitted_at.saturating_add(millis(outlook.expected.into())));
        wait = outlook.next - age;
        let ahead = float(generation.polling.checks.into()) - age / INTERVAL;
        if ahead > MAX_AHEAD {
            wait = wait.max(INTERVAL);
        }
        if age > LONG && ahead > 0.0 {
            wait = wait.max(INTERVAL + INTERVAL * ahead / INSTALMENTS);
        }
    }
    match pace {
        Pace::Adaptive => jittered(millis(wait.into()), dice),
        Pace::Every(interval) => interval,
    }
}

/// A wait of about so many milliseconds, within the bounds of every wait.
pub fn jittered(wait: u64, dice: &mut impl Dice) -> u64 {
    (wait - wait / JITTER / 2 + dice.below(wait / JITTER)).clamp(FLOOR, LONGEST)
}

/// Learns from a generation that was just found complete.
///
/// Only where its checks came as planned: else it is not known when it completed.
pub(crate) fn learn(pace: Pace, generation: &Generation, now: Now, estimate: &mut Estimate) {
    let Some(request) = &generation.request else { return };
    let late = now.wall.saturating_sub(generation.next_check_at.unwrap_or_default());
    if generation.polling.last_error.is_none() && late <= LATE {
        let checks = (pace == Pace::Adaptive).then_some(generation.polling.checks);
        estimate.learn(age(generation, now), scale(request.steps()), checks);
    }
}

/// Milliseconds that a waiting call lets pass before its first poll.
pub fn first_wait(pace: Pace, generation: &Generation, wall: u64) -> u64 {
    match (pace, generation.next_check_at) {
        (Pace::Adaptive, Some(next)) => next.saturating_sub(wall).min(LONGEST),
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
