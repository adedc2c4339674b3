//! How long generations take: a prior, and what was learned since.
//!
//! A survival table: the weight of the generations that were still pending at each age. Ages are in
//! milliseconds, scaled to the default steps. It is a table because durations may be bimodal, which a mean and
//! a variance cannot express; its ages grow by a ratio because relative differences matter.
//!
//! The numbers were fitted with `npm run bench -- cadence`.

use super::{INTERVAL, float};

/// Ages in the table; the last one is 810 s.
const BINS: usize = 64;
/// The first of them, in milliseconds.
const FIRST: f32 = 2_000.0;
/// The ratio of each age to the one before.
const RATIO: f32 = 1.1;

/// The median of the prior, in milliseconds: the service says 30-60 s, and the early half of that must be
/// covered.
const PRIOR_MEDIAN: f32 = 36_000.0;
/// The spread of the prior: half of it lies between 0.7 and 1.4 times its median.
const PRIOR_SPREAD: f32 = 1.0;
/// The weight of the prior, in generations.
const PRIOR_WEIGHT: f32 = 1.2;
/// The kernel's bandwidth: half of the weight of a completion lies within 3.5 % of its duration.
const BANDWIDTH: f32 = 0.1;
/// The factor by which older weights decay with each generation.
const DECAY: f32 = 0.96;
/// The estimated duration of a generation, as a share of its age when it was found complete.
const NOTICED_SHARE: f32 = 0.98;
/// Requests that the documented loop makes in addition to one for each interval: 1.5 on average, less what
/// `NOTICED_SHARE` overstates if durations vary widely.
const EXTRA_REQUESTS: f32 = 1.26;
/// The largest debt or credit, in requests.
const DEBT_MAX: f32 = 30.0;
/// The number of generations over which the debt is paid back, or the credit spent.
const DEBT_HORIZON: f32 = 10.0;

/// The durations of the generations of one base origin.
#[derive(Clone, Debug)]
pub struct DurationModel {
    /// By age: twice the weight of the generations that took longer.
    pending: [f32; BINS],
    /// Requests made in excess of the documented loop.
    debt: f32,
}

/// The forecast for a generation that is pending at some age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// The age at which to poll next, in milliseconds.
    pub next: f32,
    /// The age by which it will have completed with a probability of one half, in milliseconds.
    pub expected: f32,
}

impl Default for DurationModel {
    fn default() -> Self {
        let mut estimate = Self { pending: [0.0; BINS], debt: 0.0 };
        estimate.add(PRIOR_WEIGHT, PRIOR_MEDIAN, PRIOR_SPREAD);
        estimate
    }
}

impl DurationModel {
    /// The forecast at an age, for a generation that takes `scale` times as long as one at the default steps.
    ///
    /// Polls are spaced by the square root of the inverse hazard, a known near-optimum: between two polls the
    /// integral of the square root of the hazard is constant. That stride is the mean integral over a whole
    /// generation, divided by the average number of polls of the documented loop; less any debt, plus any credit.
    pub fn forecast(&self, age: f32, scale: f32) -> Forecast {
        let whole = self.walk(0.0, 0.0);
        let checks = 1.0 + (whole.mean * scale / INTERVAL - self.debt / DEBT_HORIZON).max(0.0);
        let ahead = self.walk(age / scale, whole.roots / checks);
        // Beyond the table, the documented interval applies.
        let next = if ahead.next > 0.0 { ahead.next * scale } else { age + INTERVAL };
        Forecast { next, expected: ahead.expected * scale }
    }

    /// Integrates over the table, and from an age on until the stride is used up.
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

    /// Learns from a generation that was found complete at an age after so many polls; `None` if the caller set a
    /// fixed interval.
    pub fn learn(&mut self, age: f32, scale: f32, checks: Option<u32>) {
        let duration = age * NOTICED_SHARE;
        if let Some(checks) = checks {
            self.debt =
                (self.debt + float(checks.into()) - duration / INTERVAL - EXTRA_REQUESTS).clamp(-DEBT_MAX, DEBT_MAX);
        }
        self.add(1.0, (duration / scale).max(FIRST), BANDWIDTH);
    }

    /// Adds a weight, spread around a duration, to the decayed weights of all others.
    ///
    /// The kernel is symmetric in the ratio to the duration; its tails fall with the cube of the ratio, so that no
    /// duration becomes impossible.
    fn add(&mut self, weight: f32, duration: f32, reach: f32) {
        let mut age = FIRST;
        for pending in &mut self.pending {
            let away = (age / duration - duration / age) / reach;
            let away = away + away * away * away;
            let tail = weight / (1.0 + away.abs());
            *pending = *pending * DECAY + if away > 0.0 { tail } else { weight + weight - tail };
            age *= RATIO;
        }
    }
}

/// The result of integrating over the table.
struct Walk {
    /// The mean integral of the square root of the hazard over a whole generation.
    roots: f32,
    /// The mean duration.
    mean: f32,
    /// The age at which the stride is used up; 0 if beyond the table.
    next: f32,
    /// The age at which half of those that are pending at the given age still are.
    expected: f32,
}
