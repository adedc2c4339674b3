//! Music from a prompt.
//!
//! A small generative synthesizer, not a model. Words of the prompt choose genre, tempo, mood, instruments
//! and sounds; a hash of the prompt and the generation's id chooses the rest. Only [`Track`] is public.

use std::sync::Arc;

use self::{brief::Brief, grid::Grid, mixer::Mixer};

mod bed;
mod brief;
mod drums;
mod event;
mod filter;
mod genre;
mod grid;
mod mixer;
mod motif;
mod pattern;
mod reverb;
mod score;
mod sound;
mod soundscape;
mod tone;
mod voice;
mod words;

/// The sample rate in Hz, the same as the service's.
pub const SAMPLE_RATE: u32 = 44_100;

/// [`SAMPLE_RATE`] as a float.
const RATE: f32 = 44_100.0;

const HEADER_BYTES: u64 = 44;
const BYTES_PER_FRAME: u64 = 4;

/// The input of the synthesizer. Equal tracks render to equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Track {
    /// The prompt.
    pub prompt: Arc<str>,
    /// The id of the generation: another take of the same prompt sounds different.
    pub generation_id: Arc<str>,
    /// The length in seconds.
    pub seconds: u32,
}

impl Track {
    /// The size of the WAV file in bytes, known without rendering.
    pub fn size(&self) -> u64 {
        Self::size_of(self.seconds)
    }

    pub(crate) fn size_of(seconds: u32) -> u64 {
        HEADER_BYTES + u64::from(seconds) * u64::from(SAMPLE_RATE) * BYTES_PER_FRAME
    }

    /// Renders the WAV file: 44.1 kHz, 16 bits, stereo. Takes about 100 ms for half a minute.
    pub fn render(&self) -> Vec<u8> {
        let frames = usize::try_from(self.seconds.saturating_mul(SAMPLE_RATE)).unwrap_or_default();
        let brief = Brief::parse(&self.prompt, &self.generation_id);
        let mut mixer = Mixer::new(frames, brief.is_loop);
        let grid = Grid::new(&brief, mixer.seconds());
        score::play(&brief, &grid, &mut mixer);
        drums::play(&brief, &grid, &mut mixer);
        soundscape::play(&brief, &mut mixer);
        // Writing to memory does not fail.
        encode_wav(&mixer.master()).unwrap_or_default()
    }
}

fn encode_wav(frames: &[[f32; 2]]) -> hound::Result<Vec<u8>> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = std::io::Cursor::new(Vec::with_capacity(frames.len() * 4 + 44));
    let mut writer = hound::WavWriter::new(&mut file, spec)?;
    let samples = u32::try_from(frames.len() * 2).unwrap_or(u32::MAX);
    let mut samples_writer = writer.get_i16_writer(samples);
    for sample in frames.as_flattened() {
        samples_writer.write_sample(to_i16(*sample));
    }
    samples_writer.flush()?;
    writer.finalize()?;
    Ok(file.into_inner())
}

#[allow(clippy::cast_possible_truncation, reason = "a float saturates as an integer")]
fn to_i16(sample: f32) -> i16 {
    (sample * 32_767.0).round() as i16
}

/// Converts seconds to samples.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float saturates as an integer")]
fn samples(seconds: f32) -> usize {
    (seconds * RATE).round() as usize
}

/// Converts a count to a float.
#[allow(clippy::cast_precision_loss, reason = "a track has fewer than 2^24 samples")]
fn to_f32(count: usize) -> f32 {
    count as f32
}

/// The moments of a sound's samples, in seconds.
fn times(seconds: f32) -> impl Iterator<Item = f32> {
    (0..samples(seconds)).map(|at| to_f32(at) / RATE)
}

#[cfg(test)]
mod tests;
