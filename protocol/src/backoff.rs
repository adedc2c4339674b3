//! How long to stay away after something failed.

use crate::time::Dice;

/// No poll and no repeated request sooner than this after the one before, in milliseconds.
pub const FLOOR: u64 = 1_000;

/// Full jitter between the floor and 2 s, 4 s, 8 s … up to `cap`.
pub fn backoff(failures: u32, cap: u64, dice: &mut impl Dice) -> u64 {
    let reach = FLOOR.checked_shl(failures.min(20)).unwrap_or(cap).min(cap);
    FLOOR + dice.below(reach.saturating_sub(FLOOR).saturating_add(1))
}
