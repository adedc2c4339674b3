//! The musical meaning of the words of a prompt.

use fastrand::Rng;

use super::{texture::Texture, tone::Voice};

/// What a prompt asks for.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each flag is independent of the others")]
pub(super) struct Brief {
    /// Seeds the choice of everything that the prompt leaves open.
    pub(super) seed: u64,
    pub(super) bpm: f32,
    pub(super) minor: bool,
    /// In semitones.
    pub(super) transpose: f32,
    /// The instrument of the melody.
    pub(super) lead: Voice,
    /// The instrument of the chords.
    pub(super) chords: Voice,
    pub(super) bass: bool,
    pub(super) drums: bool,
    pub(super) textures: Vec<Texture>,
    /// False if the prompt asks for textures only.
    pub(super) music: bool,
}

/// The meaning of one word.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Hint {
    Tempo(f32),
    Minor,
    Major,
    Dark,
    Bright,
    Play(Voice),
    Drums,
    Bass,
    Solo,
    Music,
    Sound(Texture),
}

impl Brief {
    /// The brief of one take: `generation_id` tells apart the takes of a prompt.
    pub(super) fn parse(prompt: &str, generation_id: &str) -> Self {
        let seed = seed(prompt, generation_id);
        let mut rng = Rng::with_seed(seed);
        let hints = hints(prompt);
        let has = |hint| hints.contains(&hint);
        let voices: Vec<_> =
            hints.iter().filter_map(|hint| if let Hint::Play(voice) = hint { Some(*voice) } else { None }).collect();
        let textures: Vec<_> = hints
            .iter()
            .filter_map(|hint| if let Hint::Sound(texture) = hint { Some(*texture) } else { None })
            .collect();
        let tempo = hints.iter().find_map(|hint| if let Hint::Tempo(bpm) = hint { Some(*bpm) } else { None });
        let drawn = 76.0 + 4.0 * f32::from(rng.u8(0..10));
        let minor = rng.bool();
        let lead = [Voice::Piano, Voice::Guitar, Voice::Flute, Voice::Bells];
        let lead = rng.choice(lead).unwrap_or(Voice::Piano);
        let chords = rng.choice([Voice::Strings, Voice::Strings, Voice::Synth]).unwrap_or(Voice::Strings);
        let solo = has(Hint::Solo);
        let sounds_only = hints.iter().all(|hint| matches!(hint, Hint::Sound(_)));
        Self {
            seed,
            bpm: tempo.unwrap_or(drawn),
            minor: if has(Hint::Minor) || has(Hint::Dark) { true } else { minor && !has(Hint::Major) },
            transpose: f32::from(i8::from(has(Hint::Bright)) - i8::from(has(Hint::Dark))) * 5.0,
            lead: voices.first().copied().unwrap_or(lead),
            chords: voices.get(1).or(voices.first().filter(|_| solo)).copied().unwrap_or(chords),
            bass: has(Hint::Bass) || !solo,
            drums: has(Hint::Drums) || (tempo.is_some_and(|bpm| bpm >= 110.0) && !solo),
            music: textures.is_empty() || !sounds_only,
            textures,
        }
    }
}

