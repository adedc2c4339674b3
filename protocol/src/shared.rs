//! What all calls of a module share for one base origin.

use crate::backoff::FLOOR;
use crate::cadence::{Estimate, float};
use crate::gate::Gate;
use crate::time::{Now, Stopwatch};

/// For how long a poll is remembered, in milliseconds: the longest wait, and the longest GET.
const MEMORY: u64 = 90_000;

/// The gate, what generations taught, and which jobs were asked for of late.
#[derive(Debug, Default)]
pub struct Shared {
    /// Closed by a 429 for every call.
    pub gate: Gate,
    /// How long generations take.
    pub estimate: Estimate,
    recent: Vec<(u64, Stopwatch)>,
}

impl Shared {
    /// Milliseconds until this job may be asked for again.
    pub(crate) fn floor_left(&self, id: &str, now: Now) -> u64 {
        self.polls(id).next().map_or(0, |last| FLOOR.saturating_sub(last.steadily(now)))
    }

    /// A job is being asked for.
    pub(crate) fn polled(&mut self, id: &str, now: Now) {
        self.recent.retain(|(_, since)| since.steadily(now) < MEMORY);
        self.recent.push((fingerprint(id), Stopwatch::start(now)));
    }

    /// Milliseconds since the last poll but one of this job.
    pub(crate) fn before_last(&self, id: &str, now: Now) -> Option<f64> {
        self.polls(id).nth(1).map(|poll| float(poll.elapsed(now)))
    }

    /// This job's polls, the last one first.
    fn polls(&self, id: &str) -> impl Iterator<Item = Stopwatch> {
        let name = fingerprint(id);
        self.recent.iter().rev().filter(move |(known, _)| *known == name).map(|(_, since)| *since)
    }
}

/// FNV-1a: a clash only delays a poll by less than a second.
fn fingerprint(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
