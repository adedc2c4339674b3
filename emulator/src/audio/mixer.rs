//! Mixes sounds into a stereo track: panning, reverb send, loudness and fades.

use super::{RATE, reverb, samples, to_f32};

/// One decibel below full scale.
const PEAK: f32 = 0.89;

/// The target RMS level: about -15 dB.
const LOUDNESS: f64 = 0.17;

/// The dry stereo mix, and the reverb send.
#[derive(Debug)]
pub(super) struct Mixer {
    dry: Vec<[f32; 2]>,
    wet: Vec<f32>,
}

/// How a sound is placed in the mix.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placement {
    pub(super) level: f32,
    /// -1 is left, 1 is right.
    pub(super) pan: f32,
    /// The share that is sent to the reverb.
    pub(super) room: f32,
}

impl Mixer {
    pub(super) fn new(frames: usize) -> Self {
        Self { dry: vec![[0.0; 2]; frames], wet: vec![0.0; frames] }
    }

    pub(super) fn seconds(&self) -> f32 {
        to_f32(self.dry.len()) / RATE
    }

    /// The dry mix, for sounds that are stereo already.
    pub(super) fn stereo(&mut self) -> &mut [[f32; 2]] {
        &mut self.dry
    }

    /// Adds a sound at `start`; after `held` seconds it fades out within `release` seconds.
    pub(super) fn add(&mut self, sound: &[f32], start: f32, (held, release): (f32, f32), placement: Placement) {
        let (start, held, release) = (samples(start), samples(held), samples(release).max(1));
        let Some(dry) = self.dry.get_mut(start..) else { return };
        let Some(wet) = self.wet.get_mut(start..) else { return };
        let angle = (placement.pan + 1.0) * std::f32::consts::FRAC_PI_4;
        let (left, right) = (angle.cos() * placement.level, angle.sin() * placement.level);
        let room = placement.level * placement.room;
        let (body, tail) = sound.split_at(held.min(sound.len()));
        let (tail, fall) = (tail.get(..release).unwrap_or(tail), 1.0 / to_f32(release));
        let faded = tail.iter().enumerate().map(|(at, sample)| sample * (1.0 - to_f32(at) * fall));
        for ((sample, dry), wet) in body.iter().zip(&mut *dry).zip(&mut *wet) {
            let [l, r] = dry;
            *l += sample * left;
            *r += sample * right;
            *wet += sample * room;
        }
        let (dry, wet) = (dry.iter_mut().skip(body.len()), wet.iter_mut().skip(body.len()));
        for ((sample, [l, r]), wet) in faded.zip(dry).zip(wet) {
            *l += sample * left;
            *r += sample * right;
            *wet += sample * room;
        }
    }

    /// The finished track, at the target loudness and without clipping.
    pub(super) fn master(mut self) -> Vec<[f32; 2]> {
        reverb::add(&self.wet, &mut self.dry);
        self.fade();
        let (mut peak, mut power) = (0.0f32, 0.0f64);
        for sample in self.dry.as_flattened() {
            peak = peak.max(sample.abs());
            power += f64::from(sample * sample);
        }
        let loudness = (power / f64::from(to_f32(self.dry.len() * 2))).sqrt();
        if peak > 0.0 {
            let level = f64::from(PEAK).min(LOUDNESS * f64::from(peak) / loudness);
            let level = narrow(level) / soft_clip(1.0);
            for sample in self.dry.as_flattened_mut() {
                *sample = soft_clip(*sample / peak) * level;
            }
        }
        self.dry
    }

    fn fade(&mut self) {
        let seconds = self.seconds();
        let (rise, fall) = (samples(0.03), samples((seconds / 4.0).min(2.5)).max(1));
        for (at, frame) in self.dry.iter_mut().take(rise).enumerate() {
            *frame = frame.map(|sample| sample * to_f32(at) / to_f32(rise));
        }
        for (at, frame) in self.dry.iter_mut().rev().take(fall).enumerate() {
            let level = to_f32(at) / to_f32(fall);
            *frame = frame.map(|sample| sample * level * level * (3.0 - 2.0 * level));
        }
    }
}

/// A rational approximation of the hyperbolic tangent.
fn soft_clip(x: f32) -> f32 {
    x * (27.0 + x * x) / (27.0 + 9.0 * x * x)
}

#[allow(clippy::cast_possible_truncation, reason = "a level between 0 and 1")]
fn narrow(level: f64) -> f32 {
    level as f32
}
