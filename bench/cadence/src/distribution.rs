//! How long generations take.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution as _, LogNormal, Normal};

/// A distribution of durations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Durations {
    /// Log-normal: the median in seconds, and the deviation of the logarithm.
    LogNormal(f64, f64),
    /// Normal: the mean and the deviation in seconds.
    Normal(f64, f64),
    /// Log-normal around one median in four of five cases, and around another in the fifth.
    Bimodal(f64, f64, f64),
}

impl Durations {
    /// What tables call it.
    pub fn name(self) -> String {
        match self {
            Self::LogNormal(median, deviation) => format!("log-normal {median:.0} s, σ {deviation}"),
            Self::Normal(mean, deviation) => format!("{mean} ± {deviation} s"),
            Self::Bimodal(usual, rare, deviation) => format!("80 % {usual} s, 20 % {rare} s, σ {deviation}"),
        }
    }

    /// One duration, in milliseconds.
    pub fn draw(self, random: &mut SmallRng) -> u64 {
        let seconds = match self {
            Self::LogNormal(median, deviation) => log_normal(median, deviation, random),
            Self::Normal(mean, deviation) => Normal::new(mean, deviation).map_or(mean, |normal| normal.sample(random)),
            Self::Bimodal(usual, rare, deviation) => {
                log_normal(if random.random_bool(0.8) { usual } else { rare }, deviation, random)
            }
        };
        protocol::millis(seconds * 1_000.0).max(1)
    }

    /// So many durations, always the same.
    pub fn sample(self, many: usize, seed: u64) -> Vec<u64> {
        let mut random = SmallRng::seed_from_u64(seed);
        (0..many).map(|_| self.draw(&mut random)).collect()
    }
}

fn log_normal(median: f64, deviation: f64, random: &mut SmallRng) -> f64 {
    LogNormal::new(median.ln(), deviation).map_or(median, |log_normal| log_normal.sample(random))
}
