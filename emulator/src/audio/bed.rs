//! Sounds that last: rain, sea, wind, an engine.

use std::f32::consts::TAU;

use fastrand::Rng;

use super::{
    RATE,
    filter::{Filter, cutoff},
    mixer::Mixer,
    sound::Sound,
    to_f32,
};

/// Samples between two changes of a bed's colour.
const BLOCK: usize = 64;

/// Plays what lasts of a sound, if anything does.
pub(super) fn play(sound: Sound, level: f32, rng: &mut Rng, mixer: &mut Mixer) {
    let offset = rng.f32();
    for channel in 0..2 {
        let mut source = Source::new(rng.u64(..));
        let offset = offset + 0.08 * to_f32(channel);
        let mut bed = vec![0.0; mixer.bed_length()];
        for (block, samples) in bed.chunks_mut(BLOCK).enumerate() {
            let Some(colour) = colour(sound, to_f32(block * BLOCK) / RATE, offset) else { return };
            for sample in samples {
                *sample = level * source.next(&colour);
            }
        }
        mixer.add_bed(channel, &bed);
    }
}

/// How a noise sounds at a moment.
#[derive(Debug, Clone, Copy, Default)]
struct Colour {
    /// The frequency of the filter.
    hz: f32,
    damping: f32,
    /// The levels of what lies below that frequency, around it, and of a deep rumble.
    low: f32,
    band: f32,
    rumble: f32,
    /// How often an engine fires a second, and how strongly; 0 for other sounds.
    firing: (f32, f32),
}

/// The colour of a sound at a time in seconds.
fn colour(sound: Sound, at: f32, offset: f32) -> Option<Colour> {
    let sway = |period: f32| (TAU * (at / period + offset)).sin();
    let plain = Colour { damping: 1.2, ..Colour::default() };
    Some(match sound {
        Sound::Rain => {
            let level = 0.12 + 0.02 * sway(5.3);
            Colour { hz: 3400.0 + 300.0 * sway(7.0), low: level, band: 0.5 * level, ..plain }
        }
        Sound::Sea => {
            let swell = (0.5 + 0.5 * sway(8.7)).powi(2);
            let level = 0.05 + 0.3 * swell + 0.04 * sway(3.1);
            Colour { hz: 350.0 + 2600.0 * swell, low: level, band: 0.4 * level, rumble: level, ..plain }
        }
        Sound::Stream => {
            let level = 0.1 + 0.02 * sway(1.7);
            Colour { hz: 1700.0 + 500.0 * sway(2.9), damping: 0.8, low: 0.4 * level, band: level, ..plain }
        }
        Sound::Wind => {
            let gust = 0.5 + 0.3 * sway(6.1) + 0.2 * sway(2.3);
            let level = 0.06 + 0.24 * gust;
            Colour { hz: 280.0 + 620.0 * gust, damping: 0.18, band: 0.8 * level, low: 0.1 * level, ..plain }
        }
        Sound::Fire => Colour { hz: 500.0, low: 0.06 + 0.02 * sway(1.3), rumble: 0.12 + 0.06 * sway(2.1), ..plain },
        Sound::Noise => Colour { hz: 6000.0, low: 0.16, ..plain },
        Sound::Engine => {
            let firing = (62.0 + 5.0 * sway(9.0) + 1.5 * sway(0.7), 0.5);
            Colour { hz: 900.0 + 250.0 * sway(9.0), low: 0.35, band: 0.35, firing, ..plain }
        }
        Sound::Birds | Sound::Crickets => Colour { hz: 2500.0, low: 0.008 + 0.003 * sway(4.7), ..plain },
        Sound::Thunder
        | Sound::Footsteps
        | Sound::Clock
        | Sound::Heartbeat
        | Sound::Whoosh
        | Sound::Bell
        | Sound::Explosion => return None,
    })
}

/// A noise, or the strokes of an engine, before and after its filter.
#[derive(Debug)]
struct Source {
    noise: u32,
    filter: Filter,
    rumble: f32,
    stroke: f32,
}

impl Source {
    fn new(seed: u64) -> Self {
        let noise = u32::try_from(seed >> 32).unwrap_or_default() | 1;
        Self { noise, filter: Filter::default(), rumble: 0.0, stroke: 0.0 }
    }

    fn next(&mut self, colour: &Colour) -> f32 {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 17;
        self.noise ^= self.noise << 5;
        let white = unit(self.noise);
        let (firing, strength) = colour.firing;
        self.stroke += firing / RATE;
        self.stroke -= self.stroke.floor();
        // A stroke decays until the next; its mean is taken off.
        let stroke = strength * ((1.0 - self.stroke).powi(4) - 0.2);
        self.filter.step(white * (1.0 - strength) + 2.0 * stroke, cutoff(colour.hz), colour.damping);
        self.rumble += 0.02 * (white - self.rumble);
        colour.low * self.filter.low + colour.band * self.filter.band + colour.rumble * 2.0 * self.rumble
    }
}

/// Bits as a number from -1 to 1.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_wrap, reason = "noise needs no precision")]
fn unit(bits: u32) -> f32 {
    bits as i32 as f32 / 2_147_483_648.0
}
