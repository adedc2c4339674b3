//! All randomness of a run, from one seed.

use fastrand::Rng as Generator;
use protocol::Rng;

/// A run's source of randomness.
#[derive(Debug)]
pub(crate) struct SimRng(Generator);

impl SimRng {
    /// The randomness of one run of many. It depends on nothing else, so the results do not depend on the
    /// number of threads.
    pub(crate) fn of(seed: u64, index: u64) -> Self {
        Self(Generator::with_seed(mix(mix(seed).wrapping_add(index))))
    }

    /// A number to seed something else with.
    pub(crate) fn seed(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// Whether it happens, with that probability.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.0.f64() < probability
    }

    /// Once in so many times.
    pub(crate) fn one_in(&mut self, times: u32) -> bool {
        self.0.u32(..times.max(1)) == 0
    }

    /// Anything from `least` to `most`.
    pub(crate) fn within(&mut self, least: u64, most: u64) -> u64 {
        self.0.u64(least..=most.max(least))
    }

    /// From `least` to so many doublings of it, each order of magnitude as often as any other.
    pub(crate) fn span(&mut self, least: u64, doublings: u32) -> u64 {
        let most = least << self.0.u32(0..=doublings);
        self.within(least, most)
    }

    /// One of several.
    pub(crate) fn pick<T: Copy>(&mut self, several: &[T]) -> T {
        several[self.0.usize(..several.len())]
    }
}

impl Rng for SimRng {
    fn next_f64(&mut self) -> f64 {
        self.0.f64()
    }
}

/// The finaliser of `SplitMix64`: similar numbers become different ones.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
