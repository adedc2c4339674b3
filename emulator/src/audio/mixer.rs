//! Mixes sounds into a stereo track: panning, reverb send, loudness, fades and the seam of a loop.

use super::{RATE, reverb, samples, to_f32};

/// One decibel below full scale.
const PEAK: f32 = 0.89;

/// The target RMS level: about -15 dB.
const LOUDNESS: f64 = 0.17;

/// How hard the peaks are driven, for each unit of their height above the RMS level.
const CREST: f64 = 0.22;

/// Over how many seconds the end of a bed leads into its start.
const CROSSFADE: f32 = 2.0;

/// How many seconds the reverb sounds on.
const REVERB_TAIL: f32 = 3.0;

/// How far before the first beat a loop may be cut, in seconds.
const SEAM: f32 = 0.08;

/// The dry stereo mix, and the reverb send.
#[derive(Debug)]
pub(super) struct Mixer {
    dry: Vec<[f32; 2]>,
    wet: Vec<f32>,
    /// What sounds beyond the end sounds on at the start.
    is_loop: bool,
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
    pub(super) fn new(frames: usize, is_loop: bool) -> Self {
        Self { dry: vec![[0.0; 2]; frames], wet: vec![0.0; frames], is_loop }
    }

    pub(super) fn seconds(&self) -> f32 {
        to_f32(self.dry.len()) / RATE
    }

    /// Adds a sound at `start`; after `held` seconds it fades out within `release` seconds.
    pub(super) fn add(&mut self, sound: &[f32], start: f32, (held, release): (f32, f32), placement: Placement) {
        let frames = self.dry.len();
        let release = samples(release).max(1);
        let end = (samples(held) + release).min(sound.len());
        let fall = 1.0 / to_f32(release);
        let angle = (placement.pan + 1.0) * std::f32::consts::FRAC_PI_4;
        let (left, right) = (angle.cos() * placement.level, angle.sin() * placement.level);
        let room = placement.level * placement.room;
        let mut rest = sound.get(..end).unwrap_or(sound);
        let mut to_end = to_f32(end);
        let mut at = samples(start);
        if self.is_loop {
            at %= frames;
        }
        while !rest.is_empty() && at < frames {
            let (part, after) = rest.split_at(rest.len().min(frames - at));
            let dry = self.dry.iter_mut().skip(at);
            let wet = self.wet.iter_mut().skip(at);
            for ((sample, [l, r]), wet) in part.iter().zip(dry).zip(wet) {
                let sample = sample * (to_end * fall).min(1.0);
                *l += sample * left;
                *r += sample * right;
                *wet += sample * room;
                to_end -= 1.0;
            }
            rest = if self.is_loop { after } else { &[] };
            at = 0;
        }
    }

    /// How many samples a bed has: in a loop, more than the track.
    pub(super) fn bed_length(&self) -> usize {
        self.dry.len() + self.overlap()
    }

    /// Adds a sound that lasts throughout to one channel.
    pub(super) fn add_bed(&mut self, channel: usize, bed: &[f32]) {
        let (frames, overlap) = (self.dry.len(), self.overlap());
        let (body, beyond) = bed.split_at(frames.min(bed.len()));
        let track = self.dry.iter_mut().filter_map(|frame| frame.get_mut(channel));
        for (at, (sample, track)) in body.iter().zip(track).enumerate() {
            // Both powers add up to one, as unrelated noises require.
            *track += match beyond.get(at) {
                Some(beyond) => {
                    let share = to_f32(at) / to_f32(overlap);
                    sample * share.sqrt() + beyond * (1.0 - share).sqrt()
                }
                None => *sample,
            };
        }
    }

