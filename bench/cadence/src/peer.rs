//! When other packages poll: each loop as its package documents it.

use rand::RngExt;
use rand::rngs::SmallRng;

use crate::client::PollingCost;

/// A loop that polls at once, then after every wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The service's documentation: 10 s.
    Documented,
    /// fal, replicate: 500 ms.
    HalfSecond,
    /// openai: 5 s.
    FiveSeconds,
    /// Exponential back-off: 1 s, doubled each time, up to 30 s.
    Exponential,
    /// runway: 6 s, give or take 1.5 s.
    Jittered,
    /// elevenlabs: `Retry-After`, or 3 s and up to a quarter more.
    ThreeSeconds,
}

impl Peer {
    /// What tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented loop, 10 s",
            Self::HalfSecond => "fal, replicate: 500 ms",
            Self::FiveSeconds => "openai: 5 s",
            Self::Exponential => "exponential, 1-30 s",
            Self::Jittered => "runway: 6 s ± 1.5 s",
            Self::ThreeSeconds => "elevenlabs: 3 s + jitter",
        }
    }

    /// Milliseconds until the next request, after so many.
    pub fn wait(self, requests: u64, random: &mut SmallRng) -> u64 {
        match self {
            Self::Documented => 10_000,
            Self::HalfSecond => 500,
            Self::FiveSeconds => 5_000,
            Self::Exponential => {
                1_000_u64.checked_shl(u32::try_from(requests - 1).unwrap_or(5).min(5)).unwrap_or(0).min(30_000)
            }
            Self::Jittered => random.random_range(4_500..=7_500),
            Self::ThreeSeconds => random.random_range(3_000..=3_750),
        }
    }

    /// Follows one generation that takes so many milliseconds.
    pub fn follow(self, duration: u64, random: &mut SmallRng) -> PollingCost {
        let mut cost = PollingCost { requests: 1, delay: 0 };
        let mut elapsed = 0;
        while elapsed < duration {
            elapsed += self.wait(cost.requests, random);
            cost.requests += 1;
        }
        PollingCost { delay: elapsed - duration, ..cost }
    }
}
