//! State that all calls of a module share for one base origin.

use super::backoff::MIN_INTERVAL;
use super::gate::Gates;
use super::poll_schedule::DurationModel;
use crate::model::time::{Now, Stopwatch};

/// The gates, the learned durations, and which generations were polled within the last second.
#[derive(Debug, Default)]
pub struct OriginState {
    /// Closed by a 429 for every call.
    pub gates: Gates,
    /// How long generations take.
    pub duration_model: DurationModel,
    /// The last reply was not cacheable, or the last poll failed.
    no_cache_is_needless: bool,
    recent_polls: Vec<(u64, Stopwatch)>,
}

impl OriginState {
    /// The cache mode of a poll, as `fetch` spells it: whatever it costs, until it is known to be
    /// needless. `None` is the usual one, whose name Cloudflare's runtime does not know.
    pub fn cache_mode(&self) -> Option<&'static str> {
        (!self.no_cache_is_needless).then_some("no-cache")
    }

    /// A poll was answered.
    pub(crate) fn on_poll_reply(&mut self, cacheable: bool) {
        self.no_cache_is_needless = !cacheable;
    }

    /// A poll failed: some runtimes refuse to send a request with a cache mode.
    pub(crate) fn on_poll_network_error(&mut self) {
        self.no_cache_is_needless = true;
    }

    /// Milliseconds until this generation may be polled again.
    pub(crate) fn min_interval_left(&self, id: &str, now: Now) -> u64 {
        let name = hash(id);
        let last = self.recent_polls.iter().rev().find(|(known, _)| *known == name);
        last.map_or(0, |(_, since)| MIN_INTERVAL.saturating_sub(since.elapsed_monotonic(now)))
    }

    /// A poll of this generation is being sent.
    pub(crate) fn on_poll_sent(&mut self, id: &str, now: Now) {
        self.recent_polls.retain(|(_, since)| since.elapsed_monotonic(now) < MIN_INTERVAL);
        self.recent_polls.push((hash(id), Stopwatch::start(now)));
    }
}

/// FNV-1a: a collision only delays a poll by less than a second.
fn hash(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
