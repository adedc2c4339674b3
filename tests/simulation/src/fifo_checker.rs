//! The queue for permits, as the browser's driver keeps it, and a second record by which it is checked.

use std::collections::VecDeque;

use protocol::FairSemaphore;

/// A semaphore of the protocol, and a second record of who waits.
#[derive(Debug)]
pub(crate) struct FifoChecker {
    /// Each ticket with its task.
    semaphore: FairSemaphore<u32>,
    /// Tickets and tasks, in order of arrival.
    waiting: VecDeque<(u32, u32)>,
    /// How many there are.
    pub(crate) capacity: u32,
}

impl FifoChecker {
    /// With so many permits.
    pub(crate) fn new(capacity: u32) -> Self {
        Self { semaphore: FairSemaphore::new(capacity), waiting: VecDeque::new(), capacity }
    }

    /// Joins at the end.
    pub(crate) fn enqueue(&mut self, task: u32) -> u32 {
        let ticket = self.semaphore.enqueue();
        self.semaphore.set_waker(ticket, task);
        self.waiting.push_back((ticket, task));
        ticket
    }

    /// Acquires a permit if there is one; returns then whether nobody had waited longer.
    pub(crate) fn try_acquire(&mut self, ticket: u32) -> Option<bool> {
        if !self.semaphore.try_acquire(ticket) {
            return None;
        }
        let fair = self.waiting.front().is_some_and(|(first, _)| *first == ticket);
        self.waiting.retain(|(waiting, _)| *waiting != ticket);
        Some(fair)
    }

    /// Stops waiting.
    pub(crate) fn cancel(&mut self, ticket: u32) {
        self.semaphore.cancel(ticket);
        self.waiting.retain(|(waiting, _)| *waiting != ticket);
    }

    /// Releases a permit.
    pub(crate) fn release(&mut self) {
        self.semaphore.release();
    }

    /// A mutant: those who wait are served from the end. Returns their new tickets; the record by which the
    /// queue is checked stays as it was.
    pub(crate) fn reverse(&mut self) -> Option<Vec<(u32, u32)>> {
        if self.semaphore.next_waker().is_none() || self.waiting.len() < 2 {
            return None;
        }
        for (ticket, _) in &self.waiting {
            self.semaphore.cancel(*ticket);
        }
        let semaphore = &mut self.semaphore;
        let moved = self.waiting.iter_mut().rev().map(|(ticket, task)| {
            *ticket = semaphore.enqueue();
            semaphore.set_waker(*ticket, *task);
            (*task, *ticket)
        });
        Some(moved.collect())
    }

    /// The task to be served next.
    pub(crate) fn next(&self) -> Option<u32> {
        self.semaphore.next_waker().copied()
    }
}
