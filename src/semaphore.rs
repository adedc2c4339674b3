//! An async semaphore: `protocol` decides who is next, and this wakes the waiters.

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
        Acquire { semaphore: self.clone(), number, has_permit: false }
    }

    // The state is taken out and put back, so that it cannot be borrowed twice.
    fn with<T>(&self, act: impl FnOnce(&mut FairSemaphore<Waker>) -> T) -> T {
        let mut semaphore = self.0.take();
        let result = act(&mut semaphore);
        self.0.set(semaphore);
        result
    }

    fn wake_next(&self) {
        if let Some(waker) = self.with(|semaphore| semaphore.next_waker().cloned()) {
            waker.wake();
        }
    }
}

/// A position in the queue, which is given up when this is dropped before it has a permit.
pub(crate) struct Acquire {
    semaphore: Semaphore,
    number: u32,
    has_permit: bool,
}

impl Acquire {
    /// The permit, once it is the next in the queue and a permit is free.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Permit> {
        let number = self.number;
        self.has_permit = self.semaphore.with(|semaphore| semaphore.try_acquire(number));
        if self.has_permit {
            self.semaphore.wake_next();
            return Poll::Ready(Permit(self.semaphore.clone()));
        }
        let waker = cx.waker().clone();
        self.semaphore.with(|semaphore| semaphore.set_waker(number, waker));
        Poll::Pending
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        if !self.has_permit {
            let number = self.number;
            self.semaphore.with(|semaphore| semaphore.cancel(number));
            self.semaphore.wake_next();
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
