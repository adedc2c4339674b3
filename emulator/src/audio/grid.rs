//! When the bars and steps of a track begin, and to which section a bar belongs.

use super::brief::Brief;

/// Steps in a bar.
pub(super) const STEPS: u16 = 16;

/// How much silence precedes the first note of a track that is not a loop, in seconds.
pub(super) const LEAD_IN: f32 = 0.03;

/// The timing of a track.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    /// The number of bars. In a loop they fill it exactly; otherwise the end may cut the last one short.
    pub(super) bars: u16,
    /// A sixteenth, in seconds.
    pub(super) step: f32,
    swing: f32,
    is_loop: bool,
}

/// A part of the form. The parts differ in who plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Intro,
    Verse,
    Chorus,
    Break,
    /// The last bar.
    End,
}

impl Grid {
    /// The tempo of a loop is adjusted so that whole bars fill it.
    pub(super) fn new(brief: &Brief, seconds: f32) -> Self {
        let mut step = 15.0 / brief.bpm;
        let mut bars = 1;
        let is_over = |bars: u16| f32::from(bars) * f32::from(STEPS) * step >= seconds;
        while !is_over(bars) {
            bars += 1;
        }
        if brief.is_loop {
            let excess = f32::from(bars) * f32::from(STEPS) * step - seconds;
            if bars > 1 && excess > f32::from(STEPS) * step / 2.0 {
                bars -= 1;
            }
            step = seconds / f32::from(bars * STEPS);
        }
        Self { bars, step, swing: brief.style.swing, is_loop: brief.is_loop }
    }

    /// When a step of a bar begins, in seconds.
    pub(super) fn at(&self, bar: u16, step: u16) -> f32 {
        let late = if step % 4 == 2 { self.swing * 2.0 } else { 0.0 };
        let lead_in = if self.is_loop { 0.0 } else { LEAD_IN };
        lead_in + (f32::from(bar) * f32::from(STEPS) + f32::from(step) + late) * self.step
    }

    /// To which section a bar belongs.
    pub(super) fn section(&self, bar: u16) -> Section {
        let intro = if self.is_loop || self.bars < 4 { 0 } else { self.bars.min(16) / 8 + 1 };
        let phrase = bar.saturating_sub(intro) / 4;
        if !self.is_loop && self.bars > 2 && bar + 1 >= self.bars {
            Section::End
        } else if bar < intro {
            Section::Intro
        } else if phrase == 2 && self.bars > 15 && bar.saturating_sub(intro) % 4 < 2 {
            Section::Break
        } else if phrase % 2 == 1 {
            Section::Chorus
        } else {
            Section::Verse
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brief(prompt: &str) -> Brief {
        Brief::parse(prompt, "")
    }

    #[test]
    fn whole_bars_fill_a_loop_at_nearly_the_requested_tempo() {
        for seconds in [1.0, 7.0, 30.0, 47.0] {
            let grid = Grid::new(&brief("a loop at 100 bpm"), seconds);
            assert!((grid.at(grid.bars, 0) - seconds).abs() < 0.001, "{seconds}");
            let bpm = 15.0 / grid.step;
            assert!(seconds < 4.0 || (80.0..125.0).contains(&bpm), "{seconds}: {bpm}");
        }
    }

    #[test]
    fn a_song_has_an_intro_a_chorus_a_break_and_an_end_and_a_loop_has_neither_intro_nor_end() {
        let sections = |prompt, seconds| {
            let grid = Grid::new(&brief(prompt), seconds);
            (0..grid.bars).map(|bar| grid.section(bar)).collect::<Vec<_>>()
        };
        let song = sections("120 bpm", 47.0);
        assert_eq!((song[0], song[song.len() - 1]), (Section::Intro, Section::End));
        assert!(song.contains(&Section::Chorus) && song.contains(&Section::Break));
        let repeated = sections("loop, 120 bpm", 30.0);
        assert!(!repeated.contains(&Section::Intro) && !repeated.contains(&Section::End));
    }
}
