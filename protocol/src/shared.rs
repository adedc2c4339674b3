//! What all calls of a module share for one base origin.

use crate::backoff::FLOOR;
use crate::cadence::Estimate;
use crate::gate::Gates;
use crate::time::{Now, Stopwatch};

/// The gates, what generations taught, and which jobs were asked for within the last second.
#[derive(Debug, Default)]
pub struct Shared {
    /// Closed by a 429 for every call.
    pub gates: Gates,
    /// How long generations take.
    pub estimate: Estimate,
    /// The last reply showed that no cache keeps what the service says, or there was none.
    uncached: bool,
    recent: Vec<(u64, Stopwatch)>,
}

impl Shared {
    /// The cache mode of a poll, as `fetch` spells it: whatever it costs, until it is known to be
    /// needless. `None` is the usual one, whose name Cloudflare's runtime does not know.
    pub fn cache_mode(&self) -> Option<&'static str> {
        (!self.uncached).then_some("no-cache")
    }

    /// A poll was answered.
    pub(crate) fn answered(&mut self, cacheable: bool) {
        self.uncached = !cacheable;
    }

    /// A poll was lost: older runtimes refuse to send a request with a cache mode.
    pub(crate) fn lost(&mut self) {
        self.uncached = true;
    }

    /// Milliseconds until this job may be asked for again.
    pub(crate) fn floor_left(&self, id: &str, now: Now) -> u64 {
        let name = fingerprint(id);
        let last = self.recent.iter().rev().find(|(known, _)| *known == name);
        last.map_or(0, |(_, since)| FLOOR.saturating_sub(since.steadily(now)))
    }

    /// A job is being asked for.
    pub(crate) fn polled(&mut self, id: &str, now: Now) {
        self.recent.retain(|(_, since)| since.steadily(now) < FLOOR);
        self.recent.push((fingerprint(id), Stopwatch::start(now)));
    }
}

/// FNV-1a: a clash only delays a poll by less than a second.
fn fingerprint(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
