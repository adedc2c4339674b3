//! A drum kit.

use std::f32::consts::TAU;

use fastrand::Rng;

use super::{
    RATE,
    brief::Brief,
    filter::{Filter, cutoff, white},
    grid::{Grid, Section},
    mixer::{Mixer, Placement},
    pattern::hits,
    times,
};

/// What the snare plays in the bar that leads to another section.
const FILL: &str = "....X..o..x.xxXX";

/// Plays the beat of the genre, with a fill before each new section.
pub(super) fn play(brief: &Brief, grid: &Grid, mixer: &mut Mixer) {
    if !brief.has_drums || !brief.has_music {
        return;
    }
    let mut rng = Rng::with_seed(brief.seed ^ 0xd7);
    let (kick, snare, hat, cymbal) = (kick(), snare(&mut rng), hat(&mut rng), cymbal(&mut rng));
    let beat = brief.style.beat;
    let mut before = None;
    for bar in 0..grid.bars {
        let section = grid.section(bar);
        let after = grid.section(bar + 1);
        let leads_on = bar + 1 < grid.bars && after != section && section != Section::Break;
        let plays = matches!(section, Section::Verse | Section::Chorus);
        let mut part = |sound: &[f32], pattern, level: f32, pan, room| {
            for hit in hits(pattern) {
                let accent = match hit.symbol {
                    'X' => 1.0,
                    'x' => 0.75,
                    _ => 0.35,
                };
                let level = level * accent * (0.88 + 0.12 * rng.f32());
                mixer.add(sound, grid.at(bar, hit.step), (1.5, 0.005), Placement { level, pan, room });
            }
        };
        if plays {
            part(&kick, beat.kick, 0.6, 0.0, 0.02);
            part(&snare, if leads_on { FILL } else { beat.snare }, 0.36, 0.08, 0.25);
        }
        if plays || section == Section::Intro {
            part(&hat, beat.hat, if plays { 0.34 } else { 0.2 }, -0.3, 0.06);
        }
        if before.is_some_and(|before| before != section) && section != Section::Break {
            part(&cymbal, "X", 0.3, 0.3, 0.3);
        }
        before = Some(section);
    }
}

fn kick() -> Vec<f32> {
    let mut phase = 0.0;
    times(0.3)
        .map(|at| {
            phase += (50.0 + 130.0 * (-at * 34.0).exp()) / RATE;
            let click = (-at * 400.0).exp() * (TAU * 1900.0 * at).sin();
            ((TAU * phase).sin() * (-at * 13.0).exp() + 0.25 * click) * (at * 1000.0).min(1.0)
        })
        .collect()
}

fn snare(rng: &mut Rng) -> Vec<f32> {
    let mut wires = Filter::default();
    times(0.25)
        .map(|at| {
            wires.step(white(rng), cutoff(4200.0), 1.2);
            let body = (TAU * 185.0 * at).sin() + 0.6 * (TAU * 330.0 * at).sin();
            (1.1 * wires.band * (-at * 18.0).exp() + 0.5 * body * (-at * 30.0).exp()) * (at * 1000.0).min(1.0)
        })
        .collect()
}

fn hat(rng: &mut Rng) -> Vec<f32> {
    metal(rng, 0.12, 50.0)
}

fn cymbal(rng: &mut Rng) -> Vec<f32> {
    metal(rng, 1.4, 3.0)
}

/// The high part of a noise, which decays so fast a second.
fn metal(rng: &mut Rng, seconds: f32, decay: f32) -> Vec<f32> {
    let mut low = 0.0;
    times(seconds)
        .map(|at| {
            let noise = white(rng);
            low += 0.6 * (noise - low);
            (noise - low) * (-at * decay).exp() * (at * 1000.0).min(1.0)
        })
        .collect()
}
