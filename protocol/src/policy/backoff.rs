//! Exponential back-off with full jitter.

use crate::model::rng::Rng;

/// The shortest wait between two polls or repeated requests, in milliseconds.
pub(crate) const MIN_INTERVAL: u64 = 1_000;

/// A random wait between [`MIN_INTERVAL`] and 2 s, 4 s, 8 s … up to `cap`.
pub fn backoff(failures: u32, cap: u64, rng: &mut impl Rng) -> u64 {
    let reach = MIN_INTERVAL.checked_shl(failures.min(20)).unwrap_or(cap).min(cap);
    MIN_INTERVAL + rng.below(reach.saturating_sub(MIN_INTERVAL).saturating_add(1))
}
