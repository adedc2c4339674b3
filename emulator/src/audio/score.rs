//! Chords, bass and melody.

use std::collections::HashMap;

use fastrand::Rng;

use super::{
    brief::Brief,
    grid::{Grid, STEPS, Section},
    mixer::{Mixer, Placement},
    motif::{Motif, Note},
    pattern::hits,
    voice::Voice,
};

const MAJOR: [f32; 7] = [0.0, 2.0, 4.0, 5.0, 7.0, 9.0, 11.0];
const MINOR: [f32; 7] = [0.0, 2.0, 3.0, 5.0, 7.0, 8.0, 10.0];

/// Four chords each, by their degree in the scale.
const MAJOR_LOOPS: [[i8; 4]; 5] = [[0, 4, 5, 3], [0, 5, 3, 4], [0, 3, 5, 4], [0, 2, 3, 4], [3, 0, 4, 5]];
const MINOR_LOOPS: [[i8; 4]; 5] = [[0, 5, 2, 6], [0, 3, 5, 6], [0, 6, 5, 6], [0, 5, 3, 4], [0, 2, 6, 3]];

/// A pattern that holds one chord or note for a bar.
const WHOLE_BAR: [&str; 2] = ["#---------------", "1---------------"];

/// Plays everything that has a pitch.
pub(super) fn play(brief: &Brief, grid: &Grid, mixer: &mut Mixer) {
    if !brief.has_music {
        return;
    }
    let mut rng = Rng::with_seed(brief.seed ^ 0x5c0e);
    let loops = if brief.minor { MINOR_LOOPS } else { MAJOR_LOOPS };
    let progression = rng.choice(loops).unwrap_or([0, 4, 5, 3]);
    let root = 50.0 + f32::from(rng.u8(0..10)) + brief.transpose;
    let chord_pattern = if brief.chords.is_slow() { None } else { rng.choice(brief.style.chord_patterns) };
    let bass_pattern = rng.choice(brief.style.bass_patterns);
    let (verse, chorus) = (Motif::draw(&mut rng), Motif::draw(&mut rng));
    let scale = if brief.minor { MINOR } else { MAJOR };
    let mut band = Band { brief, grid, mixer, tones: HashMap::new(), scale, root, rng };
    let [chord_held, bass_held] = WHOLE_BAR;
    for (bar, degree) in (0..grid.bars).zip(progression.into_iter().cycle()) {
        let section = grid.section(bar);
        if section == Section::End {
            band.chord(bar, 0, chord_held);
            band.bass(bar, 0, bass_held);
            continue;
        }
        band.chord(bar, degree, chord_pattern.unwrap_or(chord_held));
        if matches!(section, Section::Verse | Section::Chorus) {
            band.bass(bar, degree, bass_pattern.unwrap_or(bass_held));
        }
        if section == Section::Chorus {
            band.pad(bar, degree);
        }
        match section {
            Section::Verse | Section::Break => band.melody(bar, degree, verse.bar(bar), false),
            Section::Chorus => band.melody(bar, degree, chorus.bar(bar), true),
            Section::Intro | Section::End => {}
        }
    }
}

/// The players, and what they share.
struct Band<'a> {
    brief: &'a Brief,
    grid: &'a Grid,
    mixer: &'a mut Mixer,
    tones: HashMap<(Voice, u32), Vec<f32>>,
    scale: [f32; 7],
    root: f32,
    rng: Rng,
}

