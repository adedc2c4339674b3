//! Waiting for something, but not for ever and not past an abort.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use gloo_timers::callback::Timeout;

use crate::abort::Cancel;

/// The longest that `setTimeout` can wait, in milliseconds.
const LONGEST: u64 = 0x7fff_ffff;

/// How a wait ended.
pub(crate) enum Raced<T> {
    /// What was waited for is here.
    Ready(T),
    /// The time has passed.
    Elapsed,
    /// The caller's signal.
    Aborted,
}

/// Waits for `future`, as long as `left` gives it, unless the caller aborts.
///
/// Takes trait objects: one copy of this serves every wait of a kind.
pub(crate) async fn race<T>(
    mut future: Pin<&mut dyn Future<Output = T>>,
    left: &dyn Fn() -> u64,
    cancel: &Cancel,
) -> Raced<T> {
    let mut alarm = Alarm::default();
    poll_fn(|cx| {
        if cancel.poll_aborted(cx) {
            return Poll::Ready(Raced::Aborted);
        }
        if let Poll::Ready(value) = future.as_mut().poll(cx) {
            return Poll::Ready(Raced::Ready(value));
        }
        if alarm.poll(cx, left) { Poll::Ready(Raced::Elapsed) } else { Poll::Pending }
    })
    .await
}

/// One timer; set again only where it fired early or could not wait so long.
#[derive(Default)]
struct Alarm {
    timeout: Option<Timeout>,
    fired: Rc<Cell<bool>>,
}

impl Alarm {
    fn poll(&mut self, cx: &Context<'_>, left: &dyn Fn() -> u64) -> bool {
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
        let span = u32::try_from(span.min(LONGEST)).unwrap_or_default();
        self.timeout = Some(Timeout::new(span, move || {
            fired.set(true);
            waker.wake_by_ref();
        }));
        false
    }
}
