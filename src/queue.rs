//! Waiting for a place: `protocol` says whose turn it is, this wakes them.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use protocol::places::Places;

/// A number of places and those who wait for one.
#[derive(Clone)]
pub(crate) struct Queue(Rc<Cell<Places<Waker>>>);

impl Queue {
    /// A queue for so many places.
    pub(crate) fn new(limit: u32) -> Self {
        Self(Rc::new(Cell::new(Places::new(limit))))
    }

    /// Joins the end of the queue.
    pub(crate) fn join(&self) -> Ticket {
        let number = self.with(Places::join);
        Ticket { queue: self.clone(), number, inside: false }
    }

    // The places are taken out and put back: nothing that could be borrowed twice.
    fn with<T>(&self, act: impl FnOnce(&mut Places<Waker>) -> T) -> T {
        let mut places = self.0.take();
        let result = act(&mut places);
        self.0.set(places);
        result
    }

    fn wake_next(&self) {
        if let Some(waker) = self.with(|places| places.next().cloned()) {
            waker.wake();
        }
    }
}

/// A place in the queue. Dropped before its turn, it has left it.
pub(crate) struct Ticket {
    queue: Queue,
    number: u32,
    inside: bool,
}

impl Ticket {
    /// The place, when it is its turn.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Place> {
        let number = self.number;
        self.inside = self.queue.with(|places| places.enter(number));
        if self.inside {
            self.queue.wake_next();
            return Poll::Ready(Place(self.queue.clone()));
        }
        let waker = cx.waker().clone();
        self.queue.with(|places| places.wait(number, waker));
        Poll::Pending
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.inside {
            let number = self.number;
            self.queue.with(|places| places.forget(number));
            self.queue.wake_next();
        }
    }
}

/// A place, given back when dropped.
pub(crate) struct Place(Queue);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.with(Places::leave);
        self.0.wake_next();
    }
}
