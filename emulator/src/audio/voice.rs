//! The instruments.

use super::{
    RATE, samples, to_f32,
    tone::{self, Mode, Wave},
};

/// An instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Voice {
    Piano,
    ElectricPiano,
    Guitar,
    ElectricGuitar,
    Strings,
    Choir,
    Brass,
    Organ,
    Synth,
    Chip,
    Flute,
    Bells,
    Marimba,
    Bass,
    SynthBass,
}

impl Voice {
    /// Whether a tone sounds for as long as it is held.
    pub(super) fn sustains(self) -> bool {
        !matches!(self, Self::Piano | Self::ElectricPiano | Self::Guitar | Self::Bells | Self::Marimba | Self::Bass)
    }

    /// Whether it takes so long to sound that it suits long notes only.
    pub(super) fn is_slow(self) -> bool {
        self.attack() > 0.1
    }

    /// The attack time in seconds.
    fn attack(self) -> f32 {
        match self {
            Self::Strings => 0.25,
            Self::Choir => 0.3,
            Self::Flute | Self::Brass => 0.05,
            Self::Synth | Self::Organ => 0.012,
            Self::Bass | Self::SynthBass => 0.006,
            Self::Chip | Self::Guitar | Self::ElectricGuitar => 0.004,
            Self::Piano | Self::ElectricPiano | Self::Bells | Self::Marimba => 0.002,
        }
    }

    /// The release time in seconds.
    pub(super) fn release(self) -> f32 {
        match self {
            Self::Strings | Self::Choir => 0.5,
            Self::Piano | Self::ElectricPiano | Self::Bells | Self::Synth => 0.25,
            Self::Guitar | Self::Flute | Self::Brass | Self::Marimba => 0.12,
            Self::Organ | Self::ElectricGuitar | Self::Bass => 0.08,
            Self::Chip | Self::SynthBass => 0.03,
        }
    }

    /// How loud it is beside the others, whose tones have the same power.
    fn level(self) -> f32 {
        match self {
            Self::Chip => 0.5,
            Self::ElectricGuitar => 0.6,
            Self::Synth | Self::Organ | Self::Brass => 0.75,
            _ => 1.0,
        }
    }

    /// Synthesizes a tone; the tones of all instruments have about the same power.
    pub(super) fn tone(self, hz: f32, seconds: f32) -> Vec<f32> {
        let mut out = vec![0.0; samples(seconds)];
        self.synthesize(hz, &mut out);
        let attack = self.attack();
        for (at, sample) in out.iter_mut().take(samples(attack)).enumerate() {
            *sample *= to_f32(at) / (attack * RATE);
        }
        let heard = out.get(..samples(0.5)).unwrap_or(&out);
        let power = heard.iter().map(|sample| sample * sample).sum::<f32>() / to_f32(heard.len().max(1));
        let gain = 0.2 * self.level() / power.sqrt().max(0.001);
        for sample in &mut out {
            *sample *= gain;
        }
        out
    }

    fn synthesize(self, hz: f32, out: &mut [f32]) {
        match self {
            Self::Piano => {
                let bend = |n: f32| n * (1.0 + 0.0004 * n * n).sqrt();
                let ring = 0.9 + hz / 400.0;
                let modes = [1.0, 1.002, 2.0, 2.003, 3.0, 4.0, 5.0, 7.0];
                tone::modes(out, hz, modes.map(|n: f32| (bend(n), n.powf(-0.95), ring + 0.8 * n)));
            }
            Self::ElectricPiano => tone::modes(out, hz, ELECTRIC_PIANO),
            Self::Bells => tone::modes(out, hz, BELLS),
            Self::Marimba => tone::modes(out, hz, MARIMBA),
            Self::Bass => tone::modes(out, hz, BASS),
            Self::Guitar => tone::pluck(out, hz, 0.0),
            Self::ElectricGuitar => tone::pluck(out, hz, 14.0),
            Self::Strings => tone::wave(out, hz, &STRINGS),
            Self::Choir => tone::wave(out, hz, &CHOIR),
            Self::Brass => tone::wave(out, hz, &BRASS),
            Self::Organ => tone::wave(out, hz, &ORGAN),
            Self::Synth => tone::wave(out, hz, &SYNTH),
            Self::Chip => tone::wave(out, hz, &CHIP),
            Self::SynthBass => tone::wave(out, hz, &SYNTH_BASS),
            Self::Flute => {
                tone::wave(out, hz, &FLUTE);
                tone::add_breath(out, hz);
            }
        }
    }
}

