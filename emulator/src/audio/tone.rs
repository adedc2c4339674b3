//! Synthesis of single tones.

use std::f32::consts::TAU;

use fastrand::Rng;

use super::{
    RATE,
    filter::{Filter, cutoff, white},
    mixer::soft_clip,
    samples, to_f32,
};

/// A unison of oscillators with the same harmonics.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wave {
    /// The frequency of each, beside that of the tone.
    pub(super) unison: &'static [f32],
    /// How far the frequency sways, as a share of it.
    pub(super) vibrato: f32,
    /// The level of a harmonic, by its number and the frequency of the tone.
    pub(super) level: fn(f32, f32) -> f32,
}

/// A decaying sine: its frequency beside that of the tone, its amplitude, and its decay a second.
pub(super) type Mode = (f32, f32, f32);

/// Eight decaying sines, each a phasor that turns and shrinks.
pub(super) fn modes(out: &mut [f32], hz: f32, modes: [Mode; 8]) {
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

/// A plucked string, by the Karplus-Strong algorithm; with `drive`, through a distorting amplifier.
pub(super) fn pluck(out: &mut [f32], hz: f32, drive: f32) {
    let mut rng = Rng::with_seed(u64::from(hz.to_bits()));
    let period = RATE / hz - 0.5;
    let length = samples(period / RATE).max(2);
    let keep = 0.5 * 0.001f32.powf(1.0 / (hz * 3.2));
    let (mut soft, mut softer) = (0.0, 0.0);
    for sample in out.iter_mut().take(length) {
        soft += 0.4 * (white(&mut rng) - soft);
        softer += 0.4 * (soft - softer);
        *sample = softer;
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
    if drive > 0.0 {
        let mut speaker = Filter::default();
        for sample in out {
            speaker.step(soft_clip((*sample * drive).clamp(-3.0, 3.0)), cutoff(4500.0), 1.2);
            *sample = speaker.low;
        }
    }
}

/// Synthesizes a wave from a table of one period.
pub(super) fn wave(out: &mut [f32], hz: f32, wave: &Wave) {
    let table = table(hz, wave.level);
    for (place, detuning) in wave.unison.iter().enumerate() {
        let step = hz * detuning / RATE;
        let mut phase = to_f32(place) * 0.37;
        let mut bend = 1.0;
        for (block, chunk) in out.chunks_mut(64).enumerate() {
            if wave.vibrato > 0.0 {
                let at = to_f32(block) * 64.0 / RATE;
                bend = 1.0 + wave.vibrato * (TAU * 5.2 * at).sin() * (at * 2.0).min(1.0);
            }
            for sample in chunk {
                phase += step * bend;
                phase -= if phase >= 1.0 { 1.0 } else { 0.0 };
                let place = phase * to_f32(TABLE);
                let at = whole(place);
                let (here, next) = (table.get(at & MASK), table.get((at + 1) & MASK));
                let (here, next) = (here.copied().unwrap_or_default(), next.copied().unwrap_or_default());
                *sample += here + (next - here) * (place - to_f32(at));
            }
        }
    }
}

const TABLE: usize = 2048;
const MASK: usize = TABLE - 1;

/// One period, with the harmonics up to 12 kHz.
fn table(hz: f32, level: fn(f32, f32) -> f32) -> [f32; TABLE] {
    let sine: [f32; TABLE] = std::array::from_fn(|at| (TAU * to_f32(at) / to_f32(TABLE)).sin());
    let mut table = [0.0f32; TABLE];
    for n in (1..60).take_while(|n| to_f32(*n) * hz < 12_000.0) {
        let level = level(to_f32(n), hz);
        for (at, sample) in table.iter_mut().enumerate() {
            *sample += level * sine.get((n * at) & MASK).copied().unwrap_or_default();
        }
    }
    table
}

/// How strongly a voice that sings "ah" sounds at a frequency.
pub(super) fn vowel(hz: f32) -> f32 {
    let formant = |centre: f32, width: f32, level: f32| level / (1.0 + ((hz - centre) / width).powi(2));
    formant(730.0, 110.0, 1.0)
        + formant(1100.0, 130.0, 0.6)
        + formant(2600.0, 220.0, 0.35)
        + formant(3400.0, 300.0, 0.2)
}

/// Adds the breath noise of a flute.
pub(super) fn add_breath(out: &mut [f32], hz: f32) {
    let mut rng = Rng::with_seed(7);
    let (mut air, mut edge) = (Filter::default(), Filter::default());
    for sample in out {
        let noise = white(&mut rng);
        air.step(noise * 0.2, cutoff(hz), 0.25);
        edge.step(noise * 0.06, cutoff(4000.0), 1.0);
        *sample += air.band + edge.band;
    }
}

/// The whole part of a number.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
pub(super) fn whole(number: f32) -> usize {
    number as usize
}
