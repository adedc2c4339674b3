//! How many faults a run has: mostly few, sometimes very many.

use emulator::IdStyle;

use crate::fault::{Fault, FaultEffect, OUTAGES, STREAM_REFUSALS};
use crate::sim_rng::SimRng;

/// What happens to bodies that are streams.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Streams {
    /// The platform can send none.
    #[default]
    Impossible,
    /// It finds out too late that the connection cannot carry one.
    Unread,
    /// They are sent, and refused with this status.
    Refused(u16),
    Sent,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
/// The probabilities of one run.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultProfile {
    /// That a request meets a fault of its own.
    pub(crate) fault: f64,
    /// That a reply takes long.
    pub(crate) slow: f64,
    /// That a callback or a key function misbehaves or takes its time.
    pub(crate) caller: f64,
    /// Timers are late.
    pub(crate) busy: bool,
    /// Timers are a millisecond early.
    pub(crate) early: bool,
    /// Bodies repeat the key.
    pub(crate) echo: bool,
    /// Good replies are written out as JSON values, snapshots go through JSON, URLs are built.
    pub(crate) thorough: bool,
    /// The shape of ids.
    pub(crate) ids: IdStyle,
    /// The head of each reply names the job.
    pub(crate) header_has_id: bool,
    /// How many jobs the service does at once: further submits it refuses.
    pub(crate) capacity: Option<usize>,
    pub(crate) streams: Streams,
    /// What all requests meet during an outage.
    outage: Option<FaultEffect>,
}

impl FaultProfile {
    /// The profile of a run.
    pub(crate) fn draw(rng: &mut SimRng) -> Self {
        let level = [0.0, 0.0, 0.0, 0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 0.9];
        let fault = rng.pick(&level);
        Self {
            fault,
            slow: rng.pick(&level) / 3.0,
            caller: rng.pick(&level) / 2.0,
            busy: rng.one_in(3),
            early: rng.one_in(8),
            echo: fault > 0.0 && rng.one_in(4),
            thorough: rng.one_in(16),
            ids: rng.pick(&[
                IdStyle::Model,
                IdStyle::Vendor,
                IdStyle::Uuid,
                IdStyle::Nanoid,
                IdStyle::Nanoid,
                IdStyle::FirstRevision,
            ]),
            header_has_id: rng.one_in(2),
            capacity: rng.one_in(6).then(|| usize::try_from(rng.within(0, 5)).unwrap_or_default()),
            streams: match rng.within(0, 4) {
                0 => Streams::Impossible,
                1 => Streams::Unread,
                2 => Streams::Refused(rng.pick(&STREAM_REFUSALS)),
                _ => Streams::Sent,
            },
            // Some services never do anything else.
            outage: rng.one_in(48).then(|| rng.pick(&OUTAGES)),
        }
    }

    /// Makes sure that requests meet faults.
    pub(crate) fn raise_faults(&mut self, rng: &mut SimRng) {
        self.fault = rng.pick(&[0.05, 0.1, 0.2, 0.5]);
    }

    /// Whether nothing takes longer than usual.
    pub(crate) fn is_calm(&self) -> bool {
        self.slow == 0.0 && self.caller == 0.0
    }

    /// Whether a reply could contain a key, or everything is checked.
    pub(crate) fn is_watched(&self) -> bool {
        self.echo || self.thorough
    }

    /// An outage begins, or ends.
    pub(crate) fn set_outage(&mut self, begins: bool, rng: &mut SimRng) {
        self.outage = begins.then(|| rng.pick(&OUTAGES));
    }

    /// The fault of a request.
    pub(crate) fn fault(&self, create: bool, rng: &mut SimRng) -> Fault {
        match self.outage {
            Some(effect) => Fault::with(effect, create, rng),
            None if rng.happens(self.fault) => Fault::draw(create, rng),
            None => Fault::NONE,
        }
    }

    /// The fault of a submit whose body is a stream, where this would be that of any other.
    pub(crate) fn stream_fault(&self, fault: Fault, rng: &mut SimRng) -> Fault {
        match self.streams {
            Streams::Unread => Fault { reaches: false, effect: FaultEffect::BodyNeverRead },
            Streams::Refused(status) if fault == Fault::NONE => {
                Fault { reaches: false, effect: FaultEffect::JsonError(status) }
            }
            Streams::Impossible | Streams::Refused(_) | Streams::Sent => fault.streamed(rng),
        }
    }

    /// How long a message travels one way.
    pub(crate) fn latency(&self, rng: &mut SimRng) -> u64 {
        let usual = rng.within(5, 120);
        if rng.happens(self.slow) { usual + rng.span(200, 9) } else { usual }
    }
}
