//! The two gates of a base origin: a 429 to a submit pauses submits only, a 429 to a poll pauses both.
//!
//! So generations are polled however long the service refuses new ones.

use super::backoff::{MIN_INTERVAL, backoff};
use crate::model::rng::Rng;
use crate::model::time::{Now, Timer};

/// The gap between two requests that resume after a pause, in milliseconds.
const SLOT: u64 = 100;

/// What a request does, which also selects its gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The POST that creates a generation.
    Submit,
    /// The GET that asks for one, or for what became of a submit.
    Poll,
}

/// The gates that all calls of a module share for one base origin.
#[derive(Debug, Default)]
pub struct Gates {
    polls: Gate,
    submits: Gate,
    opened: bool,
}

impl Gates {
    /// Milliseconds until a request may be sent; 0 if it may be sent now.
    pub fn left(&self, method: Method, now: Now) -> u64 {
        match method {
            Method::Poll => self.polls.left(now),
            Method::Submit => self.polls.left(now).max(self.submits.left(now)),
        }
    }

    /// A request was answered with 429.
    pub fn close(&mut self, method: Method, now: Now, retry_after: Option<u64>, rng: &mut impl Rng) {
        match method {
            Method::Poll => {
                if self.polls.close(now, retry_after, rng) && self.submits.left(now) == 0 {
                    self.submits.queued = 0;
                }
            }
            Method::Submit => {
                self.submits.close(now, retry_after, rng);
            }
        }
    }

    /// To be passed to [`Self::on_reply`] with the reply to a request that is sent now: how many 429s had come,
    /// if it bypasses a closed gate.
    pub fn bypass_token(&self, method: Method, now: Now) -> Option<u32> {
        (self.left(method, now) > 0).then(|| self.total_429s(method))
    }

    /// A reply other than a 429 came. It opens a closed gate that its request bypassed, unless another 429
    /// came since that request was sent.
    pub fn on_reply(&mut self, method: Method, now: Now, bypass: Option<u32>) {
        let bypass = bypass == Some(self.total_429s(method));
        // An accepted submit proves nothing about polls, unless it bypassed their pause.
        self.opened |= bypass;
        if method == Method::Poll || bypass {
            self.polls.on_reply(now, bypass);
        }
        if method == Method::Submit {
            self.submits.on_reply(now, bypass);
        }
    }

    /// Whether a gate was opened early since the last call of this: the calls that wait for it are to be
    /// woken.
    pub fn take_opened(&mut self) -> bool {
        core::mem::take(&mut self.opened)
    }

    fn total_429s(&self, method: Method) -> u32 {
        match method {
            Method::Poll => self.polls.total_429s,
            Method::Submit => self.polls.total_429s.wrapping_add(self.submits.total_429s),
        }
    }

    /// Milliseconds by which one more refused poll follows the others.
    pub fn spread_refused_poll(&mut self, rng: &mut impl Rng) -> u64 {
        self.polls.next_slot(rng)
    }

    /// Milliseconds that one more request has to wait: each a little longer than the one before, and
    /// submits after the waiting polls.
    pub fn reserve_slot(&mut self, method: Method, now: Now, rng: &mut impl Rng) -> u64 {
        match method {
            Method::Poll => self.polls.reserve_slot(now, rng),
            Method::Submit => {
                if self.left(method, now) == 0 {
                    return 0;
                }
                let left = self.submits.left(now).max(self.polls.queue_end(now));
                left.saturating_add(self.submits.next_slot(rng))
            }
        }
    }
}

/// Closed by a 429, it opens after a pause; requests that waited resume one after another.
#[derive(Debug, Default)]
struct Gate {
    pause: Option<Timer>,
    consecutive_429s: u32,
    queued: u64,
    /// How many 429s have come.
    total_429s: u32,
}

impl Gate {
    /// Milliseconds until it opens; 0 where it is open.
    fn left(&self, now: Now) -> u64 {
        self.pause.map_or(0, |pause| pause.left(now))
    }

    /// Milliseconds until the last waiting request has passed.
    fn queue_end(&self, now: Now) -> u64 {
        match self.left(now) {
            0 => 0,
            left => left.saturating_add(self.queued.saturating_mul(SLOT)),
        }
    }

    /// A 429 came. Requests in flight together cause one pause: further 429s lengthen it only if they ask
    /// for more. `Retry-After` never shortens the client's own back-off. Returns whether the gate was open.
    fn close(&mut self, now: Now, retry_after: Option<u64>, rng: &mut impl Rng) -> bool {
        self.total_429s = self.total_429s.wrapping_add(1);
        let left = self.left(now);
        let requested = retry_after.unwrap_or(0);
        let wait = if left > 0 {
            requested
        } else {
            self.consecutive_429s = self.consecutive_429s.saturating_add(1);
            self.queued = 0;
            backoff(self.consecutive_429s, 60_000, rng).max(requested).max(MIN_INTERVAL)
        };
        if wait > left {
            self.pause = Some(Timer::start(now, wait));
        }
        left == 0
    }

    /// A reply other than a 429 came, through the open gate or bypassing the closed one.
    fn on_reply(&mut self, now: Now, bypass: bool) {
        if bypass || self.left(now) == 0 {
            self.pause = None;
            self.consecutive_429s = 0;
        }
    }

    fn reserve_slot(&mut self, now: Now, rng: &mut impl Rng) -> u64 {
        match self.left(now) {
            0 => 0,
            left => left.saturating_add(self.next_slot(rng)),
        }
    }

    /// The next slot after the waiting requests, in milliseconds after the pause.
    fn next_slot(&mut self, rng: &mut impl Rng) -> u64 {
        let position = self.queued.saturating_mul(SLOT);
        self.queued = self.queued.saturating_add(1);
        position.saturating_add(rng.below(SLOT))
    }
}
