//! Music from a prompt.

use std::sync::Arc;

/// The service's sample rate.
pub const SAMPLE_RATE: u32 = 44_100;

/// What a WAV file is made from. Equal tracks render to equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Track {
    /// What was asked for.
    pub prompt: Arc<str>,
    /// The length.
    pub seconds: u32,
}

impl Track {
    /// The file's bytes, known without rendering.
    pub fn size(&self) -> u64 {
        wav_size(self.seconds)
    }

    /// Renders the WAV file.
    pub fn render(&self) -> Vec<u8> {
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: SAMPLE_RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut file = std::io::Cursor::new(Vec::new());
        let Ok(mut writer) = hound::WavWriter::new(&mut file, spec) else { return Vec::new() };
        for _ in 0..self.seconds * SAMPLE_RATE * 2 {
            let _ = writer.write_sample(0i16);
        }
        let _ = writer.finalize();
        file.into_inner()
    }
}

/// A WAV file's bytes: a header of 44, then 16-bit stereo.
pub fn wav_size(seconds: u32) -> u64 {
    44 + u64::from(seconds) * u64::from(SAMPLE_RATE) * 4
}
