//! Times and durations, in whole milliseconds.
//!
//! Plain `u64` rather than `Duration`: every value comes from and goes back to a JavaScript
//! number of milliseconds, and a 96-bit type would only add code to the module.

/// The current time by the platform's two clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// `Date.now()`: counts while the machine is suspended, and may be set forwards or back.
    pub wall: u64,
    /// `performance.now()`: never goes back, and may stand still while the machine is suspended.
    pub monotonic: u64,
}

/// Measures what has passed since a moment.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Now);

impl Stopwatch {
    /// Starts counting.
    pub fn start(now: Now) -> Self {
        Self(now)
    }

    /// Milliseconds since the start, by the clock that counted more: neither a wall clock that was set
    /// back nor a monotonic one that stood still can prolong a wait.
    #[inline(never)]
    pub fn elapsed(&self, now: Now) -> u64 {
        let wall = now.wall.saturating_sub(self.0.wall);
        wall.max(self.elapsed_monotonic(now))
    }

    /// The wall clock at the start.
    pub fn wall(&self) -> u64 {
        self.0.wall
    }

    /// Milliseconds since the start by the monotonic clock: never too many.
    pub fn elapsed_monotonic(&self, now: Now) -> u64 {
        now.monotonic.saturating_sub(self.0.monotonic)
    }
}

/// A wait that was started.
#[derive(Clone, Copy, Debug)]
pub struct Timer {
    since: Stopwatch,
    duration: u64,
}

impl Timer {
    /// Starts a wait of `duration` milliseconds; `u64::MAX` never ends.
    pub fn start(now: Now, duration: u64) -> Self {
        Self { since: Stopwatch::start(now), duration }
    }

    /// Milliseconds still to wait.
    pub fn left(&self, now: Now) -> u64 {
        if self.duration == u64::MAX { u64::MAX } else { self.duration.saturating_sub(self.since.elapsed(now)) }
    }

    /// How many milliseconds ago the wait ended; 0 while it lasts.
    pub fn overdue(&self, now: Now) -> u64 {
        self.since.elapsed(now).saturating_sub(self.duration)
    }
}

/// Whole milliseconds of a JavaScript number: NaN and negative numbers are 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is wanted")]
pub fn millis(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall: u64, monotonic: u64) -> Now {
        Now { wall, monotonic }
    }

    #[test]
    fn the_wall_clock_counts_while_the_monotonic_one_is_suspended() {
        let watch = Stopwatch::start(at(1_000, 10));
        assert_eq!(watch.elapsed(at(61_000, 20)), 60_000);
    }

    #[test]
    fn the_monotonic_clock_counts_after_the_wall_clock_was_set_back() {
        let watch = Stopwatch::start(at(1_000_000, 10));
        assert_eq!(watch.elapsed(at(5, 40)), 30);
    }

    #[test]
    fn a_timer_tells_how_overdue_it_is() {
        let timer = Timer::start(at(0, 0), 100);
        assert_eq!((timer.left(at(40, 40)), timer.overdue(at(40, 40))), (60, 0));
        assert_eq!((timer.left(at(400, 400)), timer.overdue(at(400, 400))), (0, 300));
    }

    #[test]
    fn an_infinite_timer_never_ends() {
        let timer = Timer::start(at(0, 0), u64::MAX);
        assert_eq!(timer.left(at(u64::MAX, u64::MAX)), u64::MAX);
    }
}
