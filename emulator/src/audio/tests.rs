mod balance;
mod clicks;
mod takes;

use std::ops::Range;

use rustfft::{FftPlanner, num_complex::Complex};

use super::*;

/// Prompts with drums, with tones alone, and with sounds alone.
const BEATS: [&str; 6] = ["techno", "Lo-fi piano in the rain", "rock", "jazz", "drum and bass", "Happy drums and bass"];
const TONES: [&str; 5] = ["ambient", "choir and strings", "solo organ", "brass, no drums", "solo flute"];
const SOUNDS: [&str; 6] = ["rain", "ocean waves", "wind", "a stream", "an engine", "noise"];

fn track(prompt: &str, generation_id: &str, seconds: u32) -> Track {
    Track { prompt: prompt.into(), generation_id: generation_id.into(), seconds }
}

fn render(prompt: &str, seconds: u32) -> Vec<u8> {
    track(prompt, "an id", seconds).render()
}

/// Both channels of a WAV file.
fn channels(wav: &[u8]) -> [Vec<f32>; 2] {
    let mut reader = hound::WavReader::new(wav).unwrap();
    let samples: Vec<_> = reader.samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32_768.0).collect();
    [0, 1].map(|channel| samples.iter().skip(channel).step_by(2).copied().collect())
}

/// One channel.
fn left(prompt: &str, seconds: u32) -> Vec<f32> {
    let [left, _] = channels(&render(prompt, seconds));
    left
}

fn loudness(sound: &[f32]) -> f32 {
    (sound.iter().map(|sample| sample * sample).sum::<f32>() / to_f32(sound.len())).sqrt()
}

/// How a sound's power is shared among bands of frequencies in Hz.
fn shares<const N: usize>(sound: &[f32], bands: [Range<f32>; N]) -> [f32; N] {
    let mut spectrum: Vec<_> = sound.iter().map(|sample| Complex::new(*sample, 0.0)).collect();
    FftPlanner::new().plan_fft_forward(sound.len()).process(&mut spectrum);
    let bin = RATE / to_f32(sound.len());
    let powers = bands.map(|band| {
        let bins = samples(band.start / bin / RATE)..samples(band.end / bin / RATE);
        spectrum[bins].iter().map(Complex::norm_sqr).sum::<f32>()
    });
    let all = powers.iter().sum::<f32>();
    powers.map(|power| power / all)
}

#[test]
fn a_track_renders_to_a_stereo_wav_of_exactly_the_requested_length() {
    for prompt in ["anything", "a loop"] {
        for seconds in [1, 2, 7] {
            let wav = render(prompt, seconds);
            assert_eq!(wav.len() as u64, track("", "", seconds).size());
            let reader = hound::WavReader::new(wav.as_slice()).unwrap();
            let spec = reader.spec();
            assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (2, 44_100, 16));
            assert_eq!(reader.duration(), seconds * 44_100);
        }
    }
}

#[test]
fn tracks_are_loud_enough_throughout_and_never_clip() {
    let others = ["", "slow sad piano", "fast happy drums", "雨の音", "solo bells", "dance loop"];
    for prompt in others.into_iter().chain(BEATS).chain(TONES).chain(SOUNDS) {
        let sound = left(prompt, 8);
        let peak = sound.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        assert!((0.3..0.95).contains(&peak), "{prompt}: {peak}");
        assert!((0.05..0.3).contains(&loudness(&sound)), "{prompt}: {}", loudness(&sound));
        for second in sound.chunks(44_100).take(6) {
            assert!(loudness(second) > 0.01, "{prompt}: {}", loudness(second));
        }
        let mean = sound.iter().sum::<f32>() / to_f32(sound.len());
        assert!(mean.abs() < 0.01, "{prompt}: {mean}");
    }
}

#[test]
fn sounds_that_happen_now_and_then_are_heard_within_their_first_second() {
    let prompts = ["footsteps", "a clock", "a heartbeat", "whoosh", "church bell", "thunder", "birds", "an explosion"];
    for prompt in prompts {
        let sound = left(prompt, 8);
        let loudest = sound.chunks(4410).take(10).map(loudness).fold(0.0, f32::max);
        assert!(loudest > 0.08, "{prompt}: {loudest}");
        assert!(loudness(&sound) > 0.02, "{prompt}: {}", loudness(&sound));
    }
}
