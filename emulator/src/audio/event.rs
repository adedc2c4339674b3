//! Sounds that happen again and again: drops, steps, bells.

use std::f32::consts::TAU;

use fastrand::Rng;

use super::{
    RATE,
    filter::{Filter, cutoff, white},
    grid::LEAD_IN,
    mixer::{Mixer, Placement},
    samples, times, to_f32, tone,
};

/// How often a sound happens, and how much each one differs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) shape: fn(&mut Rng) -> Vec<f32>,
    /// How many shapes are drawn.
    pub(super) variants: usize,
    /// Seconds from one to the next.
    pub(super) gap: f32,
    /// How irregular that is, from 0 to 1.
    pub(super) jitter: f32,
    pub(super) level: f32,
    /// How much quieter the quietest is, from 0 to 1.
    pub(super) variation: f32,
    /// How far from the centre it happens.
    pub(super) spread: f32,
    pub(super) room: f32,
}

impl Default for Event {
    fn default() -> Self {
        let (jitter, level, variation, spread) = (1.0, 1.0, 0.9, 1.0);
        Self { shape: drop, variants: 1, gap: 1.0, jitter, level, variation, spread, room: 0.4 }
    }
}

impl Event {
    /// The first one is heard at once. The gap is adjusted so that it divides the track, as a loop requires.
    pub(super) fn play(self, level: f32, rng: &mut Rng, mixer: &mut Mixer) {
        let shapes: Vec<_> = (0..self.variants).map(|_| (self.shape)(rng)).collect();
        let count = (mixer.seconds() / self.gap).round().max(1.0);
        let gap = mixer.seconds() / count;
        for at in 0..tone::whole(count) {
            let late = if at == 0 { 0.0 } else { self.jitter * rng.f32() };
            let start = LEAD_IN + gap * (to_f32(at) + late);
            let level = level * self.level * (1.0 - self.variation * rng.f32().sqrt());
            let placement = Placement { level, pan: self.spread * white(rng), room: self.room };
            if let Some(shape) = rng.choice(&shapes) {
                mixer.add(shape, start, (10.0, 0.005), placement);
            }
        }
    }
}

/// A sine that glides from one frequency to another, faded in and out.
fn glide(seconds: f32, from: f32, to: f32) -> impl Iterator<Item = f32> {
    let mut phase = 0.0;
    times(seconds).map(move |at| {
        let share = at / seconds;
        phase += (from + (to - from) * share) / RATE;
        (TAU * phase).sin() * (std::f32::consts::PI * share).sin()
    })
}

pub(super) fn drop(rng: &mut Rng) -> Vec<f32> {
    let (hz, decay) = (900.0 + 4500.0 * rng.f32().powi(2), 90.0 + 160.0 * rng.f32());
    times(0.036)
        .map(|at| (TAU * hz * (1.0 + 4.0 * at) * at).sin() * (-decay * at).exp() * (at * 2000.0).min(1.0))
        .collect()
}

pub(super) fn bubble(rng: &mut Rng) -> Vec<f32> {
    let from = 350.0 + 900.0 * rng.f32();
    glide(0.03 + 0.05 * rng.f32(), from, from * (1.3 + 0.5 * rng.f32())).collect()
}

pub(super) fn crackle(rng: &mut Rng) -> Vec<f32> {
    let (mut filter, hz, decay) = (Filter::default(), 1200.0 + 2600.0 * rng.f32(), 150.0 + 500.0 * rng.f32());
    times(0.03)
        .map(|at| {
            filter.step(white(rng), cutoff(hz), 0.6);
            filter.band * (-decay * at).exp() * (at * 4000.0).min(1.0)
        })
        .collect()
}

pub(super) fn thunder(rng: &mut Rng) -> Vec<f32> {
    let (mut rumble, mut crack) = (Filter::default(), Filter::default());
    let (phase, rate) = (rng.f32(), 1.5 + rng.f32());
    times(4.5)
        .map(|at| {
            let noise = white(rng);
            let roll = 0.6 + 0.4 * (TAU * (phase + rate * at)).sin();
            rumble.step(noise, cutoff(90.0 + 500.0 * (-2.5 * at).exp()), 1.0);
            crack.step(noise, cutoff(2600.0), 1.2);
            let crack = 0.5 * crack.band * (-9.0 * at).exp();
            (3.5 * rumble.low * roll * (-0.9 * at).exp() + crack) * (at * 60.0).min(1.0)
        })
        .collect()
}

