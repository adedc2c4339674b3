//! A click is a jump from one sample to the next, in a place where it stands alone. Its fourth difference is
//! three times as high as the jump, while that of a tone below 2 kHz is a hundredth of its level.

use super::*;

/// Samples in a block.
const BLOCK: usize = 16;

/// How many blocks before and after a click are compared with it: 10 ms.
const AROUND: usize = 28;

fn fourth_differences(sound: &[f32]) -> Vec<f32> {
    sound.windows(5).map(|it| (it[0] - 4.0 * it[1] + 6.0 * it[2] - 4.0 * it[3] + it[4]).abs()).collect()
}

fn highest(values: &[f32]) -> f32 {
    values.iter().copied().fold(0.0, f32::max)
}

/// Where a sound clicks, in samples. A note or a drum is no click: it sounds on.
fn clicks(sound: &[f32]) -> Vec<usize> {
    let blocks: Vec<_> = fourth_differences(sound).chunks(BLOCK).map(highest).collect();
    let clicks = blocks.windows(2 * AROUND).enumerate().filter(|(_, blocks)| {
        let click = highest(&blocks[AROUND - 1..=AROUND]);
        let others = highest(&blocks[..AROUND - 2]).max(highest(&blocks[AROUND + 2..]));
        click > 0.015 && click > 3.0 * others
    });
    clicks.map(|(at, _)| (at + AROUND) * BLOCK).collect()
}

fn prompts() -> impl Iterator<Item = &'static str> {
    BEATS.into_iter().chain(TONES).chain(SOUNDS).chain(["footsteps", "church bell"])
}

#[test]
fn a_click_is_told_apart_from_a_note() {
    for prompt in ["choir and strings", "solo organ"] {
        let mut sound = left(prompt, 4);
        assert_eq!(clicks(&sound), [0; 0], "{prompt}");
        let at = 60_000;
        sound[at..].iter_mut().for_each(|sample| *sample += 0.05);
        assert!(clicks(&sound).iter().any(|click| click.abs_diff(at) < 64), "{prompt}: a jump is not seen");
    }
}

#[test]
fn no_note_clicks() {
    for prompt in prompts() {
        for sound in channels(&render(prompt, 8)) {
            assert_eq!(clicks(&sound), [0; 0], "{prompt}");
        }
    }
}

#[test]
fn no_change_of_section_clicks() {
    for prompt in ["techno", "choir and strings"] {
        for sound in channels(&render(&format!("{prompt}, 130 bpm"), 47)) {
            assert_eq!(clicks(&sound), [0; 0], "{prompt}");
        }
    }
}

#[test]
fn a_track_starts_and_ends_silently() {
    for prompt in prompts().chain(["a clock"]) {
        for sound in channels(&render(prompt, 4)) {
            let (start, end) = (&sound[..20], &sound[sound.len() - 200..]);
            assert!(sound[0] == 0.0 && loudness(start) < 0.01, "{prompt}: {}", loudness(start));
            assert!(end[199].abs() < 0.0001 && loudness(end) < 0.001, "{prompt}: {}", loudness(end));
        }
    }
}

#[test]
fn a_loop_goes_on_at_its_seam_and_can_be_entered_from_silence_and_left_into_it() {
    for prompt in prompts() {
        for sound in channels(&render(&format!("{prompt}, loop"), 9)) {
            let (first, last) = (sound[0], sound[sound.len() - 1]);
            let around: Vec<_> = sound[sound.len() - 4410..].iter().chain(&sound[..4410]).copied().collect();
            assert_eq!(clicks(&around), [0; 0], "{prompt}");
            let jumps: Vec<_> = around.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
            assert!(jumps[4409] <= highest(&jumps[..4409]), "{prompt}: {}", jumps[4409]);
            assert!(first.abs().max(last.abs()) < 0.05, "{prompt}: {first} {last}");
            for part in [&sound[..22_050], &sound[sound.len() - 22_050..]] {
                let ratio = loudness(part) / loudness(&sound);
                assert!((0.2..3.0).contains(&ratio), "{prompt}: {ratio}");
            }
        }
    }
}
