//! Waiting for a place: `protocol` says whose turn it is, this wakes them.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use protocol::places::Places;

/// A number of places and those who wait for one.
#[derive(Clone)]
pub(crate) struct Queue(Rc<Cell<State>>);

#[derive(Default)]
struct State {
    places: Places,
    wakers: VecDeque<(u32, Waker)>,
}

impl Queue {
    /// A queue for so many places.
    pub(crate) fn new(limit: u32) -> Self {
        Self(Rc::new(Cell::new(State { places: Places::new(limit), wakers: VecDeque::new() })))
    }

    /// Joins the end of the queue.
    pub(crate) fn join(&self) -> Ticket {
        let number = self.with(|state| state.places.join());
        Ticket { queue: self.clone(), number, inside: false, asleep: false }
    }

    // The state is taken out and put back: nothing that could be borrowed twice.
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.0.take();
        let result = act(&mut state);
        self.0.set(state);
        result
    }

    fn wake_next(&self) {
        let waker = self.with(|state| {
            let next = state.places.next()?;
            state.wakers.iter().find(|(number, _)| *number == next).map(|(_, waker)| waker.clone())
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A place in the queue. Dropped before its turn, it has left it.
pub(crate) struct Ticket {
    queue: Queue,
    number: u32,
    inside: bool,
    asleep: bool,
}

impl Ticket {
    /// The place, when it is its turn.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Place> {
        let number = self.number;
        self.inside = self.queue.with(|state| state.places.enter(number));
        if self.inside {
            self.queue.wake_next();
            return Poll::Ready(Place(self.queue.clone()));
        }
        if !self.asleep {
            self.asleep = true;
            let waker = cx.waker().clone();
            self.queue.with(|state| state.wakers.push_back((number, waker)));
        }
        Poll::Pending
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let number = self.number;
        if self.asleep {
            self.queue.with(|state| {
                for _ in 0..state.wakers.len() {
                    if let Some(waiting) = state.wakers.pop_front()
                        && waiting.0 != number
                    {
                        state.wakers.push_back(waiting);
                    }
                }
            });
        }
        if !self.inside {
            self.queue.with(|state| state.places.forget(number));
            self.queue.wake_next();
        }
    }
}

/// A place, given back when dropped.
pub(crate) struct Place(Queue);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.with(|state| state.places.leave());
        self.0.wake_next();
    }
}
