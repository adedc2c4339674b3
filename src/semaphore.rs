//! An async semaphore: `protocol` decides whose turn it is, this wakes the waiters.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use protocol::FairSemaphore;

/// A semaphore shared by its permits and waiters.
#[derive(Clone)]
pub(crate) struct Semaphore(Rc<Cell<FairSemaphore<Waker>>>);

impl Semaphore {
    /// A semaphore with so many permits.
    pub(crate) fn new(limit: u32) -> Self {
        Self(Rc::new(Cell::new(FairSemaphore::new(limit))))
    }

    /// Joins the queue.
    pub(crate) fn acquire(&self) -> Acquire {
        let number = self.with(FairSemaphore::enqueue);
        Acquire { queue: self.clone(), number, inside: false }
    }

    // The state is taken out and put back: nothing could be borrowed twice.
    fn with<T>(&self, act: impl FnOnce(&mut FairSemaphore<Waker>) -> T) -> T {
        let mut places = self.0.take();
        let result = act(&mut places);
        self.0.set(places);
        result
    }

    fn wake_next(&self) {
        if let Some(waker) = self.with(|places| places.next_waker().cloned()) {
            waker.wake();
        }
    }
}

/// A position in the queue. Dropping it before its turn leaves the queue.
pub(crate) struct Acquire {
    queue: Semaphore,
    number: u32,
    inside: bool,
}

impl Acquire {
    /// The permit, when it is its turn.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Permit> {
        let number = self.number;
        self.inside = self.queue.with(|places| places.try_acquire(number));
        if self.inside {
            self.queue.wake_next();
            return Poll::Ready(Permit(self.queue.clone()));
        }
        let waker = cx.waker().clone();
        self.queue.with(|places| places.set_waker(number, waker));
        Poll::Pending
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        if !self.inside {
            let number = self.number;
            self.queue.with(|places| places.cancel(number));
            self.queue.wake_next();
        }
    }
}

/// A permit, released when dropped.
pub(crate) struct Permit(Semaphore);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.with(FairSemaphore::release);
        self.0.wake_next();
    }
}
