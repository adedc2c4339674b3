//! The one timer of a wait.

use std::cell::Cell;
use std::rc::Rc;
use std::task::Context;

use gloo_timers::callback::Timeout;

/// The longest that `setTimeout` can wait, in milliseconds.
pub(crate) const LONGEST: u64 = 0x7fff_ffff;
/// A wait that no event of the page ends looks at the clocks this often, in milliseconds: a timer
/// may stand still while the machine sleeps, and the deadline does not.
pub(crate) const LOOK: u64 = 30_000;

/// Set once for a wait; again only where it fired early or could not wait so long.
#[derive(Default)]
pub(crate) struct Alarm {
    timeout: Option<Timeout>,
    fired: Rc<Cell<bool>>,
}

impl Alarm {
    /// Whether the time has passed, of which `left` tells what is left; if not, the task is woken.
    pub(crate) fn poll(&mut self, cx: &Context<'_>, longest: u64, left: &dyn Fn() -> u64) -> bool {
        if self.timeout.is_some() && !self.fired.take() {
            return false;
        }
        let span = left();
        if span == u64::MAX {
            return false;
        }
        if span == 0 && self.timeout.is_some() {
            return true;
        }
        let (fired, waker) = (Rc::clone(&self.fired), cx.waker().clone());
        let span = u32::try_from(span.min(longest)).unwrap_or_default();
        self.timeout = Some(Timeout::new(span, move || {
            fired.set(true);
            waker.wake_by_ref();
        }));
        false
    }
}
