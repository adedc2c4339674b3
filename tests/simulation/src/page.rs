//! What all calls of a page share.

use protocol::{MAX_DOWNLOADS, Now, OriginState};

use crate::fifo_checker::FifoChecker;

/// How many origins a run has.
pub(crate) const ORIGINS: usize = 2;

/// One load of a page: the module's state, and the document's.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) origin_state: [OriginState; ORIGINS],
    /// The permits of requests.
    pub(crate) requests: FifoChecker,
    /// The permits of downloads.
    pub(crate) downloads: FifoChecker,
    /// Requests that are in flight.
    pub(crate) open: u32,
    pub(crate) open_downloads: u32,
    pub(crate) gates: [GateModel; ORIGINS],
    /// 0 visible, 1 hidden, 2 hidden for long.
    pub(crate) hidden: u8,
    pub(crate) offline: bool,
    /// A gate has opened before its time.
    pub(crate) opened: bool,
}

impl Page {
    /// A page just loaded, with permits for so many requests.
    pub(crate) fn new(capacity: u32) -> Self {
        Self {
            origin_state: Default::default(),
            requests: FifoChecker::new(capacity),
            downloads: FifoChecker::new(capacity.min(MAX_DOWNLOADS)),
            open: 0,
            open_downloads: 0,
            gates: Default::default(),
            hidden: 0,
            offline: false,
            opened: false,
        }
    }

    /// When a timer due at `at` fires in a page as hidden as this one.
    pub(crate) fn aligned(&self, at: u64) -> u64 {
        match self.hidden {
            0 => at,
            1 => at.next_multiple_of(1_000),
            _ => at.next_multiple_of(60_000),
        }
    }
}

/// The longest pause of a gate where no 429 asks for more.
const MAX_PAUSE: u64 = 60_000;
/// 429s so close together answer submits of one pause.
const SAME_PAUSE: u64 = 2_500;
/// More refusals in a row than chance can explain.
const MANY: u32 = 30;

/// Until when nothing may be sent to an origin, by what its 429s asked for: to a poll, nothing at all;
/// to a submit, no submit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct GateModel {
    polls: Pause,
    submits: Pause,
    /// How often in a row submits were refused, since when, and when last.
    refused: u32,
    first_refused: u64,
    last_refused: u64,
}

impl GateModel {
    /// Milliseconds until such a request may be sent.
    pub(crate) fn left(&self, create: bool, now: Now) -> u64 {
        let polls = self.polls.left(now);
        if create { polls.max(self.submits.left(now)) } else { polls }
    }

    /// The true time until which the replies so far can delay such a request.
    pub(crate) fn blocked_until(&self, create: bool) -> u64 {
        if create { self.polls.blocked_until.max(self.submits.blocked_until) } else { self.polls.blocked_until }
    }

    /// How many 429s have come that such a request must respect.
    pub(crate) fn refusals(&self, create: bool) -> u32 {
        self.polls.refusals + if create { self.submits.refusals } else { 0 }
    }

    /// Another reply came at this true time, to a request that was sent after so many 429s.
    pub(crate) fn passed(&mut self, create: bool, now: Now, time: u64, refusals: u32) {
        let through = refusals == self.refusals(create);
        self.polls.passed(now, time, through);
        if create {
            self.submits.passed(now, time, through);
            self.refused = 0;
        }
    }

    /// A 429 came, at this true time.
    pub(crate) fn close(&mut self, create: bool, now: Now, time: u64, requested: Option<u64>) {
        let pause = if create { &mut self.submits } else { &mut self.polls };
        pause.close(now, requested);
        pause.blocked_until = pause.blocked_until.max(time + requested.unwrap_or(0).max(MAX_PAUSE));
        if create && (self.refused == 0 || time >= self.last_refused + SAME_PAUSE) {
            if self.refused == 0 {
                self.first_refused = time;
            }
            (self.refused, self.last_refused) = (self.refused + 1, time);
        }
    }

    /// Whether submits that are refused in a row come as often as the first ones, more than by chance.
    pub(crate) fn is_too_frequent(&self) -> bool {
        self.refused >= MANY && self.last_refused - self.first_refused < u64::from(self.refused) * 4_000
    }
}

/// The pause of one method.
#[derive(Clone, Copy, Debug, Default)]
struct Pause {
    since: Now,
    span: u64,
    last: Option<Now>,
    refusals: u32,
    blocked_until: u64,
}

impl Pause {
    /// Milliseconds left; the clock that says more has passed is believed.
    fn left(&self, now: Now) -> u64 {
        self.span.saturating_sub(elapsed(self.since, now))
    }

    /// A pause that was over stays over, even if the clock is set back.
    fn passed(&mut self, now: Now, time: u64, through: bool) {
        if through || self.left(now) == 0 {
            self.span = 0;
        }
        if through {
            self.blocked_until = self.blocked_until.min(time);
        }
    }

    /// A second at least, unless there may be a pause already, which lasts a minute at most if no
    /// 429 asked for more.
    fn close(&mut self, now: Now, requested: Option<u64>) {
        self.refusals += 1;
        let lone = self.left(now) == 0 && self.last.is_none_or(|last| elapsed(last, now) >= 60_000);
        let span = requested.unwrap_or(0).max(if lone { 1_000 } else { 0 });
        if span > self.left(now) {
            (self.since, self.span) = (now, span);
        }
        self.last = Some(now);
    }
}

/// The time since then, by the clock that shows more.
pub(crate) fn elapsed(since: Now, now: Now) -> u64 {
    let wall = now.wall.saturating_sub(since.wall);
    wall.max(now.monotonic.saturating_sub(since.monotonic))
}
