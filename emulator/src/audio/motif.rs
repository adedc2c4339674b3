//! Melodies.

use fastrand::Rng;

use super::grid::STEPS;

/// The steps of a bar at which notes begin.
const RHYTHMS: [&[u16]; 10] = [
    &[0, 6, 12],
    &[0, 4, 8, 12],
    &[0, 8, 12],
    &[0, 6, 8, 12, 14],
    &[0, 4, 6, 12],
    &[4, 8, 12],
    &[0, 8],
    &[0, 2, 4, 8],
    &[0, 3, 6, 10, 12],
    &[2, 4, 6, 8],
];

/// A note of a melody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Note {
    /// When it begins in the bar.
    pub(super) step: u16,
    /// How long it is held, in steps.
    pub(super) held: u16,
    /// The interval above the root of the chord, in degrees of the scale.
    pub(super) height: i8,
}

/// Four bars of melody: a phrase, an answer, the phrase, another answer.
#[derive(Debug)]
pub(super) struct Motif([Vec<Note>; 3]);

impl Motif {
    pub(super) fn draw(rng: &mut Rng) -> Self {
        let mut height = rng.i8(2..6);
        Self([(); 3].map(|()| {
            let rhythm = rng.choice(RHYTHMS).unwrap_or(&[0, 8]);
            let ends = rhythm.iter().skip(1).chain([&STEPS]);
            let notes = rhythm.iter().zip(ends).map(|(step, end)| {
                height = (height + rng.choice([-2, -1, -1, 0, 1, 1, 2]).unwrap_or(0)).clamp(0, 9);
                // Notes on strong beats are notes of the chord.
                if step % 8 == 0 && height % 2 == 1 {
                    height += 1;
                }
                Note { step: *step, held: end - step, height }
            });
            notes.collect()
        }))
    }

    pub(super) fn bar(&self, bar: u16) -> &[Note] {
        let [phrase, answer, other] = &self.0;
        match bar % 4 {
            1 => answer,
            3 => other,
            _ => phrase,
        }
    }
}
