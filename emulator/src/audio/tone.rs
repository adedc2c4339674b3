//! The instruments: synthesis of single tones.

use std::f32::consts::TAU;

use fastrand::Rng;

use super::{RATE, samples, to_f32};

/// An instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Voice {
    Piano,
    Guitar,
    Strings,
    Synth,
    Flute,
    Bells,
    Bass,
}

impl Voice {
    /// Whether a tone sounds for as long as it is held.
    pub(super) fn sustains(self) -> bool {
        matches!(self, Self::Strings | Self::Synth | Self::Flute)
    }

    /// The release time in seconds.
    pub(super) fn release(self) -> f32 {
        match self {
            Self::Strings => 0.5,
            Self::Synth => 0.3,
            Self::Piano | Self::Bells => 0.25,
            Self::Guitar | Self::Flute | Self::Bass => 0.12,
        }
    }

    /// Synthesizes a tone, at about full scale.
    pub(super) fn tone(self, hz: f32, seconds: f32) -> Vec<f32> {
        let mut out = vec![0.0; samples(seconds)];
        match self {
            Self::Piano => {
                let bend = |n: f32| n * (1.0 + 0.0004 * n * n).sqrt();
                let ring = 0.9 + hz / 400.0;
                modes(
                    &mut out,
                    hz,
                    [1.0, 1.002, 2.0, 2.003, 3.0, 4.0, 5.0, 7.0]
                        .map(|n| (bend(n), 0.34 / n.powf(1.25), ring + 0.7 * n)),
                );
            }
            Self::Bells => modes(
                &mut out,
                hz,
                [
                    (1.0, 0.4, 1.3),
                    (1.003, 0.3, 1.4),
                    (0.5, 0.1, 0.9),
                    (2.0, 0.15, 2.0),
                    (2.76, 0.16, 3.0),
                    (2.74, 0.08, 3.0),
                    (5.4, 0.08, 5.0),
                    (8.93, 0.03, 9.0),
                ],
            ),
            Self::Bass => modes(
                &mut out,
                hz,
                [
                    (1.0, 0.7, 0.7),
                    (2.0, 0.28, 1.6),
                    (3.0, 0.1, 3.0),
                    (4.0, 0.05, 5.0),
                    (5.0, 0.03, 8.0),
                    (0.0, 0.0, 1.0),
                    (0.0, 0.0, 1.0),
                    (0.0, 0.0, 1.0),
                ],
            ),
            Self::Guitar => pluck(&mut out, hz),
            Self::Strings => wavetable(&mut out, hz, 0.16, &[(0.9965, 0.0), (1.0, 0.0), (1.0042, 0.0)]),
            Self::Synth => wavetable(&mut out, hz, 0.045, &[(0.997, 0.0), (1.004, 0.0)]),
            Self::Flute => {
                wavetable(&mut out, hz, 0.9, &[(1.0, 0.0045)]);
                add_breath(&mut out, hz);
            }
        }
        let attack = match self {
            Self::Strings => 0.35,
            Self::Flute => 0.07,
            Self::Synth => 0.03,
            Self::Bass => 0.008,
            Self::Piano | Self::Guitar | Self::Bells => 0.002,
        };
        for (at, sample) in out.iter_mut().take(samples(attack)).enumerate() {
            *sample *= to_f32(at) / (attack * RATE);
        }
        let fall = 0.05;
        for (at, sample) in out.iter_mut().rev().take(samples(fall)).enumerate() {
            *sample *= to_f32(at) / (fall * RATE);
        }
        out
    }
}

/// Eight decaying sines of (ratio, amplitude, decay a second), each a phasor that turns and shrinks.
fn modes(out: &mut [f32], hz: f32, modes: [(f32, f32, f32); 8]) {
    let audible = |ratio: f32| ratio * hz < 16_000.0;
    let turn = modes.map(|(ratio, _, decay)| {
        let (sin, cos) = (TAU * ratio * hz / RATE).sin_cos();
        let shrink = (-decay / RATE).exp();
        (cos * shrink, sin * shrink)
    });
    let (cos, sin) = (turn.map(|turn| turn.0), turn.map(|turn| turn.1));
    let mut re = modes.map(|(ratio, amplitude, _)| if audible(ratio) { amplitude } else { 0.0 });
    let mut im = [0.0f32; 8];
    for sample in out {
        let lanes = re.iter_mut().zip(&mut im).zip(cos.iter().zip(&sin));
        for ((re, im), (cos, sin)) in lanes {
            (*re, *im) = (*re * cos - *im * sin, *re * sin + *im * cos);
        }
        *sample = im.iter().sum();
    }
}

