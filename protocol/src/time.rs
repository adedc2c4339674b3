//! Moments and spans, in whole milliseconds.
//!
//! Plain `u64` rather than `Duration`: every value comes from and goes back to a JavaScript
//! number of milliseconds, and a 96-bit type would only add code to the module.

/// A moment, as the caller's two clocks tell it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// `Date.now()`: counts through sleep, and may be set forwards or back.
    pub wall: u64,
    /// `performance.now()`: never goes back, and may stand still while the machine sleeps.
    pub steady: u64,
}

/// Measures what has passed since a moment.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Now);

impl Stopwatch {
    /// Starts counting.
    pub fn start(now: Now) -> Self {
        Self(now)
    }

    /// Milliseconds since the start: the clock that says more is believed, so that neither a
    /// clock set back nor one that stood still through a sleep can stretch a wait for ever.
    #[inline(never)]
    pub fn elapsed(&self, now: Now) -> u64 {
        let wall = now.wall.saturating_sub(self.0.wall);
        wall.max(self.steadily(now))
    }

    /// What the wall clock said at the start.
    pub fn wall(&self) -> u64 {
        self.0.wall
    }

    /// Milliseconds since the start by the steady clock alone: never too many.
    pub fn steadily(&self, now: Now) -> u64 {
        now.steady.saturating_sub(self.0.steady)
    }
}

/// A wait that has begun.
#[derive(Clone, Copy, Debug)]
pub struct Timer {
    since: Stopwatch,
    span: u64,
}

impl Timer {
    /// Starts a wait of `span` milliseconds; `u64::MAX` never ends.
    pub fn start(now: Now, span: u64) -> Self {
        Self { since: Stopwatch::start(now), span }
    }

    /// Milliseconds still to wait.
    pub fn left(&self, now: Now) -> u64 {
        if self.span == u64::MAX { u64::MAX } else { self.span.saturating_sub(self.since.elapsed(now)) }
    }

    /// How many milliseconds ago the wait ended; 0 while it lasts.
    pub fn late(&self, now: Now) -> u64 {
        self.since.elapsed(now).saturating_sub(self.span)
    }
}

/// A source of randomness, passed in.
pub trait Dice {
    /// A number in `0.0..1.0`.
    fn roll(&mut self) -> f64;

    /// A whole number in `0..bound`; 0 for a bound of 0. A page's own `Math.random` may roll anything.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounds are small, and what is none of them is cut to them"
    )]
    fn below(&mut self, bound: u64) -> u64 {
        ((self.roll() * bound as f64) as u64).min(bound.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall: u64, steady: u64) -> Now {
        Now { wall, steady }
    }

    #[test]
    fn believes_the_wall_clock_when_the_steady_one_slept() {
        let watch = Stopwatch::start(at(1_000, 10));
        assert_eq!(watch.elapsed(at(61_000, 20)), 60_000);
    }

    #[test]
    fn believes_the_steady_clock_when_the_wall_clock_was_set_back() {
        let watch = Stopwatch::start(at(1_000_000, 10));
        assert_eq!(watch.elapsed(at(5, 40)), 30);
    }

    #[test]
    fn tells_how_late_a_wait_ended() {
        let timer = Timer::start(at(0, 0), 100);
        assert_eq!((timer.left(at(40, 40)), timer.late(at(40, 40))), (60, 0));
        assert_eq!((timer.left(at(400, 400)), timer.late(at(400, 400))), (0, 300));
    }

    #[test]
    fn keeps_to_the_bounds_whatever_is_rolled() {
        struct Loaded(f64);
        impl Dice for Loaded {
            fn roll(&mut self) -> f64 {
                self.0
            }
        }
        for (rolled, below) in [(0.5, 50), (1.0, 99), (1e300, 99), (f64::INFINITY, 99), (-1.0, 0), (f64::NAN, 0)] {
            assert_eq!(Loaded(rolled).below(100), below);
        }
        assert_eq!(Loaded(0.5).below(0), 0);
    }

    #[test]
    fn never_ends_an_infinite_wait() {
        let timer = Timer::start(at(0, 0), u64::MAX);
        assert_eq!(timer.left(at(u64::MAX, u64::MAX)), u64::MAX);
    }
}
