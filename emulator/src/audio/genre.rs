//! How each genre is played.

use super::voice::Voice;

/// A genre, or a family of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Genre {
    Pop,
    Ambient,
    LoFi,
    House,
    Rock,
    Jazz,
    Classical,
    Cinematic,
    Synthwave,
    HipHop,
    DrumAndBass,
    Folk,
    Funk,
    Reggae,
    Chiptune,
}

/// What a genre settles. Where there are several, a take draws one. Patterns are in the notation of
/// [`pattern`](super::pattern): those of chords have `#` for the whole chord and 1 to 4 for its notes,
/// those of the bass have the interval above the root.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    /// The slowest and the fastest tempo in beats a minute.
    pub(super) bpm: (f32, f32),
    pub(super) leads: [Voice; 3],
    pub(super) chords: [Voice; 2],
    pub(super) chord_patterns: [&'static str; 2],
    pub(super) bass_voice: Voice,
    pub(super) bass_patterns: [&'static str; 2],
    pub(super) beat: Beat,
    /// Whether there are drums even if the prompt names none.
    pub(super) has_drums: bool,
    /// How late the off-beat is, as a share of an eighth.
    pub(super) swing: f32,
    /// Whether the chords have four notes.
    pub(super) sevenths: bool,
}

/// The patterns of a drum kit: `X` is loud, `x` is normal, `o` is soft.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Beat {
    pub(super) kick: &'static str,
    pub(super) snare: &'static str,
    pub(super) hat: &'static str,
}

impl Genre {
    /// How it is played.
    pub(super) const fn style(self) -> Style {
        match self {
            Self::Pop => Style { has_drums: true, ..POP },
            Self::Ambient => AMBIENT,
            Self::LoFi => LO_FI,
            Self::House => HOUSE,
            Self::Rock => ROCK,
            Self::Jazz => JAZZ,
            Self::Classical => CLASSICAL,
            Self::Cinematic => CINEMATIC,
            Self::Synthwave => SYNTHWAVE,
            Self::HipHop => HIP_HOP,
            Self::DrumAndBass => DRUM_AND_BASS,
            Self::Folk => FOLK,
            Self::Funk => FUNK,
            Self::Reggae => REGGAE,
            Self::Chiptune => CHIPTUNE,
        }
    }
}

/// How a prompt is played that names no genre.
pub(super) const DEFAULT: Style = POP;

const fn beat(kick: &'static str, snare: &'static str, hat: &'static str) -> Beat {
    Beat { kick, snare, hat }
}

const POP: Style = Style {
    bpm: (84.0, 116.0),
    leads: [Voice::Piano, Voice::Guitar, Voice::Bells],
    chords: [Voice::Guitar, Voice::Piano],
    chord_patterns: ["1-3-2-4-3-2-4-3-", "#-----#---#-#---"],
    bass_voice: Voice::Bass,
    bass_patterns: ["1-----1-5-----5-", "1-------1---5-8-"],
    beat: beat("X.....x.x.......", "....X.......X..o", "x.x.x.x.x.x.x.xo"),
    has_drums: false,
    swing: 0.0,
    sevenths: false,
};

const AMBIENT: Style = Style {
    bpm: (60.0, 76.0),
    leads: [Voice::Bells, Voice::Flute, Voice::ElectricPiano],
    chords: [Voice::Strings, Voice::Choir],
    bass_voice: Voice::Strings,
    bass_patterns: ["1---------------", "1-------5-------"],
    sevenths: true,
    ..POP
};

const LO_FI: Style = Style {
    bpm: (72.0, 86.0),
    leads: [Voice::Piano, Voice::Guitar, Voice::Flute],
    chords: [Voice::ElectricPiano, Voice::Piano],
    chord_patterns: ["#-----#---------", "#---------#--#--"],
    beat: beat("X......x..x.....", "....X.......X...", "x.o.x.o.x.o.x.oo"),
    has_drums: true,
    swing: 0.2,
    sevenths: true,
    ..POP
};

const HOUSE: Style = Style {
    bpm: (120.0, 128.0),
    leads: [Voice::Synth, Voice::Bells, Voice::Piano],
    chords: [Voice::Synth, Voice::Organ],
    chord_patterns: ["#..#..#...#..#..", "..#...#...#...#."],
    bass_voice: Voice::SynthBass,
    bass_patterns: ["..1...1...1...8.", "..1.1...1.1...8."],
    beat: beat("X...X...X...X...", "....x.......x...", "o.Xoo.Xoo.Xoo.Xo"),
    has_drums: true,
    ..POP
};

const ROCK: Style = Style {
    bpm: (112.0, 140.0),
    leads: [Voice::ElectricGuitar, Voice::Organ, Voice::ElectricGuitar],
    chords: [Voice::ElectricGuitar, Voice::ElectricGuitar],
    chord_patterns: ["#-#-#-#-#-#-#-#-", "#-----#-#-----#-"],
    bass_patterns: ["1-1-1-1-1-1-5-8-", "1-----1-1-----5-"],
    beat: beat("X.....x.X.x.....", "....X.......X...", "x.x.x.x.x.x.x.x."),
    has_drums: true,
    ..POP
};

