use super::*;

/// How alike two sounds are: 1 if they are the same, about 0 if they are unrelated.
fn likeness(one: &[f32], other: &[f32]) -> f32 {
    let product = one.iter().zip(other).map(|(a, b)| a * b).sum::<f32>() / to_f32(one.len());
    product / (loudness(one) * loudness(other))
}

#[test]
fn the_same_prompt_and_generation_id_give_the_same_bytes() {
    for prompt in ["a walk", "rain", "techno loop"] {
        assert!(track(prompt, "1", 2).render() == track(prompt, "1", 2).render(), "{prompt}");
    }
}

#[test]
fn another_take_of_the_same_prompt_sounds_different() {
    for prompt in BEATS.into_iter().chain(TONES).chain(SOUNDS).chain(["", "a clock"]) {
        let [one, other] = ["1", "2"].map(|id| {
            let [left, _] = channels(&track(prompt, id, 6).render());
            left
        });
        let likeness = likeness(&one, &other);
        assert!(likeness < 0.7, "{prompt}: {likeness}");
    }
}

#[test]
fn another_prompt_sounds_different_for_the_same_generation_id() {
    assert!(track("a walk", "1", 2).render() != track("a walk.", "1", 2).render());
}
