//! Sounds without music: weather, nature, machines, steps.

use fastrand::Rng;

use super::{
    bed,
    brief::Brief,
    event::{self, Event},
    mixer::Mixer,
};

/// A sound that a prompt can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sound {
    Rain,
    Thunder,
    Sea,
    Stream,
    Wind,
    Fire,
    Noise,
    Engine,
    Birds,
    Crickets,
    Footsteps,
    Clock,
    Heartbeat,
    Whoosh,
    Bell,
    Explosion,
}

/// Plays the sounds, quieter if there is music.
pub(super) fn play(brief: &Brief, mixer: &mut Mixer) {
    let level = if brief.has_music { 0.5 } else { 1.0 };
    for sound in &brief.sounds {
        let mut rng = Rng::with_seed(brief.seed ^ 0x7e57);
        bed::play(*sound, level, &mut rng, mixer);
        if let Some(event) = sound.event() {
            event.play(level, &mut rng, mixer);
        }
    }
}

impl Sound {
    /// What happens again and again, beside the bed or instead of it.
    fn event(self) -> Option<Event> {
        let event = |shape, gap, level| Event { shape, gap, level, ..Event::default() };
        let steady = |event| Event { jitter: 0.04, variation: 0.25, spread: 0.2, ..event };
        Some(match self {
            Self::Rain => Event { variants: 48, ..event(event::drop, 0.027, 0.12) },
            Self::Stream => Event { variants: 48, ..event(event::bubble, 0.06, 0.14) },
            Self::Fire => Event { variants: 48, ..event(event::crackle, 0.07, 0.35) },
            Self::Thunder => Event { variants: 3, variation: 0.4, room: 0.8, ..event(event::thunder, 6.0, 1.0) },
            Self::Birds => Event { variants: 8, variation: 0.7, ..event(event::chirp, 0.6, 0.4) },
            Self::Crickets => Event { variants: 4, variation: 0.6, ..event(event::cricket, 0.35, 0.3) },
            Self::Footsteps => Event { variants: 6, room: 0.2, ..steady(event(event::footstep, 0.58, 0.8)) },
            Self::Clock => Event { jitter: 0.0, variants: 2, room: 0.15, ..steady(event(event::tick, 0.5, 0.6)) },
            Self::Heartbeat => Event { spread: 0.0, room: 0.1, ..steady(event(event::heartbeat, 0.86, 0.9)) },
            Self::Whoosh => Event { variants: 4, variation: 0.4, ..event(event::whoosh, 2.2, 0.9) },
            Self::Bell => Event { room: 0.7, ..steady(event(event::bell, 3.0, 0.7)) },
            Self::Explosion => Event { variants: 3, variation: 0.3, room: 0.6, ..event(event::explosion, 4.5, 1.0) },
            Self::Sea | Self::Wind | Self::Noise | Self::Engine => return None,
        })
    }
}
