//! The timer of a wait.

use std::cell::Cell;
use std::rc::Rc;
use std::task::Context;

use gloo_timers::callback::Timeout;

use crate::clock;

/// The longest that `setTimeout` can wait, in milliseconds.
pub(crate) const MAX_TIMEOUT: u64 = 0x7fff_ffff;

/// Set once for a wait; set again only if it fired early or could not wait that long.
#[derive(Default)]
pub(crate) struct WaitTimer {
    timeout: Option<Timeout>,
    /// When it is due by the monotonic clock, and for how long it was set.
    due: (u64, u64),
    fired: Rc<Cell<bool>>,
    /// No timer can be set, and that was reported.
    unavailable: bool,
}

/// The result of a timer.
pub(crate) enum TimerOutcome {
    /// The time has passed.
    Elapsed,
    /// No timer can be set.
    Unavailable,
}

impl WaitTimer {
    /// Sets it again for the same wait.
    pub(crate) fn restart(&mut self) {
        self.timeout = None;
        self.fired.set(false);
    }

    /// The result of the timer, if it has one; `left` returns the remaining time. Otherwise the task will be
    /// woken.
    pub(crate) fn poll(
        &mut self,
        cx: &Context<'_>,
        longest: u64,
        left: &mut dyn FnMut() -> u64,
    ) -> Option<TimerOutcome> {
        if self.unavailable {
            return None;
        }
        if self.timeout.is_some() {
            if !self.fired.take() {
                return None;
            }
            clock::on_timer_fired(self.due.0, self.due.1);
        }
        let span = left();
        if span == u64::MAX {
            return None;
        }
        if span == 0 && self.timeout.is_some() {
            return Some(TimerOutcome::Elapsed);
        }
        let (fired, waker) = (Rc::clone(&self.fired), cx.waker().clone());
        let span = span.min(longest);
        self.due = (clock::now().monotonic.saturating_add(span), span);
        let span = u32::try_from(span).unwrap_or_default();
        self.timeout = Some(Timeout::new(span, move || {
            fired.set(true);
            waker.wake_by_ref();
        }));
        // No timer fires this early: `js/timers.ts` calls back at once if the platform's function throws.
        self.unavailable = self.fired.take();
        self.unavailable.then_some(TimerOutcome::Unavailable)
    }
}
