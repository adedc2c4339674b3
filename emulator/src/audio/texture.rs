//! Rain, sea, wind and noise.

use std::f32::consts::TAU;

use fastrand::Rng;

use super::{
    RATE,
    brief::Brief,
    mixer::{Mixer, Placement},
    to_f32,
};

/// A sound without pitch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texture {
    Rain,
    Ocean,
    Wind,
    Noise,
}

/// Plays the textures, quieter if there is music.
pub(super) fn play(brief: &Brief, mixer: &mut Mixer) {
    let mut played = Vec::new();
    for texture in &brief.textures {
        if played.contains(texture) {
            continue;
        }
        played.push(*texture);
        let level = if brief.music { 0.5 } else { 1.0 };
        let mut rng = Rng::with_seed(brief.seed ^ 0x7e57);
        let offset = rng.f32();
        for channel in 0..2 {
            let mut filter = Filter::new(rng.u64(..), offset + 0.08 * to_f32(channel));
            for (block, frames) in mixer.stereo().chunks_mut(64).enumerate() {
                filter.tune(*texture, to_f32(block) * 64.0 / RATE);
                for sample in frames.iter_mut().filter_map(|frame| frame.get_mut(channel)) {
                    *sample += filter.next(*texture) * level;
                }
            }
        }
        if *texture == Texture::Rain {
            drops(&mut rng, mixer, level);
        }
    }
}

/// Noise through a resonant filter with a modulated cutoff.
#[derive(Debug)]
struct Filter {
    noise: u32,
    offset: f32,
    cutoff: f32,
    level: f32,
    low: f32,
    band: f32,
    brown: f32,
}

impl Filter {
    fn new(seed: u64, offset: f32) -> Self {
        let noise = u32::try_from(seed >> 32).unwrap_or_default() | 1;
        Self { noise, offset, cutoff: 0.1, level: 1.0, low: 0.0, band: 0.0, brown: 0.0 }
    }

    fn tune(&mut self, texture: Texture, at: f32) {
        let sway = |period: f32| (TAU * (at / period + self.offset)).sin();
        let (hz, level) = match texture {
            Texture::Rain => (3400.0 + 300.0 * sway(7.0), 0.12 + 0.02 * sway(5.3)),
            Texture::Ocean => {
                let swell = (0.5 + 0.5 * sway(8.7)).powi(2);
                (350.0 + 1500.0 * swell, 0.05 + 0.3 * swell + 0.04 * sway(3.1))
            }
            Texture::Wind => {
                let gust = 0.5 + 0.3 * sway(6.1) + 0.2 * sway(2.3);
                (280.0 + 520.0 * gust, 0.06 + 0.24 * gust)
            }
            Texture::Noise => (6000.0, 0.16),
        };
        self.cutoff = TAU * hz / RATE;
        self.level = level;
    }

    fn next(&mut self, texture: Texture) -> f32 {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 17;
        self.noise ^= self.noise << 5;
        let white = unit(self.noise);
        let damping = if texture == Texture::Wind { 0.18 } else { 1.2 };
        self.low += self.cutoff * self.band;
        self.band += self.cutoff * (white - self.low - damping * self.band);
        self.brown += 0.02 * (white - self.brown);
        self.level
            * match texture {
                Texture::Rain => self.low + 0.5 * self.band,
                Texture::Ocean => self.low + 2.0 * self.brown,
                Texture::Wind => self.band * 0.8,
                Texture::Noise => self.low,
            }
    }
}

/// Single drops: short, bright, anywhere between the loudspeakers.
fn drops(rng: &mut Rng, mixer: &mut Mixer, level: f32) {
    let seconds = mixer.seconds();
    let shapes: Vec<Vec<f32>> = (0..48)
        .map(|_| {
            let (hz, decay) = (900.0 + 4500.0 * rng.f32().powi(2), 90.0 + 160.0 * rng.f32());
            let sound = (0..1600u16).map(|at| {
                let at = f32::from(at) / RATE;
                (TAU * hz * (1.0 + 4.0 * at) * at).sin() * (-decay * at).exp() * (at * 2000.0).min(1.0)
            });
            sound.collect()
        })
        .collect();
    let mut at = 0.0;
    while at < seconds {
        let placement =
            Placement { level: level * (0.02 + 0.14 * rng.f32().powi(3)), pan: rng.f32() * 2.0 - 1.0, room: 0.4 };
        if let Some(shape) = rng.choice(&shapes) {
            mixer.add(shape, at, (1.0, 0.1), placement);
        }
        at += 0.004 + 0.05 * rng.f32();
    }
}

/// Bits as a number from -1 to 1.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_wrap, reason = "noise needs no precision")]
fn unit(bits: u32) -> f32 {
    bits as i32 as f32 / 2_147_483_648.0
}
