//! The one clock of a run, and the two that the page reads.

use protocol::Now;

/// What the wall clock says at the true time 0: some day in 2026.
const EPOCH: u64 = 1_790_000_000_000;
/// The true time at which a run begins: there are older jobs.
const BEGIN: u64 = 10_000_000;

/// True time in milliseconds, and how the page's clocks differ from it.
#[derive(Debug)]
pub(crate) struct Clock {
    /// The true time.
    pub(crate) time: u64,
    wall_shift: i64,
    /// How far the monotonic clock is behind: it starts with the page, and may stand still in a suspension.
    lag: u64,
    /// Nothing happens in the page before.
    pub(crate) frozen_until: u64,
    idle: u64,
}

impl Clock {
    /// At the beginning of a run.
    pub(crate) fn new() -> Self {
        Self { time: BEGIN, wall_shift: 0, lag: BEGIN, frozen_until: 0, idle: 0 }
    }

    /// What the page reads.
    pub(crate) fn now(&self) -> Now {
        Now { wall: self.wall(), monotonic: self.monotonic() }
    }

    /// `Date.now()`.
    pub(crate) fn wall(&self) -> u64 {
        (EPOCH + self.time).saturating_add_signed(self.wall_shift)
    }

    /// `performance.now()`.
    pub(crate) fn monotonic(&self) -> u64 {
        self.time.saturating_sub(self.lag)
    }

    /// The service's own time of day.
    pub(crate) fn service_wall(&self) -> u64 {
        EPOCH + self.time
    }

    /// Milliseconds in which the page could run.
    pub(crate) fn awake(&self) -> u64 {
        self.time.saturating_sub(self.idle)
    }

    /// Milliseconds since the beginning.
    pub(crate) fn passed(&self) -> u64 {
        self.time.saturating_sub(BEGIN)
    }

    /// Whether nothing can happen in the page now.
    pub(crate) fn is_frozen(&self) -> bool {
        self.time < self.frozen_until
    }

    /// The page or the whole machine stops for a while; if the machine is suspended, its monotonic clock may
    /// stand still.
    pub(crate) fn freeze(&mut self, span: u64, monotonic_stands: bool) {
        self.frozen_until = self.time + span;
        self.idle += span;
        if monotonic_stands {
            self.lag += span;
        }
    }

    /// Somebody sets the wall clock.
    pub(crate) fn set_wall(&mut self, by: i64) {
        self.wall_shift = self.wall_shift.saturating_add(by);
    }

    /// Another page is loaded: its monotonic clock starts.
    pub(crate) fn reload(&mut self) {
        self.lag = self.time;
        self.frozen_until = 0;
    }
}
