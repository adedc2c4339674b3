//! One gate for all jobs of a module and origin: a 429 closes it for everyone.

use crate::backoff::{FLOOR, backoff};
use crate::time::{Dice, Now, Timer};

/// Between two jobs that resume after a pause, in milliseconds.
const SPREAD: u64 = 100;

/// Closed by a 429, it opens by itself; those that waited resume one after another.
#[derive(Debug, Default)]
pub struct Gate {
    pause: Option<Timer>,
    strikes: u32,
    waiting: u64,
}

impl Gate {
    /// Milliseconds until it opens; 0 where it is open.
    pub fn left(&self, now: Now) -> u64 {
        self.pause.map_or(0, |pause| pause.left(now))
    }

    /// A 429 came. One pause for all that were under way: further 429s lengthen it only where
    /// they ask for more.
    pub fn close(&mut self, now: Now, retry_after: Option<u64>, dice: &mut impl Dice) {
        let left = self.left(now);
        if left == 0 {
            self.strikes = self.strikes.saturating_add(1);
            self.waiting = 0;
        }
        let wait = match retry_after {
            Some(asked) => asked.max(FLOOR),
            None if left > 0 => return,
            None => backoff(self.strikes, 60_000, dice),
        };
        if wait > left {
            self.pause = Some(Timer::start(now, wait));
        }
    }

    /// A reply that was no 429 came through the open gate.
    pub fn passed(&mut self, now: Now) {
        if self.left(now) == 0 {
            self.pause = None;
            self.strikes = 0;
        }
    }

    /// Milliseconds that one more job has to wait: each a little longer than the one before.
    pub fn queue(&mut self, now: Now, dice: &mut impl Dice) -> u64 {
        match self.left(now) {
            0 => 0,
            left => {
                let place = self.waiting.saturating_mul(SPREAD);
                self.waiting = self.waiting.saturating_add(1);
                left.saturating_add(place).saturating_add(dice.below(SPREAD))
            }
        }
    }
}
