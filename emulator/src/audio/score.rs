//! Chords, bass and melody.

use std::collections::HashMap;

use fastrand::Rng;

use super::{
    brief::Brief,
    mixer::{Mixer, Placement},
    tone::Voice,
};

const MAJOR: [f32; 7] = [0.0, 2.0, 4.0, 5.0, 7.0, 9.0, 11.0];
const MINOR: [f32; 7] = [0.0, 2.0, 3.0, 5.0, 7.0, 8.0, 10.0];

/// Four chords each, by their degree in the scale.
const MAJOR_LOOPS: [[i8; 4]; 5] = [[0, 4, 5, 3], [0, 5, 3, 4], [0, 3, 5, 4], [0, 2, 3, 4], [3, 0, 4, 5]];
const MINOR_LOOPS: [[i8; 4]; 5] = [[0, 5, 2, 6], [0, 3, 5, 6], [0, 6, 5, 6], [0, 5, 3, 4], [0, 2, 6, 3]];

/// The onsets of a bar's notes, in eighths.
const RHYTHMS: [&[u8]; 8] =
    [&[0, 3, 6], &[0, 2, 4, 6], &[0, 4, 6], &[0, 3, 4, 6, 7], &[0, 2, 3, 6], &[2, 4, 6], &[0, 4], &[0, 1, 2, 4]];

/// Plays everything that has a pitch.
pub(super) fn play(brief: &Brief, mixer: &mut Mixer) {
    let mut rng = Rng::with_seed(brief.seed ^ 0x5c0e);
    let beat = 60.0 / brief.bpm;
    let loops = if brief.minor { MINOR_LOOPS } else { MAJOR_LOOPS };
    let mut band = Band {
        mixer,
        tones: HashMap::new(),
        scale: if brief.minor { MINOR } else { MAJOR },
        root: 50.0 + f32::from(rng.u8(0..10)) + brief.transpose,
        eighth: beat / 2.0,
        music: brief.music,
    };
    let chords = rng.choice(loops).unwrap_or([0, 4, 5, 3]);
    let bars = band.bars();
    let motif = Motif::draw(&mut rng);
    let other = Motif::draw(&mut rng);
    for (bar, degree) in (0..bars).zip(chords.into_iter().cycle()) {
        let last = bar + 1 >= bars;
        let degree = if last && bars > 2 { 0 } else { degree };
        band.chord(brief.chords, bar, degree, &mut rng);
        if !brief.music {
            continue;
        }
        if brief.bass && bar >= bars.min(5) / 5 {
            band.bass(bar, degree, brief.bpm);
        }
        let intro = u16::from(bars > 4);
        if bar >= intro && !(last && bars > 2) {
            let motif = if bar % 8 / 2 == 2 { &other } else { &motif };
            band.melody(brief.lead, bar, degree, motif.of(bar - intro));
        }
    }
}

/// Two bars of melody: onset and interval above the root of the chord, for each note.
#[derive(Debug)]
struct Motif([Vec<(u8, i8)>; 2]);

impl Motif {
    fn draw(rng: &mut Rng) -> Self {
        let mut height = rng.i8(2..6);
        Self([(); 2].map(|()| {
            let rhythm = rng.choice(RHYTHMS).unwrap_or(&[0, 4]);
            let steps = rhythm.iter().map(|at| {
                height = (height + rng.choice([-2, -1, -1, 0, 1, 1, 2]).unwrap_or(0)).clamp(0, 9);
                // Notes on strong beats are notes of the chord.
                if at % 4 == 0 && height % 2 == 1 {
                    height += 1;
                }
                (*at, height)
            });
            steps.collect()
        }))
    }

    fn of(&self, bar: u16) -> &[(u8, i8)] {
        let [first, second] = &self.0;
        if bar.is_multiple_of(2) { first } else { second }
    }
}

/// The state that chords, bass and melody share.
struct Band<'a> {
    mixer: &'a mut Mixer,
    tones: HashMap<(Voice, u32), Vec<f32>>,
    scale: [f32; 7],
    root: f32,
    eighth: f32,
    music: bool,
}

