//! How long generations take, as far as it is known: a prior, and what was learned since.
//!
//! A table: how many of the generations so far were still pending at which age. Ages are in
//! milliseconds and scaled to the default steps. A table, because durations can have two humps,
//! which no mean and variance tell; of ages that grow by a ratio, because what matters is relative.
//!
//! The numbers were fitted with `npm run bench -- cadence`.

use super::{INTERVAL, float};

/// Ages in the table; the last one is 810 s.
const BINS: usize = 64;
/// The first of them, in milliseconds.
const FIRST: f32 = 2_000.0;
/// How much further each is than the one before.
const RATIO: f32 = 1.1;

/// The middle of the prior, in milliseconds: the service says 30-60 s, of which the early half
/// must not be slept through.
const TYPICAL: f32 = 36_000.0;
/// How far the prior spreads: half of it lies between 0.7 and 1.4 times its middle.
const SPREAD: f32 = 1.0;
/// The weight of the prior, in generations.
const PRIOR: f32 = 1.2;
/// How far a completion counts for the durations around its own: half of it within 3.5 %.
const BLUR: f32 = 0.1;
/// What is left of every weight after another generation, so that what was learned long ago fades.
const KEPT: f32 = 0.96;
/// How long a generation took, as a share of its age when it was found complete. That it was
/// pending at the check before would tell little more.
const NOTICED: f32 = 0.98;
/// Requests that the documented loop makes beside one for each interval of a duration: 1.5 in the
/// mean, less what `NOTICED` overstates where durations vary widely.
const EXTRA: f32 = 1.26;
/// The most requests that are owed, or saved up.
const MOST: f32 = 30.0;
/// Over so many generations they are paid back, or spent.
const TERM: f32 = 10.0;

/// What one base origin's generations have taught.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// By age: twice the weight of the generations that took longer.
    pending: [f32; BINS],
    /// Requests spent beyond the documented loop's.
    debt: f32,
}

/// What can be said of a generation that is pending at some age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// The age at which to ask next, in milliseconds.
    pub next: f32,
    /// The age by which it is as likely as not to have completed, in milliseconds.
    pub expected: f32,
}

impl Default for Estimate {
    fn default() -> Self {
        let mut estimate = Self { pending: [0.0; BINS], debt: 0.0 };
        estimate.add(PRIOR, TYPICAL, SPREAD);
        estimate
    }
}

impl Estimate {
    /// Looks ahead from an age, for a generation that takes `scale` times as long as one at the
    /// default steps.
    ///
    /// Checks are spaced by the square root of the inverse hazard, the known near-optimum: from
    /// each to the next, the integral of the hazard's root is the same. That stride is its mean
    /// over whole generations, shared out among the checks that the documented loop makes in the
    /// mean; fewer where requests are owed, and more where some are saved.
    pub fn outlook(&self, age: f32, scale: f32) -> Outlook {
        let whole = self.walk(0.0, 0.0);
        let checks = 1.0 + (whole.mean * scale / INTERVAL - self.debt / TERM).max(0.0);
        let ahead = self.walk(age / scale, whole.roots / checks);
        // Past the table nothing is known but the documented loop.
        let next = if ahead.next > 0.0 { ahead.next * scale } else { age + INTERVAL };
        Outlook { next, expected: ahead.expected * scale }
    }

    /// Walks through the table, and from an age on until a stride is used up.
    fn walk(&self, age: f32, mut stride: f32) -> Walk {
        let mut walk = Walk { roots: 0.0, mean: 0.0, next: 0.0, expected: age };
        let all = self.pending[0];
        let (mut from, mut before) = (0.0, all);
        let mut to = FIRST;
        let mut half = 0.0;
        for &after in &self.pending {
            let alive = f32::midpoint(before, after);
            let span = alive * (to - from);
            let root = ((before - after) / span).sqrt();
            walk.roots += root * span / all;
            walk.mean += span / all;
            if age < to {
                let start = if from <= age {
                    half = alive / 2.0;
                    age
                } else {
                    from
                };
                let next = start + stride / root;
                if stride > 0.0 && next <= to {
                    walk.next = next;
                }
                stride -= root * (to - start);
                if alive > half {
                    walk.expected = to;
                }
            }
            (from, before) = (to, after);
            to *= RATIO;
        }
        walk
    }

    /// Learns from a generation that was found complete at an age, after so many checks; none are
    /// counted where the caller set their pace.
    pub fn learn(&mut self, age: f32, scale: f32, checks: Option<u32>) {
        let duration = age * NOTICED;
        if let Some(checks) = checks {
            self.debt = (self.debt + float(checks.into()) - duration / INTERVAL - EXTRA).clamp(-MOST, MOST);
        }
        self.add(1.0, (duration / scale).max(FIRST), BLUR);
    }

    /// Adds a weight, spread around a duration, to what is left of all others.
    ///
    /// Half of it is longer and half shorter, by the same ratios; far away, it falls with the
    /// ratio's cube, so that nothing is unthinkable.
    fn add(&mut self, weight: f32, duration: f32, reach: f32) {
        let mut age = FIRST;
        for pending in &mut self.pending {
            let away = (age / duration - duration / age) / reach;
            let away = away + away * away * away;
            let tail = weight / (1.0 + away.abs());
            *pending = *pending * KEPT + if away > 0.0 { tail } else { weight + weight - tail };
            age *= RATIO;
        }
    }
}

/// What a walk through the table finds.
struct Walk {
    /// The integral of the hazard's root over a whole generation, in the mean.
    roots: f32,
    /// How long a generation takes in the mean.
    mean: f32,
    /// Where the stride is used up; 0 where that is past the table.
    next: f32,
    /// Where half of those that are pending at the age still are.
    expected: f32,
}