const ELECTRIC_PIANO: [Mode; 8] = [
    (1.0, 0.6, 1.2),
    (1.002, 0.3, 1.1),
    (2.0, 0.2, 2.0),
    (3.0, 0.1, 2.6),
    (4.0, 0.08, 4.0),
    (6.0, 0.05, 6.0),
    (14.2, 0.12, 16.0),
    (21.0, 0.05, 24.0),
];

const BELLS: [Mode; 8] = [
    (1.0, 0.4, 1.3),
    (1.003, 0.3, 1.4),
    (0.5, 0.1, 0.9),
    (2.0, 0.15, 2.0),
    (2.76, 0.2, 3.0),
    (2.74, 0.1, 3.0),
    (5.4, 0.14, 5.0),
    (8.93, 0.08, 9.0),
];

const MARIMBA: [Mode; 8] = [
    (1.0, 0.7, 5.0),
    (1.001, 0.3, 3.0),
    (3.93, 0.3, 12.0),
    (9.2, 0.16, 30.0),
    (2.0, 0.05, 6.0),
    (11.0, 0.08, 60.0),
    (15.0, 0.06, 80.0),
    (22.0, 0.04, 90.0),
];

const BASS: [Mode; 8] = [
    (1.0, 0.6, 0.7),
    (2.0, 0.4, 1.4),
    (3.0, 0.25, 2.2),
    (4.0, 0.16, 3.5),
    (5.0, 0.1, 5.0),
    (7.0, 0.06, 8.0),
    (9.0, 0.04, 12.0),
    (12.0, 0.03, 20.0),
];

const STRINGS: Wave =
    Wave { unison: &[0.9965, 1.0, 1.0042], vibrato: 0.0, level: |n, _| (-0.07 * (n - 1.0)).exp() / n };

const CHOIR: Wave = Wave { unison: &[0.997, 1.0035], vibrato: 0.003, level: |n, hz| tone::vowel(n * hz) / n.sqrt() };

const BRASS: Wave = Wave { unison: &[1.0], vibrato: 0.002, level: |n, _| (-0.1 * (n - 1.0)).exp() / n.sqrt() };

/// The levels of an organ's drawbars.
const DRAWBARS: [f32; 8] = [1.0, 0.7, 0.5, 0.4, 0.0, 0.3, 0.0, 0.25];

const ORGAN: Wave = Wave {
    unison: &[0.9995, 1.0008],
    vibrato: 0.0,
    level: |n, _| DRAWBARS.get(tone::whole(n) - 1).copied().unwrap_or(0.0),
};

const SYNTH: Wave = Wave { unison: &[0.997, 1.004], vibrato: 0.0, level: |n, _| (-0.03 * (n - 1.0)).exp() / n };

/// A square wave.
const CHIP: Wave =
    Wave { unison: &[1.0], vibrato: 0.0, level: |n, _| if tone::whole(n) % 2 == 1 { 1.0 / n } else { 0.0 } };

const SYNTH_BASS: Wave =
    Wave { unison: &[0.998, 1.003], vibrato: 0.0, level: |n, _| (-0.06 * (n - 1.0)).exp() / n.sqrt() };

const FLUTE: Wave = Wave { unison: &[1.0], vibrato: 0.0045, level: |n, _| (-0.8 * (n - 1.0)).exp() / n };
