//! Sounds without music: weather, nature, machines, steps.

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
