//! Who may run and who waits: a fair queue, for jobs of a client and for requests of a module.

use std::collections::VecDeque;

/// A number of places, given in order of arrival.
#[derive(Debug, Default)]
pub struct Places {
    limit: u32,
    taken: u32,
    waiting: VecDeque<u32>,
    last: u32,
}

impl Places {
    /// Places for so many at once.
    pub fn new(limit: u32) -> Self {
        Self { limit, taken: 0, waiting: VecDeque::new(), last: 0 }
    }

    /// Joins the queue; the ticket is for [`Places::enter`] and [`Places::forget`].
    pub fn join(&mut self) -> u32 {
        self.last = self.last.wrapping_add(1);
        self.waiting.push_back(self.last);
        self.last
    }

    /// Takes a place if one is free and nobody has waited longer.
    pub fn enter(&mut self, ticket: u32) -> bool {
        let free = self.next() == Some(ticket);
        if free {
            self.waiting.pop_front();
            self.taken = self.taken.saturating_add(1);
        }
        free
    }

    /// Leaves the queue without having had a place.
    pub fn forget(&mut self, ticket: u32) {
        // One turn of the queue rather than `retain`, which could panic.
        for _ in 0..self.waiting.len() {
            if let Some(waiting) = self.waiting.pop_front()
                && waiting != ticket
            {
                self.waiting.push_back(waiting);
            }
        }
    }

    /// Gives a place back.
    pub fn leave(&mut self) {
        self.taken = self.taken.saturating_sub(1);
    }

    /// Whose turn it is, if there is a free place and somebody waits.
    pub fn next(&self) -> Option<u32> {
        if self.taken < self.limit { self.waiting.front().copied() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_places_in_order_of_arrival() {
        let mut places = Places::new(1);
        let (a, b, c) = (places.join(), places.join(), places.join());
        assert!(!places.enter(b));
        assert!(places.enter(a));
        assert_eq!(places.next(), None);
        places.leave();
        assert_eq!(places.next(), Some(b));
        places.forget(b);
        assert!(places.enter(c));
    }
}
