//! When to ask next.

use crate::generation::Generation;
use crate::options::Pace;
use crate::request::DEFAULT_STEPS;

/// The documented loop asks every 10 s.
const INTERVAL: u64 = 10_000;
/// The longest that a snapshot can put off the next check, in milliseconds: what says more comes
/// from another clock.
pub const LONGEST: u64 = 60_000;
/// Typical duration at the default steps, in milliseconds: the service takes 30-60 s.
const TYPICAL: u64 = 40_000;

/// How long a generation of that many steps is expected to take, in milliseconds.
pub fn expected_duration(steps: u32) -> u64 {
    TYPICAL * u64::from(steps) / u64::from(DEFAULT_STEPS)
}

/// Milliseconds from a reply without a fault to the next check.
pub fn interval(pace: Pace) -> u64 {
    match pace {
        Pace::Adaptive => INTERVAL,
        Pace::Every(interval) => interval,
    }
}

/// Milliseconds that a waiting call lets pass before its first poll.
pub fn first_wait(pace: Pace, generation: &Generation, wall: u64) -> u64 {
    match (pace, generation.next_check_at) {
        (Pace::Adaptive, Some(next)) => next.saturating_sub(wall).min(LONGEST),
        _ => 0,
    }
}
