//! How long generations take, as far as it is known: a prior, and what was learned since.
//!
//! A table of shares: how many of all generations complete at which age. Ages are in milliseconds
//! and scaled to the default steps. A table, because durations can have two humps, which no mean
//! and variance tell; of bins that grow with the age, because what matters is relative.
//!
//! The numbers were fitted with `npm run bench -- cadence`.

use super::{INTERVAL, float};

/// Bins of the table; the last one ends at 1,070 s.
const BINS: usize = 128;
/// Where the first bin ends, in milliseconds.
const FIRST: f64 = 4_000.0;
/// How much further each bin ends than the one before.
const RATIO: f64 = 1.045;

/// The bin where the prior is highest, at 39 s: the service says 30-60 s.
const PEAK: f64 = 51.7;
/// The bins from there to where it is a quarter as high: at twice the duration, and at half of it.
const REACH: f64 = 16.0;
/// What makes the prior's shares one in all.
const AREA: f64 = REACH * 1.559;

/// The weight of the prior, in generations.
const PRIOR: f64 = 1.2;
/// How much a new generation counts beside one before it.
const NOVELTY: f64 = 1.3;
/// The least weight of a new generation, so that what was learned long ago fades.
const LEAST: f64 = 0.04;
/// The prior's part in every weight, so that nothing becomes unthinkable.
const KEPT: f64 = 0.002;
/// A completion counts for the durations up to this share of its own away …
const BLUR: f64 = 0.14;
/// … and further while little is known: by this part of its weight.
const HAZE: f64 = 0.25;
/// What was complete at its first check took at least this share of the time until then.
const UNSEEN: f64 = 0.8;
/// The longest duration that is learned, in milliseconds: within the table, however blurred.
const LONGEST: f64 = 600_000.0;
/// The requests that may be saved up, and those that may be owed.
const SAVED: f64 = 20.0;
const OWED: f64 = 60.0;

/// What one base origin's generations have taught.
#[derive(Clone, Debug)]
pub struct Estimate {
    shares: [f64; BINS],
    learned: f64,
    /// Requests spent beyond the documented loop's.
    debt: f64,
}

/// What can be said of a generation that is pending at some age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// The age at which to ask next, in milliseconds.
    pub next: f64,
    /// The age by which it is as likely as not to have completed, in milliseconds.
    pub expected: f64,
}

impl Default for Estimate {
    fn default() -> Self {
        let mut estimate = Self { shares: [0.0; BINS], learned: 0.0, debt: 0.0 };
        estimate.mix(1.0, 1.0, 0.0, 1.0);
        estimate
    }
}

impl Estimate {
    /// Looks ahead from an age, for a generation that takes `scale` times as long as one at the
    /// default steps.
    ///
    /// Checks are spaced by the square root of the inverse hazard, the known near-optimum: from
    /// each to the next, the integral of the hazard's root is the same.
    pub fn outlook(&self, age: f64, scale: f64) -> Outlook {
        let age = age / scale;
        let mut left = self.stride(scale);
        let mut next = None;
        let mut half = None;
        let mut expected = age;
        for bin in self.bins().filter(|bin| bin.to > age) {
            let from = bin.from.max(age);
            let root = (bin.share / bin.alive / (bin.to - bin.from)).sqrt();
            let reach = from + left / root;
            if next.is_none() && reach <= bin.to {
                next = Some(reach);
            }
            left -= root * (bin.to - from);
            if bin.alive > *half.get_or_insert(bin.alive / 2.0) {
                expected = bin.to;
            }
        }
        // Past the table nothing is known but the documented loop.
        Outlook { next: next.map_or(age * scale + float(INTERVAL), |next| next * scale), expected: expected * scale }
    }

    /// The integral of the hazard's root from one check to the next.
    ///
    /// Its mean over whole generations, shared out among the checks that the documented loop makes
    /// in the mean; longer where requests are owed, and shorter where some are saved.
    fn stride(&self, scale: f64) -> f64 {
        let mut roots = 0.0;
        let mut mean = 0.0;
        for bin in self.bins() {
            let width = bin.to - bin.from;
            roots += (bin.share * bin.alive * width).sqrt();
            mean += bin.alive * width;
        }
        let thrift = 1.0 + self.debt * (0.012 + 0.003 * self.debt.max(0.0));
        // The first of equal strides begins before anything can complete: on average, half of one is saved.
        thrift * roots / (documented(mean * scale) - 0.55)
    }

    /// Learns from a generation that was pending at one age and found complete at another, after
    /// so many checks.
    pub fn learn(&mut self, pending: f64, complete: f64, scale: f64, checks: u32) {
        let low = pending.max(complete * UNSEEN);
        let duration = f64::midpoint(low, complete);
        self.debt = (self.debt + f64::from(checks) - documented(duration)).clamp(-SAVED, OWED);
        let weight = (NOVELTY / (self.learned + PRIOR + NOVELTY)).max(LEAST);
        self.learned += 1.0;
        let centre = (duration / scale).min(LONGEST);
        let reach = (centre * (BLUR + HAZE * weight)).max((complete - duration) / scale);
        self.mix(weight, KEPT, centre, reach);
    }

    /// Gives a weight to the durations within reach of one, and a part of that weight to the prior.
    fn mix(&mut self, weight: f64, prior: f64, centre: f64, reach: f64) {
        let mut to = FIRST;
        let mut place = -PEAK / REACH;
        let mut before = 0.0;
        for share in &mut self.shares {
            let after = up_to((to - centre) / reach);
            let hump = 1.0 / (1.0 + place * place);
            *share += weight * ((1.0 - prior) * (after - before) + prior * hump * hump / AREA - *share);
            before = after;
            to *= RATIO;
            place += 1.0 / REACH;
        }
    }

    fn bins(&self) -> impl Iterator<Item = Bin> {
        let (mut from, mut to, mut left) = (0.0, FIRST, 1.0);
        self.shares.iter().map(move |&share| {
            // Half of its own are through in a bin's middle; never quite none is left, whatever was rounded.
            let bin = Bin { from, to, share, alive: (left - share / 2.0).max(1e-9) };
            left -= share;
            from = to;
            to *= RATIO;
            bin
        })
    }
}

/// Generations that complete at about the same age.
struct Bin {
    from: f64,
    to: f64,
    /// How many of all they are.
    share: f64,
    /// How many of all are still pending in the middle of the bin.
    alive: f64,
}

/// Requests that the documented loop makes in the mean for a generation that takes so many
/// milliseconds.
///
/// At once, then every interval until one comes later than it: 1.5 and one for each interval. A
/// little less is allowed, because the middle between two checks overstates how long it took.
fn documented(duration: f64) -> f64 {
    duration / float(INTERVAL) + 1.45
}

/// How much of a triangle of area 1, from -1 to 1, lies up to a place.
fn up_to(place: f64) -> f64 {
    let rest = 1.0 - place.abs().min(1.0);
    let outside = rest * rest / 2.0;
    if place < 0.0 { outside } else { 1.0 - outside }
}