const JAZZ: Style = Style {
    bpm: (104.0, 140.0),
    leads: [Voice::Piano, Voice::Brass, Voice::Flute],
    chords: [Voice::Piano, Voice::Guitar],
    chord_patterns: ["#.....#.....#...", "..#-....#-....#-"],
    bass_patterns: ["1---3---5---6---", "1---5---8---7---"],
    beat: beat("x.......o.......", "......o.......oo", "X...x.o.X...x.o."),
    has_drums: true,
    swing: 0.33,
    sevenths: true,
    ..POP
};

const CLASSICAL: Style = Style {
    bpm: (76.0, 108.0),
    leads: [Voice::Strings, Voice::Flute, Voice::Piano],
    chords: [Voice::Strings, Voice::Piano],
    chord_patterns: ["1-2-3-2-1-2-3-2-", "1-3-2-3-1-3-2-3-"],
    bass_voice: Voice::Strings,
    bass_patterns: ["1-------5-------", "1---5---8---5---"],
    ..POP
};

const CINEMATIC: Style = Style {
    bpm: (84.0, 104.0),
    leads: [Voice::Brass, Voice::Strings, Voice::Choir],
    chords: [Voice::Strings, Voice::Choir],
    bass_voice: Voice::Strings,
    bass_patterns: ["1-1-1-1-1-1-1-1-", "1-----1-1-----1-"],
    beat: beat("X.....x.X...x.x.", "............x...", "..............oo"),
    has_drums: true,
    ..POP
};

const SYNTHWAVE: Style = Style {
    bpm: (92.0, 112.0),
    leads: [Voice::Synth, Voice::Bells, Voice::Brass],
    chords: [Voice::Strings, Voice::Synth],
    chord_patterns: ["#-------#-------", "#---------------"],
    bass_voice: Voice::SynthBass,
    bass_patterns: ["1-1-1-1-1-1-1-1-", "1-8-1-8-1-8-1-8-"],
    beat: beat("X...X...X...X...", "....X.......X...", "x.x.x.x.x.x.x.x."),
    has_drums: true,
    ..POP
};

const HIP_HOP: Style = Style {
    bpm: (82.0, 96.0),
    leads: [Voice::Bells, Voice::Piano, Voice::Flute],
    chords: [Voice::ElectricPiano, Voice::Strings],
    chord_patterns: ["#-------#-----#-", "1-.3-.4-.3-.2-.."],
    bass_patterns: ["1--1------1-----", "1-----1---5-8---"],
    beat: beat("X..x......x.....", "....X.......X...", "x.x.xxx.x.x.x.xx"),
    has_drums: true,
    ..POP
};

const DRUM_AND_BASS: Style = Style {
    bpm: (168.0, 176.0),
    leads: [Voice::Synth, Voice::ElectricPiano, Voice::Choir],
    chords: [Voice::Strings, Voice::Synth],
    chord_patterns: ["#---------------", "#-----#---------"],
    bass_voice: Voice::SynthBass,
    bass_patterns: ["1-----1---8-1---", "1-------5---1-3-"],
    beat: beat("X.........x.....", "....X..o.o..X..o", "x.x.x.x.x.x.x.x."),
    has_drums: true,
    ..POP
};

const FOLK: Style = Style {
    bpm: (92.0, 120.0),
    leads: [Voice::Flute, Voice::Guitar, Voice::Organ],
    chords: [Voice::Guitar, Voice::Guitar],
    chord_patterns: ["1-3-2-4-1-3-2-4-", "1---#-#-2---#-#-"],
    ..POP
};

const FUNK: Style = Style {
    bpm: (100.0, 116.0),
    leads: [Voice::Brass, Voice::Organ, Voice::ElectricPiano],
    chords: [Voice::Guitar, Voice::ElectricPiano],
    chord_patterns: ["#..##..#..#.##..", "..#...##..#...#."],
    bass_patterns: ["1..1..8...1.7.8.", "1.1...7.8..1..5."],
    beat: beat("X..x..x...x..x..", "....X..o.o..X..o", "xoxoxoxoxoxoxoxo"),
    has_drums: true,
    sevenths: true,
    ..POP
};

const REGGAE: Style = Style {
    bpm: (72.0, 84.0),
    leads: [Voice::Organ, Voice::Brass, Voice::Guitar],
    chords: [Voice::Guitar, Voice::Organ],
    chord_patterns: ["....#.......#...", "..#...#...#...#."],
    bass_patterns: ["1-----3-5---....", "..1-1-..5-3-1-.."],
    beat: beat("........X.......", "........x.....o.", "x.x.x.x.x.x.x.x."),
    has_drums: true,
    swing: 0.12,
    ..POP
};

const CHIPTUNE: Style = Style {
    bpm: (128.0, 152.0),
    leads: [Voice::Chip, Voice::Chip, Voice::Chip],
    chords: [Voice::Chip, Voice::Chip],
    chord_patterns: ["1234123412341234", "1-2-3-4-3-2-3-4-"],
    bass_voice: Voice::SynthBass,
    bass_patterns: ["1.8.1.8.1.8.1.8.", "1-1-5-1-1-1-5-8-"],
    has_drums: true,
    ..POP
};
