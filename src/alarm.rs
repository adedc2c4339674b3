//! The one timer of a wait.

use std::cell::Cell;
use std::rc::Rc;
use std::task::Context;

use gloo_timers::callback::Timeout;

use crate::clock;

/// The longest that `setTimeout` can wait, in milliseconds.
pub(crate) const LONGEST: u64 = 0x7fff_ffff;
/// A wait that no event of the page ends looks at the clocks this often, in milliseconds: a timer
/// may stand still while the machine sleeps, and the deadline does not.
pub(crate) const LOOK: u64 = 30_000;

/// Set once for a wait; again only where it fired early or could not wait so long.
#[derive(Default)]
pub(crate) struct Alarm {
    timeout: Option<Timeout>,
    /// When it is due by the steady clock, and for how long it was set.
    due: (u64, u64),
    fired: Rc<Cell<bool>>,
    /// No timer can be set, and it was said so.
    broken: bool,
}

/// What came of a timer.
pub(crate) enum Alert {
    /// The time has passed.
    Elapsed,
    /// No timer can be set.
    Broken,
}

impl Alarm {
    /// Sets it anew for the same wait.
    pub(crate) fn restart(&mut self) {
        self.timeout = None;
        self.fired.set(false);
    }

    /// What came of it, where `left` tells what is left of the time; if nothing, the task is woken.
    pub(crate) fn poll(&mut self, cx: &Context<'_>, longest: u64, left: &mut dyn FnMut() -> u64) -> Option<Alert> {
        if self.broken {
            return None;
        }
        if self.timeout.is_some() {
            if !self.fired.take() {
                return None;
            }
            clock::fired(self.due.0, self.due.1);
        }
        let span = left();
        if span == u64::MAX {
            return None;
        }
        if span == 0 && self.timeout.is_some() {
            return Some(Alert::Elapsed);
        }
        let (fired, waker) = (Rc::clone(&self.fired), cx.waker().clone());
        let span = span.min(longest);
        self.due = (clock::now().steady.saturating_add(span), span);
        let span = u32::try_from(span).unwrap_or_default();
        self.timeout = Some(Timeout::new(span, move || {
            fired.set(true);
            waker.wake_by_ref();
        }));
        // No timer is that quick: `js/timers.ts` calls back at once where the platform's function throws.
        self.broken = self.fired.take();
        self.broken.then_some(Alert::Broken)
    }
}
