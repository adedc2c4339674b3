//! Waiting for a place: `protocol` says whose turn it is, this wakes them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

use protocol::places::Places;

/// A number of places and those who wait for one.
#[derive(Debug)]
pub(crate) struct Queue {
    places: RefCell<Places>,
    wakers: RefCell<VecDeque<(u32, Waker)>>,
}

impl Queue {
    /// A queue for so many places.
    pub(crate) fn new(limit: u32) -> Rc<Self> {
        Rc::new(Self { places: RefCell::new(Places::new(limit)), wakers: RefCell::default() })
    }

    /// Joins at once; the future ends with a place. Dropped before, it has left the queue.
    pub(crate) fn enter(self: &Rc<Self>) -> impl Future<Output = Place> + use<> {
        let ticket = self.places.borrow_mut().join();
        let mut waiting = Waiting { queue: Rc::clone(self), ticket, inside: false, asleep: false };
        poll_fn(move |cx| {
            if waiting.queue.places.borrow_mut().enter(waiting.ticket) {
                waiting.inside = true;
                waiting.queue.wake_next();
                return Poll::Ready(Place(Rc::clone(&waiting.queue)));
            }
            if !waiting.asleep {
                waiting.asleep = true;
                waiting.queue.wakers.borrow_mut().push_back((waiting.ticket, cx.waker().clone()));
            }
            Poll::Pending
        })
    }

    fn wake_next(&self) {
        let Some(next) = self.places.borrow().next() else { return };
        let wakers = self.wakers.borrow();
        if let Some((_, waker)) = wakers.iter().find(|(ticket, _)| *ticket == next) {
            waker.wake_by_ref();
        }
    }
}

struct Waiting {
    queue: Rc<Queue>,
    ticket: u32,
    inside: bool,
    asleep: bool,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.asleep {
            let mut wakers = self.queue.wakers.borrow_mut();
            if let Some(place) = wakers.iter().position(|(ticket, _)| *ticket == self.ticket) {
                wakers.remove(place);
            }
        }
        if !self.inside {
            self.queue.places.borrow_mut().forget(self.ticket);
            self.queue.wake_next();
        }
    }
}

/// A place, given back when dropped.
pub(crate) struct Place(Rc<Queue>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.places.borrow_mut().leave();
        self.0.wake_next();
    }
}
