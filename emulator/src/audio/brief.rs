//! What a prompt asks for, and what a take of it draws.

use fastrand::Rng;

use super::{
    genre::{self, Style},
    sound::Sound,
    voice::Voice,
    words::{Hint, hints},
};

/// Everything that is settled before the first note.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each flag is independent of the others")]
pub(super) struct Brief {
    /// Seeds the choice of everything that the prompt leaves open.
    pub(super) seed: u64,
    pub(super) bpm: f32,
    pub(super) minor: bool,
    /// In semitones.
    pub(super) transpose: f32,
    pub(super) style: Style,
    /// The instrument of the melody.
    pub(super) lead: Voice,
    /// The instrument of the chords.
    pub(super) chords: Voice,
    pub(super) has_bass: bool,
    pub(super) has_drums: bool,
    pub(super) sounds: Vec<Sound>,
    /// False if the prompt asks for sounds only.
    pub(super) has_music: bool,
    /// Whether the end leads into the start.
    pub(super) is_loop: bool,
}

impl Brief {
    /// The brief of one take: `generation_id` tells apart the takes of a prompt.
    pub(super) fn parse(prompt: &str, generation_id: &str) -> Self {
        let seed = seed(prompt, generation_id);
        let mut rng = Rng::with_seed(seed);
        let hints = hints(prompt);
        let has = |hint| hints.contains(&hint);
        let first = |value: fn(Hint) -> Option<f32>| hints.iter().copied().find_map(value);
        let voices: Vec<_> =
            hints.iter().filter_map(|hint| if let Hint::Play(voice) = hint { Some(*voice) } else { None }).collect();
        let mut sounds = Vec::new();
        for hint in &hints {
            if let Hint::Sound(sound) = hint {
                sounds.extend((!sounds.contains(sound)).then_some(*sound));
            }
        }
        let genre = hints.iter().find_map(|hint| if let Hint::Genre(genre) = hint { Some(*genre) } else { None });
        let style = genre.map_or(genre::DEFAULT, genre::Genre::style);
        let tempo = first(|hint| if let Hint::Tempo(bpm) = hint { Some(bpm) } else { None });
        let bpm = first(|hint| if let Hint::Bpm(bpm) = hint { Some(bpm) } else { None });
        let (slowest, fastest) = style.bpm;
        let drawn = slowest + (fastest - slowest) * rng.f32();
        // A word such as "slow" moves the tempo within what the genre allows.
        let tempo = tempo.map(|tempo| if genre.is_some() { tempo.clamp(slowest, fastest) } else { tempo });
        let bpm = bpm.or(tempo).unwrap_or(drawn);
        let is_minor = rng.bool();
        let lead = rng.choice(style.leads).unwrap_or(Voice::Piano);
        let chords = rng.choice(style.chords).unwrap_or(Voice::Strings);
        let is_solo = has(Hint::Solo);
        Self {
            seed,
            bpm,
            minor: has(Hint::Minor) || has(Hint::Dark) || is_minor && !has(Hint::Major),
            transpose: f32::from(i8::from(has(Hint::Bright)) - i8::from(has(Hint::Dark))) * 5.0,
            lead: voices.first().copied().unwrap_or(lead),
            chords: voices.get(1).or(voices.first().filter(|_| is_solo)).copied().unwrap_or(chords),
            has_bass: !has(Hint::NoBass) && (has(Hint::Bass) || !is_solo),
            has_drums: !has(Hint::NoDrums)
                && (has(Hint::Drums) || !is_solo && (style.has_drums || genre.is_none() && bpm >= 110.0)),
            has_music: sounds.is_empty() || hints.iter().any(|hint| hint.is_music()),
            is_loop: has(Hint::Loop),
            sounds,
            style,
        }
    }
}

/// FNV-1a of both texts.
fn seed(prompt: &str, generation_id: &str) -> u64 {
    let bytes = prompt.bytes().chain([0xff]).chain(generation_id.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(prompt: &str) -> Brief {
        Brief::parse(prompt, "an id")
    }

    #[test]
    fn tempo_mood_and_instruments_of_a_prompt_are_recognised() {
        let brief = parse("A slow, SAD piano with strings");
        assert!((brief.bpm - 64.0).abs() < 0.1 && brief.minor);
        assert_eq!((brief.lead, brief.chords), (Voice::Piano, Voice::Strings));
        let brief = parse("Happy ukulele, 120 bpm, drums");
        assert!((brief.bpm - 120.0).abs() < 0.1 && !brief.minor && brief.has_drums);
        assert_eq!(brief.lead, Voice::Guitar);
        assert!((parse("slow 90bpm").bpm - 90.0).abs() < 0.1);
    }

    #[test]
    fn a_genre_settles_tempo_and_drums_unless_the_prompt_says_otherwise() {
        for id in ["1", "2", "3"] {
            let brief = Brief::parse("calm techno", id);
            assert!((120.0..128.1).contains(&brief.bpm) && brief.has_drums);
            assert!((Brief::parse("techno at 99 bpm", id).bpm - 99.0).abs() < 0.1);
            assert!(!Brief::parse("lo-fi without drums", id).has_drums);
            assert!(!Brief::parse("ambient", id).has_drums);
        }
    }

    #[test]
    fn negated_and_solo_instruments_are_respected() {
        assert!(parse("fast beats").has_drums);
        assert!(!parse("calm music, no drums").has_drums);
        assert!(!parse("fast music, no bass").has_bass);
        let solo = parse("solo flute");
        assert_eq!((solo.lead, solo.chords, solo.has_bass), (Voice::Flute, Voice::Flute, false));
    }

    #[test]
    fn a_prompt_of_sounds_and_moods_alone_has_no_music() {
        let brief = parse("Heavy rain and ocean waves");
        assert!(!brief.has_music);
        assert_eq!(brief.sounds, [Sound::Rain, Sound::Sea]);
        assert!(!parse("slow footsteps, gentle wind").has_music);
        assert!(parse("piano in the rain").has_music);
        assert!(parse("anything else").has_music);
    }

    #[test]
    fn takes_of_a_prompt_keep_what_it_asks_for_and_draw_the_rest_anew() {
        let (one, other) = (Brief::parse("slow piano", "1"), Brief::parse("slow piano", "2"));
        assert_ne!(one.seed, other.seed);
        assert_eq!((one.lead, one.bpm.to_bits()), (other.lead, other.bpm.to_bits()));
        assert_ne!(Brief::parse("a", "b").seed, Brief::parse("ab", "").seed);
    }
}