/// FNV-1a of both texts.
fn seed(prompt: &str, generation_id: &str) -> u64 {
    let bytes = prompt.bytes().chain([0xff]).chain(generation_id.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn hints(prompt: &str) -> Vec<Hint> {
    let prompt = prompt.to_lowercase();
    let words: Vec<_> = prompt.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut hints = Vec::new();
    let mut before = "";
    for (at, word) in words.iter().enumerate() {
        let number = word.trim_end_matches("bpm").parse::<f32>().ok();
        let is_tempo = word.ends_with("bpm") || words.get(at + 1) == Some(&"bpm");
        if let Some(bpm) = number.filter(|_| is_tempo) {
            hints.insert(0, Hint::Tempo(bpm.clamp(40.0, 220.0)));
        } else if !matches!(before, "no" | "without" | "not") {
            hints.extend(meaning(word));
        }
        before = word;
    }
    hints
}

fn meaning(word: &str) -> Option<Hint> {
    Some(match word {
        "slow" | "slowly" | "ballad" | "adagio" | "lullaby" => Hint::Tempo(64.0),
        "calm" | "calming" | "relaxing" | "ambient" | "peaceful" | "gentle" | "meditation" => Hint::Tempo(70.0),
        "fast" | "quick" | "energetic" | "allegro" | "upbeat" => Hint::Tempo(138.0),
        "techno" | "house" | "edm" | "dance" => Hint::Tempo(126.0),
        "sad" | "melancholy" | "melancholic" | "minor" | "lonely" | "moody" | "mysterious" => Hint::Minor,
        "happy" | "joyful" | "cheerful" | "major" | "uplifting" | "playful" => Hint::Major,
        "dark" | "gloomy" | "scary" | "ominous" | "deep" => Hint::Dark,
        "bright" | "sunny" | "light" | "high" => Hint::Bright,
        "piano" | "keys" | "keyboard" => Hint::Play(Voice::Piano),
        "guitar" | "guitars" | "ukulele" | "harp" | "banjo" | "acoustic" => Hint::Play(Voice::Guitar),
        "strings" | "violin" | "cello" | "orchestra" | "orchestral" | "pad" | "pads" => Hint::Play(Voice::Strings),
        "synth" | "synths" | "synthesizer" | "synthwave" | "electronic" => Hint::Play(Voice::Synth),
        "flute" | "flutes" | "whistle" | "ocarina" => Hint::Play(Voice::Flute),
        "bell" | "bells" | "chime" | "chimes" | "glockenspiel" | "vibraphone" => Hint::Play(Voice::Bells),
        "drum" | "drums" | "beat" | "beats" | "percussion" | "lofi" | "hip" | "rock" => Hint::Drums,
        "bass" => Hint::Bass,
        "solo" | "alone" => Hint::Solo,
        "music" | "song" | "melody" | "tune" | "track" => Hint::Music,
        "rain" | "rainy" | "raining" | "drizzle" | "storm" => Hint::Sound(Texture::Rain),
        "ocean" | "sea" | "waves" | "beach" | "surf" => Hint::Sound(Texture::Ocean),
        "wind" | "windy" | "breeze" => Hint::Sound(Texture::Wind),
        "noise" | "static" | "hiss" | "vinyl" => Hint::Sound(Texture::Noise),
        _ => return None,
    })
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
        assert!((brief.bpm - 120.0).abs() < 0.1 && !brief.minor && brief.drums);
        assert_eq!(brief.lead, Voice::Guitar);
        assert!((parse("slow 90bpm").bpm - 90.0).abs() < 0.1);
    }

    #[test]
    fn negated_and_solo_instruments_are_respected() {
        assert!(parse("fast beats").drums);
        assert!(!parse("calm music, no drums").drums);
        let solo = parse("solo flute");
        assert_eq!((solo.lead, solo.chords, solo.bass), (Voice::Flute, Voice::Flute, false));
    }

    #[test]
    fn a_prompt_of_textures_alone_has_no_music() {
        let brief = parse("Heavy rain and ocean waves");
        assert!(!brief.music);
        assert_eq!(brief.textures, [Texture::Rain, Texture::Ocean, Texture::Ocean]);
        assert!(parse("piano in the rain").music);
        assert!(parse("anything else").music);
    }

    #[test]
    fn takes_of_a_prompt_keep_what_it_asks_for_and_draw_the_rest_anew() {
        let (one, other) = (Brief::parse("slow piano", "1"), Brief::parse("slow piano", "2"));
        assert_ne!(one.seed, other.seed);
        assert_eq!((one.lead, one.bpm.to_bits()), (other.lead, other.bpm.to_bits()));
        assert_ne!(Brief::parse("a", "b").seed, Brief::parse("ab", "").seed);
    }
}