impl Band<'_> {
    /// The semitone of a degree of the scale, which may lie in another octave.
    fn pitch(&self, degree: i8) -> f32 {
        let step = self.scale.get(usize::from(degree.rem_euclid(7).unsigned_abs()));
        self.root + step.copied().unwrap_or_default() + 12.0 * f32::from(degree.div_euclid(7))
    }

    /// Inverted so that it stays near the root, whichever chord it is.
    fn chord_notes(&self, degree: i8) -> [f32; 4] {
        let fourth = if self.brief.style.sevenths { 6 } else { 7 };
        [0, 2, 4, fourth].map(|step| self.pitch(degree + step - if degree > 3 { 7 } else { 0 }))
    }

    fn chord(&mut self, bar: u16, degree: i8, pattern: &str) {
        let voice = self.brief.chords;
        let notes = self.chord_notes(degree);
        for hit in hits(pattern) {
            let accent = if hit.step % 4 == 0 { 1.0 } else { 0.8 };
            let number = hit.symbol.to_digit(10);
            for (note, (pitch, pan)) in (1..).zip(notes.into_iter().zip([-0.5, 0.1, 0.5, -0.2])) {
                if number.is_none_or(|number| number == note) {
                    let level = accent * if number.is_some() { 0.42 } else { 0.24 };
                    // A note of its own rings on; the chord is damped.
                    let held = if number.is_some() && !voice.sustains() { hit.held * 3 } else { hit.held };
                    let placement = Placement { level, pan, room: 0.5 };
                    self.note(voice, pitch, (bar, hit.step), held, placement);
                }
            }
        }
    }

    /// Holds the chord an octave higher, softly.
    fn pad(&mut self, bar: u16, degree: i8) {
        for (pitch, pan) in self.chord_notes(degree).into_iter().zip([-0.8, 0.8, -0.4, 0.4]) {
            let placement = Placement { level: 0.09, pan, room: 0.7 };
            self.note(Voice::Strings, pitch + 12.0, (bar, 0), STEPS, placement);
        }
    }

    fn bass(&mut self, bar: u16, degree: i8, pattern: &str) {
        if !self.brief.has_bass {
            return;
        }
        for hit in hits(pattern) {
            let interval = hit.symbol.to_digit(8).and_then(|digit| i8::try_from(digit).ok()).unwrap_or(8);
            let mut pitch = self.pitch(degree + interval - 1);
            while pitch > 48.0 {
                pitch -= 12.0;
            }
            let placement = Placement { level: 0.38, pan: 0.0, room: 0.05 };
            self.note(self.brief.style.bass_voice, pitch, (bar, hit.step), hit.held, placement);
        }
    }

    /// Plays a motif; `is_doubled` adds a second voice a third lower.
    fn melody(&mut self, bar: u16, degree: i8, motif: &[Note], is_doubled: bool) {
        let voice = self.brief.lead;
        let base = 7 + if degree > 3 { degree - 7 } else { degree };
        let is_high = matches!(voice, Voice::Bells | Voice::Marimba) && self.root < 55.0;
        let lift = if is_high { 12.0 } else { 0.0 };
        for note in motif {
            let pitch = self.pitch(base + note.height) + lift;
            let level = if note.step % 8 == 0 { 0.55 } else { 0.45 };
            let held = if voice.sustains() { note.held } else { note.held * 2 };
            let at = (bar, note.step);
            self.note(voice, pitch, at, held, Placement { level, pan: 0.2, room: 0.5 });
            if is_doubled && note.step % 8 == 0 {
                let pitch = self.pitch(base + note.height - 2) + lift;
                self.note(voice, pitch, at, held, Placement { level: level * 0.45, pan: -0.3, room: 0.6 });
            }
            // An echo, three eighths later, from the other side.
            let echo = Placement { level: level * 0.2, pan: -0.5, room: 0.8 };
            self.note(voice, pitch, (bar, note.step + 6), held, echo);
        }
    }

    fn note(&mut self, voice: Voice, pitch: f32, (bar, step): (u16, u16), held: u16, placement: Placement) {
        let hz = 440.0 * ((pitch - 69.0) / 12.0).exp2();
        // No player is quite in time.
        let start = self.grid.at(bar, step) + 0.006 * self.rng.f32();
        let held = f32::from(held) * self.grid.step * 0.96;
        // Each tone is synthesized once, for a whole bar.
        let longest = f32::from(STEPS) * self.grid.step + voice.release();
        let tone = self.tones.entry((voice, pitch.to_bits())).or_insert_with(|| voice.tone(hz, longest));
        self.mixer.add(tone, start, (held, voice.release()), placement);
    }
}
