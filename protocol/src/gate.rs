//! The two gates of a base origin: a 429 to a submit pauses submits alone, a 429 to a poll both.
//!
//! So running jobs are asked for however long the service refuses new ones.

use crate::backoff::{FLOOR, backoff};
use crate::time::{Dice, Now, Timer};

/// Between two requests that resume after a pause, in milliseconds.
const SPREAD: u64 = 100;

/// What a request is for, which is also the gate that it goes through.
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
    /// Milliseconds until a request may go through; 0 where it may now.
    pub fn left(&self, method: Method, now: Now) -> u64 {
        match method {
            Method::Poll => self.polls.left(now),
            Method::Submit => self.polls.left(now).max(self.submits.left(now)),
        }
    }

    /// A request was answered with 429.
    pub fn close(&mut self, method: Method, now: Now, retry_after: Option<u64>, dice: &mut impl Dice) {
        match method {
            Method::Poll => {
                if self.polls.close(now, retry_after, dice) && self.submits.left(now) == 0 {
                    self.submits.waiting = 0;
                }
            }
            Method::Submit => {
                self.submits.close(now, retry_after, dice);
            }
        }
    }

    /// What [`Self::passed`] is to be told of a request that is sent now: nothing, or how many 429s
    /// had come when it went through a closed gate.
    pub fn forced(&self, method: Method, now: Now) -> Option<u32> {
        (self.left(method, now) > 0).then(|| self.refusals(method))
    }

    /// A reply that was no 429 came. One through a closed gate opens it, unless another 429 came
    /// since its request was sent.
    pub fn passed(&mut self, method: Method, now: Now, forced: Option<u32>) {
        let forced = forced == Some(self.refusals(method));
        // A submit that passed says nothing of polls, unless they were paused and it went all the same.
        self.opened |= forced;
        if method == Method::Poll || forced {
            self.polls.passed(now, forced);
        }
        if method == Method::Submit {
            self.submits.passed(now, forced);
        }
    }

    /// Whether a gate was opened before its time, since this was last asked: those who sleep in front
    /// of it are to be woken.
    pub fn take_opened(&mut self) -> bool {
        core::mem::take(&mut self.opened)
    }

    fn refusals(&self, method: Method) -> u32 {
        match method {
            Method::Poll => self.polls.refusals,
            Method::Submit => self.polls.refusals.wrapping_add(self.submits.refusals),
        }
    }

    /// Milliseconds by which one more poll that was refused stays behind the others.
    pub fn spread_poll(&mut self, dice: &mut impl Dice) -> u64 {
        self.polls.place(dice)
    }

    /// Milliseconds that one more request has to wait: each a little longer than the one before, and
    /// submits behind the polls that wait.
    pub fn queue(&mut self, method: Method, now: Now, dice: &mut impl Dice) -> u64 {
        match method {
            Method::Poll => self.polls.queue(now, dice),
            Method::Submit => {
                if self.left(method, now) == 0 {
                    return 0;
                }
                let left = self.submits.left(now).max(self.polls.last(now));
                left.saturating_add(self.submits.place(dice))
            }
        }
    }
}

/// Closed by a 429, it opens by itself; those that waited resume one after another.
#[derive(Debug, Default)]
struct Gate {
    pause: Option<Timer>,
    strikes: u32,
    waiting: u64,
    /// How many 429s have come.
    refusals: u32,
}

impl Gate {
    /// Milliseconds until it opens; 0 where it is open.
    fn left(&self, now: Now) -> u64 {
        self.pause.map_or(0, |pause| pause.left(now))
    }

    /// Milliseconds until the last of those that wait has gone through.
    fn last(&self, now: Now) -> u64 {
        match self.left(now) {
            0 => 0,
            left => left.saturating_add(self.waiting.saturating_mul(SPREAD)),
        }
    }

    /// A 429 came. One pause for all that were under way: further 429s lengthen it only where
    /// they ask for more. What the service asks for never shortens our own back-off. Tells whether
    /// it was open.
    fn close(&mut self, now: Now, retry_after: Option<u64>, dice: &mut impl Dice) -> bool {
        self.refusals = self.refusals.wrapping_add(1);
        let left = self.left(now);
        let asked = retry_after.unwrap_or(0);
        let wait = if left > 0 {
            asked
        } else {
            self.strikes = self.strikes.saturating_add(1);
            self.waiting = 0;
            backoff(self.strikes, 60_000, dice).max(asked).max(FLOOR)
        };
        if wait > left {
            self.pause = Some(Timer::start(now, wait));
        }
        left == 0
    }

    /// A reply that was no 429 came: through the open gate, or in spite of the closed one.
    fn passed(&mut self, now: Now, forced: bool) {
        if forced || self.left(now) == 0 {
            self.pause = None;
            self.strikes = 0;
        }
    }

    fn queue(&mut self, now: Now, dice: &mut impl Dice) -> u64 {
        match self.left(now) {
            0 => 0,
            left => left.saturating_add(self.place(dice)),
        }
    }

    /// The next place behind those that wait, in milliseconds after the pause.
    fn place(&mut self, dice: &mut impl Dice) -> u64 {
        let place = self.waiting.saturating_mul(SPREAD);
        self.waiting = self.waiting.saturating_add(1);
        place.saturating_add(dice.below(SPREAD))
    }
}
