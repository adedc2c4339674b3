//! A soft drum kit.

use std::f32::consts::TAU;

use fastrand::Rng;

use super::{
    RATE,
    brief::Brief,
    mixer::{Mixer, Placement},
};

/// Plays from the third bar on, or from the first in a short clip.
pub(super) fn play(brief: &Brief, mixer: &mut Mixer) {
    if !brief.drums || !brief.music {
        return;
    }
    let mut rng = Rng::with_seed(brief.seed ^ 0xd7);
    let (kick, snare, hat) = (kick(), snare(&mut rng), hat(&mut rng));
    let eighth = 30.0 / brief.bpm;
    let swing = if brief.bpm < 100.0 { 0.12 } else { 0.0 };
    let floor = brief.bpm >= 120.0;
    let syncopated = rng.bool();
    let intro = if mixer.seconds() > 16.0 * eighth * 3.0 { 16u16 } else { 0 };
    let end = mixer.seconds() - 8.0 * eighth;
    for step in intro.. {
        let in_bar = step % 8;
        let late = if step % 2 == 1 { swing * eighth } else { 0.0 };
        let at = f32::from(step) * eighth + late;
        if at >= end.max(eighth * 4.0) {
            break;
        }
        let mut hit = |sound: &[f32], level: f32, pan, room| {
            let level = level * (0.85 + 0.15 * rng.f32());
            mixer.add(sound, at, (1.0, 0.1), Placement { level, pan, room });
        };
        if in_bar == 0 || in_bar == 4 && floor || in_bar == 5 && syncopated || in_bar == 3 && !syncopated {
            hit(&kick, 0.6, 0.0, 0.02);
        } else if floor && in_bar % 2 == 0 {
            hit(&kick, 0.5, 0.0, 0.02);
        }
        if in_bar == 2 || in_bar == 6 {
            hit(&snare, 0.3, 0.1, 0.25);
        }
        hit(&hat, if in_bar % 2 == 0 { 0.07 } else { 0.12 }, -0.3, 0.05);
    }
}

fn kick() -> Vec<f32> {
    let mut phase = 0.0;
    times(0.35)
        .map(|at| {
            phase += (48.0 + 110.0 * (-at * 32.0).exp()) / RATE;
            (TAU * phase).sin() * (-at * 11.0).exp()
        })
        .collect()
}

fn snare(rng: &mut Rng) -> Vec<f32> {
    let mut low = 0.0;
    times(0.25)
        .map(|at| {
            low += 0.35 * (rng.f32() * 2.0 - 1.0 - low);
            low * (-at * 20.0).exp() + 0.4 * (TAU * 185.0 * at).sin() * (-at * 30.0).exp()
        })
        .collect()
}

fn hat(rng: &mut Rng) -> Vec<f32> {
    let mut low = 0.0;
    times(0.09)
        .map(|at| {
            let white = rng.f32() * 2.0 - 1.0;
            low += 0.6 * (white - low);
            (white - low) * (-at * 55.0).exp()
        })
        .collect()
}

fn times(seconds: f32) -> impl Iterator<Item = f32> {
    (0..u16::MAX).map(|at| f32::from(at) / RATE).take_while(move |at| *at < seconds)
}