pub(super) fn chirp(rng: &mut Rng) -> Vec<f32> {
    let (base, rise) = (2300.0 + 2200.0 * rng.f32(), 0.7 + 0.7 * rng.f32());
    let (count, long) = (rng.usize(2..6), 0.05 + 0.07 * rng.f32());
    let mut sound = Vec::new();
    for _ in 0..count {
        let from = base * (0.9 + 0.2 * rng.f32());
        sound.extend(glide(long, from, from * rise));
        sound.resize(sound.len() + samples(0.03), 0.0);
    }
    sound
}

pub(super) fn cricket(rng: &mut Rng) -> Vec<f32> {
    let hz = 3900.0 + 900.0 * rng.f32();
    let mut sound = Vec::new();
    for _ in 0..3 {
        sound.extend(glide(0.028, hz, hz));
        sound.resize(sound.len() + samples(0.012), 0.0);
    }
    sound
}

pub(super) fn footstep(rng: &mut Rng) -> Vec<f32> {
    let (mut heel, mut sole) = (Filter::default(), Filter::default());
    let (hz, late) = (1800.0 + 1400.0 * rng.f32(), 0.05 + 0.03 * rng.f32());
    times(0.3)
        .map(|at| {
            let noise = white(rng);
            heel.step(noise, cutoff(260.0), 0.7);
            sole.step(noise, cutoff(hz), 0.9);
            let scrape = (-28.0 * (at - late).abs()).exp() * (at * 40.0).min(1.0);
            2.2 * heel.low * (-30.0 * at).exp() * (at * 800.0).min(1.0) + 0.35 * sole.band * scrape
        })
        .collect()
}

pub(super) fn tick(rng: &mut Rng) -> Vec<f32> {
    let hz = 1700.0 + 900.0 * rng.f32();
    times(0.08)
        .map(|at| {
            let modes = (TAU * hz * at).sin() + 0.7 * (TAU * hz * 2.3 * at).sin() + 0.4 * (TAU * 420.0 * at).sin();
            modes * (-110.0 * at).exp() * (at * 3000.0).min(1.0)
        })
        .collect()
}

pub(super) fn heartbeat(_: &mut Rng) -> Vec<f32> {
    let thump = |at: f32, hz: f32| {
        let tone = (TAU * hz * at).sin() + 0.9 * (TAU * hz * 2.0 * at).sin() + 0.6 * (TAU * hz * 3.1 * at).sin();
        if at < 0.0 { 0.0 } else { tone * (-16.0 * at).exp() * (at * 90.0).min(1.0) }
    };
    times(0.6).map(|at| thump(at, 58.0) + 0.7 * thump(at - 0.26, 70.0)).collect()
}

pub(super) fn whoosh(rng: &mut Rng) -> Vec<f32> {
    let (mut air, seconds, peak) = (Filter::default(), 1.0 + 0.8 * rng.f32(), 0.35 + 0.3 * rng.f32());
    times(seconds)
        .map(|at| {
            let share = at / seconds;
            let height = if share < peak { share / peak } else { (1.0 - share) / (1.0 - peak) };
            air.step(white(rng), cutoff(250.0 + 3600.0 * height * height), 0.35);
            air.band * height * height
        })
        .collect()
}

pub(super) fn bell(rng: &mut Rng) -> Vec<f32> {
    let mut sound = vec![0.0; samples(5.0)];
    let modes = [
        (0.5, 0.3, 0.5),
        (1.0, 0.4, 0.8),
        (1.2, 0.3, 1.0),
        (1.5, 0.2, 1.2),
        (2.0, 0.4, 1.4),
        (2.66, 0.2, 2.2),
        (4.1, 0.16, 3.5),
        (6.8, 0.1, 6.0),
    ];
    tone::modes(&mut sound, 330.0 + 200.0 * rng.f32(), modes);
    sound.iter_mut().zip(times(0.002)).for_each(|(sample, at)| *sample *= at * 500.0);
    sound
}

pub(super) fn explosion(rng: &mut Rng) -> Vec<f32> {
    let (mut blast, mut phase) = (Filter::default(), 0.0);
    times(3.0)
        .map(|at| {
            blast.step(white(rng), cutoff(110.0 + 4500.0 * (-5.0 * at).exp()), 1.0);
            phase += (34.0 + 60.0 * (-6.0 * at).exp()) / RATE;
            let body = 0.5 * (TAU * phase).sin() * (-2.2 * at).exp();
            ((blast.low + 0.5 * blast.band) * 1.4 * (-1.8 * at).exp() + body) * (at * 300.0).min(1.0)
        })
        .collect()
}
