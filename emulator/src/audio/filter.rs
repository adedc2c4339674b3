//! Noise, and the filter that colours it.

use std::f32::consts::TAU;

use fastrand::Rng;

use super::RATE;

/// A two-pole filter whose frequency can change at every sample.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Filter {
    /// What lies below the frequency.
    pub(super) low: f32,
    /// What lies around it.
    pub(super) band: f32,
}

impl Filter {
    /// Filters one sample. The smaller `damping`, the sharper the resonance.
    pub(super) fn step(&mut self, sample: f32, cutoff: f32, damping: f32) {
        self.low += cutoff * self.band;
        self.band += cutoff * (sample - self.low - damping * self.band);
    }
}

/// The filter's coefficient for a frequency, up to 7 kHz, where the filter is still stable.
pub(super) fn cutoff(hz: f32) -> f32 {
    TAU * hz.min(7000.0) / RATE
}

/// A sample of white noise, from -1 to 1.
pub(super) fn white(rng: &mut Rng) -> f32 {
    rng.f32() * 2.0 - 1.0
}
