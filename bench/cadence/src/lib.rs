//! Measures when the client polls: what it costs in requests, and how late a completion is noticed.
//!
//! Ours is the real machine of `protocol` under a simulated clock; the peers are the loops that
//! their packages document.

pub mod client;
pub mod distribution;
pub mod optimum;
pub mod peer;
pub mod scale;
pub mod trial;

/// A source of randomness for the machine.
#[derive(Debug)]
pub struct BenchRng(pub rand::rngs::SmallRng);

impl protocol::Rng for BenchRng {
    fn next_f64(&mut self) -> f64 {
        rand::RngExt::random(&mut self.0)
    }
}

/// Whole milliseconds as a float.
pub fn float(millis: u64) -> f64 {
    f64::from(u32::try_from(millis).unwrap_or(u32::MAX))
}

/// A share of a whole.
pub fn ratio(part: f64, whole: usize) -> f64 {
    part / f64::from(u32::try_from(whole).unwrap_or(u32::MAX)).max(1.0)
}