impl Band<'_> {
    /// The number of bars; the end may cut the last one short.
    fn bars(&self) -> u16 {
        let length = self.eighth * 8.0;
        let mut bars = 1;
        while f32::from(bars) * length < self.mixer.seconds() {
            bars += 1;
        }
        bars
    }

    /// The semitone of a degree of the scale, which may lie in another octave.
    fn pitch(&self, degree: i8) -> f32 {
        let step = self.scale.get(usize::from(degree.rem_euclid(7).unsigned_abs()));
        self.root + step.copied().unwrap_or_default() + 12.0 * f32::from(degree.div_euclid(7))
    }

    fn start(&self, bar: u16, eighth: u8) -> f32 {
        (f32::from(bar) * 8.0 + f32::from(eighth)) * self.eighth
    }

    fn chord(&mut self, voice: Voice, bar: u16, degree: i8, rng: &mut Rng) {
        // Inverted so that it stays near the root, whichever chord it is.
        let notes = [0, 2, 4].map(|step| self.pitch(degree + step - if degree > 3 { 7 } else { 0 }));
        let quiet = if self.music { 1.0 } else { 0.25 };
        if voice.sustains() || !self.music {
            let voice = if voice.sustains() { voice } else { Voice::Strings };
            let level = if voice == Voice::Synth { 0.07 } else { 0.11 } * quiet;
            for (pitch, pan) in notes.into_iter().zip([-0.5, 0.0, 0.5]) {
                self.note(voice, pitch, self.start(bar, 0), 8.0, Placement { level, pan, room: 0.7 });
            }
            return;
        }
        let [low, middle, high] = notes;
        let order = [low, high, middle, low + 12.0, middle, high, low + 12.0, middle];
        for (at, pitch) in (0..8).zip(order) {
            let level = if at % 4 == 0 { 0.17 } else { 0.11 + 0.03 * rng.f32() };
            let start = self.start(bar, at) + 0.008 * rng.f32();
            self.note(voice, pitch, start, 3.0, Placement { level, pan: -0.25, room: 0.5 });
        }
    }

    fn bass(&mut self, bar: u16, degree: i8, bpm: f32) {
        let mut pitch = self.pitch(degree) - 12.0;
        while pitch > 45.0 {
            pitch -= 12.0;
        }
        let pattern: &[(u8, f32)] = if bpm >= 110.0 {
            &[(0, 1.0), (2, 1.0), (3, 1.0), (4, 1.0), (6, 1.0), (7, 1.0)]
        } else {
            &[(0, 4.0), (4, 3.0), (7, 1.0)]
        };
        for (at, held) in pattern {
            let placement = Placement { level: 0.26, pan: 0.0, room: 0.05 };
            self.note(Voice::Bass, pitch, self.start(bar, *at), *held * 0.95, placement);
        }
    }

    fn melody(&mut self, voice: Voice, bar: u16, degree: i8, motif: &[(u8, i8)]) {
        let base = if degree > 3 { degree - 7 } else { degree };
        let lift = if voice == Voice::Bells { 12.0 } else { 0.0 };
        let level = match voice {
            Voice::Strings | Voice::Synth => 0.16,
            Voice::Flute => 0.2,
            Voice::Guitar => 0.34,
            Voice::Piano | Voice::Bells | Voice::Bass => 0.26,
        };
        for (index, (at, height)) in motif.iter().enumerate() {
            let next = motif.get(index + 1).map_or(8, |(next, _)| *next);
            let pitch = self.pitch(base + 7 + height) + lift;
            let level = level * if at % 4 == 0 { 1.0 } else { 0.8 };
            let start = self.start(bar, *at);
            let held = f32::from(next.saturating_sub(*at)) * if voice.sustains() { 0.95 } else { 1.6 };
            self.note(voice, pitch, start, held, Placement { level, pan: 0.2, room: 0.6 });
            // An echo, three eighths later, from the other side.
            let echo = Placement { level: level * 0.22, pan: -0.5, room: 0.8 };
            self.note(voice, pitch, start + 3.0 * self.eighth, held, echo);
        }
    }

    fn note(&mut self, voice: Voice, pitch: f32, start: f32, eighths: f32, placement: Placement) {
        let hz = 440.0 * ((pitch - 69.0) / 12.0).exp2();
        let held = eighths * self.eighth;
        // Each tone is synthesized once, at the longest duration that its instrument needs.
        let longest = if voice.sustains() { 8.0 * self.eighth } else { 5.0 * self.eighth } + voice.release();
        let tone = self.tones.entry((voice, pitch.to_bits())).or_insert_with(|| voice.tone(hz, longest));
        self.mixer.add(tone, start, (held, voice.release()), placement);
    }
}
