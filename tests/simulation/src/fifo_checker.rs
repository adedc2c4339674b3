//! A line of those who wait for a place, as the browser's driver keeps it, and a second record by
//! which it is judged.

use std::collections::VecDeque;

use protocol::FairSemaphore;

/// A semaphore of the protocol, and a second record of who waits.
#[derive(Debug)]
pub(crate) struct FifoChecker {
    /// Each ticket with its task.
    places: FairSemaphore<u32>,
    /// Tickets and tasks, in order of arrival.
    waiting: VecDeque<(u32, u32)>,
    /// How many there are.
    pub(crate) most: u32,
}

impl FifoChecker {
    /// A line for so many places.
    pub(crate) fn new(most: u32) -> Self {
        Self { places: FairSemaphore::new(most), waiting: VecDeque::new(), most }
    }

    /// Joins at the end.
    pub(crate) fn enqueue(&mut self, task: u32) -> u32 {
        let ticket = self.places.enqueue();
        self.places.set_waker(ticket, task);
        self.waiting.push_back((ticket, task));
        ticket
    }

    /// Takes a place if it is free; says then whether nobody had waited longer.
    pub(crate) fn try_acquire(&mut self, ticket: u32) -> Option<bool> {
        if !self.places.try_acquire(ticket) {
            return None;
        }
        let fair = self.waiting.front().is_some_and(|(first, _)| *first == ticket);
        self.waiting.retain(|(waiting, _)| *waiting != ticket);
        Some(fair)
    }

    /// Leaves the line.
    pub(crate) fn cancel(&mut self, ticket: u32) {
        self.places.cancel(ticket);
        self.waiting.retain(|(waiting, _)| *waiting != ticket);
    }

    /// Gives a place back.
    pub(crate) fn release(&mut self) {
        self.places.release();
    }

    /// A bug: those who wait are served from the end. Their new tickets are given back; the record
    /// by which the line is judged stays as it was.
    pub(crate) fn reverse(&mut self) -> Option<Vec<(u32, u32)>> {
        if self.places.next_waker().is_none() || self.waiting.len() < 2 {
            return None;
        }
        for (ticket, _) in &self.waiting {
            self.places.cancel(*ticket);
        }
        let places = &mut self.places;
        let moved = self.waiting.iter_mut().rev().map(|(ticket, task)| {
            *ticket = places.enqueue();
            places.set_waker(*ticket, *task);
            (*task, *ticket)
        });
        Some(moved.collect())
    }

    /// The task whose turn it is.
    pub(crate) fn next(&self) -> Option<u32> {
        self.places.next_waker().copied()
    }
}
