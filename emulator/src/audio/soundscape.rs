//! Plays the sounds that a prompt names: their beds, and what happens again and again.

use fastrand::Rng;

use super::{
    bed,
    brief::Brief,
    event::{self, Event},
    mixer::Mixer,
    sound::Sound,
};

/// Plays the sounds, quieter if there is music.
pub(super) fn play(brief: &Brief, mixer: &mut Mixer) {
    let level = if brief.has_music { 0.5 } else { 1.0 };
    for sound in &brief.sounds {
        let mut rng = Rng::with_seed(brief.seed ^ 0x7e57);
        bed::play(*sound, level, &mut rng, mixer);
        if let Some(event) = event_of(*sound) {
            event.play(level, &mut rng, mixer);
        }
    }
}

/// What happens again and again, beside the bed or instead of it.
fn event_of(sound: Sound) -> Option<Event> {
    let event = |shape, gap, level| Event { shape, gap, level, ..Event::default() };
    let steady = |event| Event { jitter: 0.04, variation: 0.25, spread: 0.2, ..event };
    Some(match sound {
        Sound::Rain => Event { variants: 48, ..event(event::drop, 0.027, 0.12) },
        Sound::Stream => Event { variants: 48, ..event(event::bubble, 0.06, 0.14) },
        Sound::Fire => Event { variants: 48, ..event(event::crackle, 0.07, 0.35) },
        Sound::Thunder => Event { variants: 3, variation: 0.4, room: 0.8, ..event(event::thunder, 6.0, 1.0) },
        Sound::Birds => Event { variants: 8, variation: 0.7, ..event(event::chirp, 0.6, 0.4) },
        Sound::Crickets => Event { variants: 4, variation: 0.6, ..event(event::cricket, 0.35, 0.3) },
        Sound::Footsteps => Event { variants: 6, room: 0.2, ..steady(event(event::footstep, 0.58, 0.8)) },
        Sound::Clock => Event { jitter: 0.0, variants: 2, room: 0.15, ..steady(event(event::tick, 0.5, 0.6)) },
        Sound::Heartbeat => Event { spread: 0.0, room: 0.1, ..steady(event(event::heartbeat, 0.86, 0.9)) },
        Sound::Whoosh => Event { variants: 4, variation: 0.4, ..event(event::whoosh, 2.2, 0.9) },
        Sound::Bell => Event { room: 0.7, ..steady(event(event::bell, 3.0, 0.7)) },
        Sound::Explosion => Event { variants: 3, variation: 0.3, room: 0.6, ..event(event::explosion, 4.5, 1.0) },
        Sound::Sea | Sound::Wind | Sound::Noise | Sound::Engine => return None,
    })
}
