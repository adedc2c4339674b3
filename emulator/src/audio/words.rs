//! What the words of a prompt mean.

use super::{genre::Genre, sound::Sound, voice::Voice};

/// The meaning of one word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Hint {
    /// In beats a minute, written as a number.
    Bpm(f32),
    /// In beats a minute, from a word such as "slow".
    Tempo(f32),
    Minor,
    Major,
    Dark,
    Bright,
    Genre(Genre),
    Play(Voice),
    Drums,
    NoDrums,
    Bass,
    NoBass,
    Solo,
    Music,
    /// The track is to be repeated without a gap.
    Loop,
    Sound(Sound),
}

impl Hint {
    /// Whether the word asks for music; a mood or a tempo alone does not: "calm sea", "slow footsteps".
    pub(super) fn is_music(self) -> bool {
        matches!(self, Self::Bpm(_) | Self::Genre(_) | Self::Play(_) | Self::Drums | Self::Bass | Self::Music)
    }

    fn negated(self) -> Option<Self> {
        match self {
            Self::Drums => Some(Self::NoDrums),
            Self::Bass => Some(Self::NoBass),
            _ => None,
        }
    }
}

/// The hints of a prompt, in order. Two words count as one if that has a meaning: "lo-fi", "120 bpm".
pub(super) fn hints(prompt: &str) -> Vec<Hint> {
    let prompt = prompt.to_lowercase();
    let words: Vec<_> = prompt
        .split(|c: char| !c.is_alphanumeric() && c != '.')
        .map(|word| word.trim_matches('.'))
        .filter(|word| !matches!(*word, "" | "a" | "an" | "and" | "n" | "the"))
        .collect();
    let mut hints = Vec::new();
    let mut rest = words.as_slice();
    let mut is_negated = false;
    while let [word, after @ ..] = rest {
        let pair = after.first().and_then(|next| meaning(&format!("{word}{next}")));
        rest = if pair.is_some() { after.get(1..).unwrap_or_default() } else { after };
        let hint = pair.or_else(|| meaning(word));
        hints.extend(if is_negated { hint.and_then(Hint::negated) } else { hint });
        is_negated = matches!(*word, "no" | "without" | "not");
    }
    hints
}

fn meaning(word: &str) -> Option<Hint> {
    if let Some(number) = word.strip_suffix("bpm") {
        let bpm = number.parse::<f32>().ok().filter(|bpm| bpm.is_finite());
        return bpm.map(|bpm| Hint::Bpm(bpm.clamp(40.0, 220.0)));
    }
    mood(word)
        .or_else(|| genre(word).map(Hint::Genre))
        .or_else(|| voice(word).map(Hint::Play))
        .or_else(|| sound(word).map(Hint::Sound))
}

fn mood(word: &str) -> Option<Hint> {
    Some(match word {
        "slow" | "slowly" | "ballad" | "adagio" | "lullaby" => Hint::Tempo(64.0),
        "calm" | "calming" | "relaxing" | "peaceful" | "gentle" | "soft" | "dreamy" => Hint::Tempo(70.0),
        "fast" | "quick" | "energetic" | "allegro" | "upbeat" | "driving" => Hint::Tempo(138.0),
        "sad" | "melancholy" | "melancholic" | "minor" | "lonely" | "moody" | "mysterious" | "tense" => Hint::Minor,
        "happy" | "joyful" | "cheerful" | "major" | "uplifting" | "playful" | "hopeful" => Hint::Major,
        "dark" | "gloomy" | "scary" | "ominous" | "deep" | "horror" => Hint::Dark,
        "bright" | "sunny" | "light" | "high" => Hint::Bright,
        "drum" | "drums" | "beat" | "beats" | "percussion" => Hint::Drums,
        "drumless" | "beatless" => Hint::NoDrums,
        "bass" | "bassline" => Hint::Bass,
        "solo" | "alone" => Hint::Solo,
        "music" | "song" | "melody" | "tune" | "track" | "theme" | "jingle" => Hint::Music,
        "loop" | "loops" | "looping" | "looped" | "loopable" | "seamless" => Hint::Loop,
        _ => return None,
    })
}