    /// The finished track, at the target loudness and without clipping.
    pub(super) fn master(mut self) -> Vec<[f32; 2]> {
        reverb::add(&self.wet, &mut self.dry, if self.is_loop { samples(REVERB_TAIL) } else { 0 });
        if !self.is_loop {
            self.fade();
        }
        let (mut peak, mut power) = (0.0f32, 0.0f64);
        for sample in self.dry.as_flattened() {
            peak = peak.max(sample.abs());
            power += f64::from(sample * sample);
        }
        let loudness = (power / f64::from(to_f32(self.dry.len() * 2))).sqrt();
        if peak > 0.0 {
            let crest = f64::from(peak) / loudness;
            // The rarer the peaks, the harder they are driven into the clipping, so that the rest is heard.
            let drive = narrow(CREST * crest).clamp(1.0, 2.5);
            let level = narrow(LOUDNESS * crest).min(PEAK) / soft_clip(drive);
            for sample in self.dry.as_flattened_mut() {
                *sample = soft_clip(*sample / peak * drive) * level;
            }
        }
        if self.is_loop {
            self.cut_where_it_is_quiet();
        }
        self.dry
    }

    fn overlap(&self) -> usize {
        if self.is_loop { samples(CROSSFADE).min(self.dry.len() / 2) } else { 0 }
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

    /// Moves the seam of a loop to where both channels are nearest to zero, so that it can also be entered
    /// from silence and left into silence without a click.
    fn cut_where_it_is_quiet(&mut self) {
        let level = |frame: &[f32; 2]| frame.iter().fold(0.0f32, |level, sample| level.max(sample.abs()));
        let first = self.dry.len() - samples(SEAM).min(self.dry.len());
        let seams = self.dry.windows(2).enumerate().skip(first);
        let levels = seams.map(|(at, pair)| (at + 1, pair.iter().map(level).fold(0.0, f32::max)));
        if let Some((seam, _)) = levels.min_by(|(_, one), (_, other)| one.total_cmp(other)) {
            self.dry.rotate_left(seam);
        }
    }
}

/// A rational approximation of the hyperbolic tangent.
pub(super) fn soft_clip(x: f32) -> f32 {
    x * (27.0 + x * x) / (27.0 + 9.0 * x * x)
}

#[allow(clippy::cast_possible_truncation, reason = "a level needs no precision")]
fn narrow(level: f64) -> f32 {
    level as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const CENTRE: Placement = Placement { level: 1.0, pan: 0.0, room: 0.0 };

    #[test]
    fn what_sounds_beyond_the_end_of_a_loop_sounds_on_at_its_start() {
        let sound = [1.0; 10];
        let mut track = Mixer::new(100, true);
        track.add(&sound, 95.0 / RATE, (1.0, 0.0), CENTRE);
        let sounding = |at: usize| track.dry[at][0] > 0.5;
        assert!(sounding(95) && sounding(99) && sounding(0) && sounding(4) && !sounding(5) && !sounding(94));
        let mut track = Mixer::new(100, false);
        track.add(&sound, 95.0 / RATE, (1.0, 0.0), CENTRE);
        assert!(track.dry[99][0] > 0.5 && track.dry[0][0] == 0.0);
    }

    #[test]
    fn the_end_of_a_bed_leads_into_its_start() {
        let mut track = Mixer::new(100, true);
        let bed: Vec<_> = (0..track.bed_length()).map(to_f32).collect();
        assert_eq!(bed.len(), 150);
        track.add_bed(0, &bed);
        assert_eq!((track.dry[99][0], track.dry[0][0], track.dry[50][0]), (99.0, 100.0, 50.0));
    }

    #[test]
    fn a_note_fades_out_after_it_was_held_and_at_the_end_of_its_sound() {
        let mut track = Mixer::new(100, false);
        track.add(&[1.0; 40], 0.0, (10.0 / RATE, 10.0 / RATE), CENTRE);
        assert!(track.dry[9][0] > 0.7 && (0.1..0.6).contains(&track.dry[15][0]) && track.dry[21][0] == 0.0);
        track.add(&[1.0; 40], 50.0 / RATE, (1.0, 10.0 / RATE), CENTRE);
        assert!(track.dry[79][0] > 0.7 && track.dry[89][0] < 0.1);
    }
}
