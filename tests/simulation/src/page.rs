//! What all calls of a page share, and what befalls a page.

use protocol::shared::Shared;
use protocol::time::Now;

use crate::line::Line;

/// How many origins a run has.
pub(crate) const ORIGINS: usize = 2;

/// One load of a page: the module's state, and the document's.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) shared: [Shared; ORIGINS],
    /// The places among the open requests.
    pub(crate) requests: Line,
    /// Requests that are really open.
    pub(crate) open: u32,
    pub(crate) gates: [GateWatch; ORIGINS],
    /// 0 visible, 1 hidden, 2 hidden for long.
    pub(crate) hidden: u8,
    pub(crate) offline: bool,
}

impl Page {
    /// A page just loaded, with so many places for requests.
    pub(crate) fn new(most: u32) -> Self {
        Self {
            shared: Default::default(),
            requests: Line::new(most),
            open: 0,
            gates: Default::default(),
            hidden: 0,
            offline: false,
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

/// Until when nothing may be sent to an origin, by what its 429s asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct GateWatch {
    since: Now,
    span: u64,
    last: Option<Now>,
}

impl GateWatch {
    /// Milliseconds left; the clock that says more has passed is believed.
    pub(crate) fn left(&self, now: Now) -> u64 {
        self.span.saturating_sub(elapsed(self.since, now))
    }

    /// Another reply came: a pause that was over stays over, though the clock be set back.
    pub(crate) fn passed(&mut self, now: Now) {
        if self.left(now) == 0 {
            self.span = 0;
        }
    }

    /// A 429 came. Without a wait to read, a second at least, unless there may be a pause already,
    /// which lasts a minute at most.
    pub(crate) fn close(&mut self, now: Now, asked: Option<u64>) {
        let lone = self.left(now) == 0 && self.last.is_none_or(|last| elapsed(last, now) >= 60_000);
        let span = asked.unwrap_or(if lone { 1_000 } else { 0 });
        if span > self.left(now) {
            (self.since, self.span) = (now, span);
        }
        self.last = Some(now);
    }
}

/// What has passed since then, by the clock that says more.
pub(crate) fn elapsed(since: Now, now: Now) -> u64 {
    let wall = now.wall.saturating_sub(since.wall);
    wall.max(now.steady.saturating_sub(since.steady))
}