fn genre(word: &str) -> Option<Genre> {
    Some(match word {
        "pop" | "indie" | "corporate" => Genre::Pop,
        "ambient" | "meditation" | "drone" | "newage" | "spa" => Genre::Ambient,
        "lofi" | "chill" | "chillhop" | "downtempo" => Genre::LoFi,
        "house" | "techno" | "edm" | "dance" | "trance" | "electro" => Genre::House,
        "rock" | "metal" | "punk" | "grunge" => Genre::Rock,
        "jazz" | "swing" | "blues" | "bossa" | "lounge" => Genre::Jazz,
        "classical" | "orchestra" | "orchestral" | "baroque" | "waltz" => Genre::Classical,
        "cinematic" | "epic" | "trailer" | "film" | "soundtrack" => Genre::Cinematic,
        "synthwave" | "retrowave" | "vaporwave" | "80s" => Genre::Synthwave,
        "hiphop" | "trap" | "rap" | "boombap" => Genre::HipHop,
        "drumbass" | "dnb" | "jungle" | "breakbeat" => Genre::DrumAndBass,
        "folk" | "country" | "acoustic" | "celtic" => Genre::Folk,
        "funk" | "funky" | "disco" | "soul" => Genre::Funk,
        "reggae" | "dub" | "ska" => Genre::Reggae,
        "chiptune" | "8bit" | "arcade" | "videogame" => Genre::Chiptune,
        _ => return None,
    })
}

fn voice(word: &str) -> Option<Voice> {
    Some(match word {
        "piano" | "keys" | "keyboard" => Voice::Piano,
        "electricpiano" | "rhodes" | "wurlitzer" => Voice::ElectricPiano,
        "guitar" | "guitars" | "ukulele" | "harp" | "banjo" | "lute" | "acousticguitar" => Voice::Guitar,
        "electricguitar" | "distorted" | "riff" => Voice::ElectricGuitar,
        "strings" | "violin" | "violins" | "cello" | "pad" | "pads" => Voice::Strings,
        "choir" | "voices" | "vocals" | "voice" => Voice::Choir,
        "brass" | "trumpet" | "trumpets" | "horn" | "horns" | "trombone" | "saxophone" | "sax" => Voice::Brass,
        "organ" | "accordion" | "harmonica" => Voice::Organ,
        "synth" | "synths" | "synthesizer" | "electronic" => Voice::Synth,
        "flute" | "flutes" | "whistle" | "ocarina" | "clarinet" => Voice::Flute,
        "bells" | "chime" | "chimes" | "glockenspiel" | "vibraphone" | "musicbox" | "celesta" => Voice::Bells,
        "marimba" | "xylophone" | "kalimba" => Voice::Marimba,
        _ => return None,
    })
}

fn sound(word: &str) -> Option<Sound> {
    Some(match word {
        "rain" | "rainy" | "raining" | "rainfall" | "drizzle" | "storm" => Sound::Rain,
        "thunder" | "thunderstorm" | "lightning" => Sound::Thunder,
        "ocean" | "sea" | "waves" | "beach" | "surf" => Sound::Sea,
        "stream" | "river" | "brook" | "creek" | "waterfall" | "water" => Sound::Stream,
        "wind" | "windy" | "breeze" => Sound::Wind,
        "fire" | "campfire" | "fireplace" | "crackling" => Sound::Fire,
        "noise" | "static" | "hiss" | "vinyl" => Sound::Noise,
        "engine" | "motor" | "car" | "truck" | "machine" | "spaceship" => Sound::Engine,
        "bird" | "birds" | "birdsong" | "forest" => Sound::Birds,
        "cricket" | "crickets" | "cicadas" => Sound::Crickets,
        "footstep" | "footsteps" | "steps" | "walking" => Sound::Footsteps,
        "clock" | "ticking" | "tick" => Sound::Clock,
        "heartbeat" | "heart" => Sound::Heartbeat,
        "whoosh" | "swoosh" | "swish" | "riser" => Sound::Whoosh,
        "bell" | "churchbell" | "gong" => Sound::Bell,
        "explosion" | "explosions" | "boom" | "impact" | "blast" => Sound::Explosion,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_words_with_one_meaning_count_as_one() {
        assert_eq!(hints("Lo-fi"), [Hint::Genre(Genre::LoFi)]);
        assert_eq!(hints("drum and bass"), [Hint::Genre(Genre::DrumAndBass)]);
        assert_eq!(hints("drums and bass"), [Hint::Drums, Hint::Bass]);
        assert_eq!(hints("an electric guitar"), [Hint::Play(Voice::ElectricGuitar)]);
    }

    #[test]
    fn a_tempo_in_figures_is_kept_within_what_can_be_played() {
        assert_eq!(hints("92.5 BPM."), [Hint::Bpm(92.5)]);
        assert_eq!(hints("9999bpm"), [Hint::Bpm(220.0)]);
        assert_eq!(hints("nanbpm, inf bpm, bpm"), []);
    }

    #[test]
    fn negated_drums_and_bass_are_left_out_and_other_negated_words_are_ignored() {
        assert_eq!(hints("no drums, without the bass, no piano"), [Hint::NoDrums, Hint::NoBass]);
    }
}
