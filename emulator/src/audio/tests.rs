use std::f32::consts::TAU;

use super::*;

fn track(prompt: &str, generation_id: &str, seconds: u32) -> Track {
    Track { prompt: prompt.into(), generation_id: generation_id.into(), seconds }
}

fn render(prompt: &str, seconds: u32) -> Vec<u8> {
    track(prompt, "an id", seconds).render()
}

/// One channel.
fn left(prompt: &str, seconds: u32) -> Vec<f32> {
    let wav = render(prompt, seconds);
    let frames = wav[44..].chunks_exact(4);
    frames.map(|frame| f32::from(i16::from_le_bytes([frame[0], frame[1]])) / 32_768.0).collect()
}

fn loudness(sound: &[f32]) -> f32 {
    (sound.iter().map(|sample| sample * sample).sum::<f32>() / to_f32(sound.len())).sqrt()
}

/// The share of a sound's power near each of 60 semitones, by Goertzel's algorithm.
fn spectrum(sound: &[f32]) -> Vec<f32> {
    let power = |semitone: u8| {
        let hz = 65.4 * (f32::from(semitone) / 12.0).exp2();
        let turn = 2.0 * (TAU * hz / RATE).cos();
        let (last, before) =
            sound.iter().fold((0.0, 0.0), |(last, before), sample| (sample + turn * last - before, last));
        last * last + before * before - turn * last * before
    };
    let powers: Vec<f32> = (0..60).map(power).collect();
    let all = powers.iter().sum::<f32>();
    powers.iter().map(|power| power / all).collect()
}

#[test]
fn a_track_renders_to_a_stereo_wav_of_exactly_the_requested_length() {
    for seconds in [1, 2, 7] {
        let wav = render("anything", seconds);
        assert_eq!(wav.len() as u64, track("", "", seconds).size());
        let reader = hound::WavReader::new(wav.as_slice()).unwrap();
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (2, 44_100, 16));
        assert_eq!(reader.duration(), seconds * 44_100);
    }
}

#[test]
fn the_same_prompt_and_generation_id_give_the_same_bytes_and_others_do_not() {
    assert_eq!(render("a walk", 2), render("a walk", 2));
    assert_ne!(render("a walk", 2), render("a walk.", 2));
    for prompt in ["a walk", "rain", "techno"] {
        assert!(track(prompt, "1", 2).render() != track(prompt, "2", 2).render(), "{prompt}");
    }
}

#[test]
fn tracks_are_loud_enough_throughout_and_never_clip() {
    for prompt in ["", "slow sad piano", "fast happy drums", "rain", "ocean", "wind", "noise", "雨の音", "solo bells"]
    {
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
fn tracks_start_and_end_silently() {
    for prompt in ["rain", "fast synth"] {
        let sound = left(prompt, 4);
        assert!(loudness(&sound[..20]) < 0.01);
        assert!(loudness(&sound[sound.len() - 200..]) < 0.001);
    }
}

#[test]
fn tracks_of_different_prompts_have_different_spectra() {
    let prompts =
        ["rain", "ocean waves", "wind", "dark bass drums", "bells", "solo flute", "sad piano", "sad piano song"];
    let spectra = prompts.map(|prompt| spectrum(&left(prompt, 4)));
    for (at, one) in spectra.iter().enumerate() {
        for (other_at, other) in spectra.iter().enumerate().skip(at + 1) {
            let apart: f32 = one.iter().zip(other).map(|(a, b)| (a - b).abs()).sum();
            assert!(apart > 0.5, "{} and {}: {apart}", prompts[at], prompts[other_at]);
        }
    }
}