/// A plucked string, by the Karplus-Strong algorithm.
fn pluck(out: &mut [f32], hz: f32) {
    let mut rng = Rng::with_seed(u64::from(hz.to_bits()));
    let period = RATE / hz - 0.5;
    let length = samples(period / RATE).max(2);
    let keep = 0.5 * 0.001f32.powf(1.0 / (hz * 3.2));
    let mut soft = 0.0;
    for sample in out.iter_mut().take(length) {
        soft += 0.45 * (rng.f32() * 2.0 - 1.0 - soft);
        *sample = soft;
    }
    // The position of the pluck on the string: every fifth harmonic is missing.
    for at in (length / 5..length).rev() {
        let (before, after) = out.split_at_mut(at);
        if let (Some(source), Some(sample)) = (before.get(at - length / 5), after.first_mut()) {
            *sample -= 0.8 * source;
        }
    }
    let mean = out.iter().take(length).sum::<f32>() / to_f32(length);
    out.iter_mut().take(length).for_each(|sample| *sample -= mean);
    for at in length..out.len() {
        let (before, after) = out.split_at_mut(at);
        let old = before.get(at - length).copied().unwrap_or_default();
        let older = before.get((at - length).wrapping_sub(1)).copied().unwrap_or_default();
        if let Some(sample) = after.first_mut() {
            *sample = (old + older) * keep;
        }
    }
}

/// A unison of wavetable oscillators of (detuning, vibrato), whose harmonics fall by `damping` each.
fn wavetable(out: &mut [f32], hz: f32, damping: f32, oscillators: &[(f32, f32)]) {
    const SIZE: usize = 2048;
    const MASK: usize = SIZE - 1;
    let mut table = [0.0f32; SIZE];
    let mut n = 1.0f32;
    while n * hz < 9_000.0 && n < 40.0 {
        let amplitude = (-damping * (n - 1.0)).exp() / n;
        for (at, sample) in table.iter_mut().enumerate() {
            *sample += amplitude * (TAU * n * to_f32(at) / to_f32(SIZE)).sin();
        }
        n += 1.0;
    }
    let level = 0.5 / to_f32(oscillators.len()).sqrt();
    for (place, (detuning, vibrato)) in oscillators.iter().enumerate() {
        let step = hz * detuning / RATE;
        let mut phase = to_f32(place) * 0.37;
        let mut bend = 1.0;
        for (block, chunk) in out.chunks_mut(64).enumerate() {
            if *vibrato > 0.0 {
                let at = to_f32(block) * 64.0 / RATE;
                bend = 1.0 + vibrato * (TAU * 5.2 * at).sin() * (at * 2.0).min(1.0);
            }
            for sample in chunk {
                phase += step * bend;
                phase -= if phase >= 1.0 { 1.0 } else { 0.0 };
                let place = phase * to_f32(SIZE);
                let at = whole(place);
                let (here, next) = (table.get(at & MASK), table.get((at + 1) & MASK));
                let (here, next) = (here.copied().unwrap_or_default(), next.copied().unwrap_or_default());
                *sample += level * (here + (next - here) * (place - to_f32(at)));
            }
        }
    }
}

/// Adds the breath noise of a flute.
fn add_breath(out: &mut [f32], hz: f32) {
    let mut rng = Rng::with_seed(7);
    let (mut low, mut band) = (0.0f32, 0.0f32);
    let cutoff = (TAU * hz / RATE).min(0.5);
    for sample in out {
        low += cutoff * band;
        band += cutoff * ((rng.f32() - 0.5) * 0.35 - low - 0.25 * band);
        *sample += band;
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position in a table is small and positive"
)]
fn whole(place: f32) -> usize {
    place as usize
}
