//! Measured by a Fourier transform of one channel.

use super::*;

/// The shares of the power in the bass, the middle and the treble.
fn balance(prompt: &str, generation_id: &str) -> [f32; 3] {
    let [left, _] = channels(&track(prompt, generation_id, 8).render());
    shares(&left, [20.0..150.0, 150.0..2000.0, 2000.0..20_000.0])
}

#[test]
fn music_is_more_than_bass_and_has_some_treble() {
    for prompt in BEATS.into_iter().chain(["Warm synth, 120 bpm", "anything", "epic orchestral", "8-bit game music"]) {
        for id in ["1", "2"] {
            let [bass, middle, treble] = balance(prompt, id);
            assert!(bass < 0.5, "{prompt} {id}: {bass} of bass");
            assert!(middle > 0.35, "{prompt} {id}: {middle} of middle");
            assert!(treble > 0.01, "{prompt} {id}: {treble} of treble");
        }
    }
}

#[test]
fn each_sound_has_its_power_where_it_is_expected() {
    let low = ["an engine", "a heartbeat", "thunder"];
    let high = ["birds", "crickets", "static noise", "whoosh"];
    for (prompt, wanted) in low.map(|prompt| (prompt, 0..2)).into_iter().chain(high.map(|prompt| (prompt, 2..3))) {
        let balance = balance(prompt, "1");
        assert!(balance[wanted].iter().sum::<f32>() > 0.6, "{prompt}: {balance:?}");
    }
    let [bass, _, treble] = balance("rain on a tin roof", "1");
    assert!(bass < 0.1 && treble > 0.25, "rain: {bass} {treble}");
}

#[test]
fn tracks_of_different_prompts_have_different_spectra() {
    let prompts =
        ["rain", "ocean waves", "wind", "dark bass drums", "bells", "solo flute", "sad piano", "sad piano song"];
    let semitone = |at: usize| 65.4 * (to_f32(at) / 12.0).exp2();
    let bands: [Range<f32>; 60] = std::array::from_fn(|at| semitone(at)..semitone(at + 1));
    let spectra = prompts.map(|prompt| shares(&left(prompt, 4), bands.clone()));
    for (at, one) in spectra.iter().enumerate() {
        for (other_at, other) in spectra.iter().enumerate().skip(at + 1) {
            let apart: f32 = one.iter().zip(other).map(|(a, b)| (a - b).abs()).sum();
            assert!(apart > 0.5, "{} and {}: {apart}", prompts[at], prompts[other_at]);
        }
    }
}
