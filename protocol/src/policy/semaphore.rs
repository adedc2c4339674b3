//! A fair semaphore, for the calls of a client and for the requests of a module.

/// A number of permits, granted in order of arrival. `W` wakes a waiter.
#[derive(Debug)]
pub struct FairSemaphore<W> {
    limit: u32,
    acquired: u32,
    /// The ticket of the first waiter in the list; the others follow without gaps.
    first: u32,
    /// A plain list, since a deque is larger: those that left at its front are removed together.
    waiting: Vec<Waiting<W>>,
    /// How many have left at its front and are still in the list.
    left_at_front: usize,
}

#[derive(Debug)]
enum Waiting<W> {
    Queued(Option<W>),
    Left,
}

impl<W> FairSemaphore<W> {
    /// A semaphore with so many permits.
    pub fn new(limit: u32) -> Self {
        Self { limit, acquired: 0, first: 0, waiting: Vec::new(), left_at_front: 0 }
    }

    /// Joins the queue; returns a ticket for the methods below.
    pub fn enqueue(&mut self) -> u32 {
        let behind = u32::try_from(self.waiting.len()).unwrap_or_default();
        self.waiting.push(Waiting::Queued(None));
        self.first.wrapping_add(behind)
    }

    /// Takes a permit if one is free and nobody has waited longer.
    pub fn try_acquire(&mut self, ticket: u32) -> bool {
        let free = self.acquired < self.limit
            && self.index_of(ticket) == self.left_at_front
            && self.left_at_front < self.waiting.len();
        if free {
            self.acquired = self.acquired.saturating_add(1);
            self.cancel(ticket);
        }
        free
    }

    /// Sets the waker for this ticket's turn.
    pub fn set_waker(&mut self, ticket: u32, waker: W) {
        self.replace(ticket, Waiting::Queued(Some(waker)));
    }

    /// Leaves the queue.
    pub fn cancel(&mut self, ticket: u32) {
        self.replace(ticket, Waiting::Left);
        while let Some(Waiting::Left) = self.waiting.get(self.left_at_front) {
            self.left_at_front = self.left_at_front.saturating_add(1);
        }
        // Rarely enough that each element is moved about once.
        if self.left_at_front > self.waiting.len() / 2 {
            let mut index = 0;
            self.waiting.retain(|_| {
                index += 1;
                index > self.left_at_front
            });
            self.first = self.first.wrapping_add(u32::try_from(self.left_at_front).unwrap_or_default());
            self.left_at_front = 0;
        }
    }

    /// Returns a permit.
    pub fn release(&mut self) {
        self.acquired = self.acquired.saturating_sub(1);
    }

    /// The waker of whoever is next, if a permit is free.
    pub fn next_waker(&self) -> Option<&W> {
        match self.waiting.get(self.left_at_front) {
            Some(Waiting::Queued(waker)) if self.acquired < self.limit => waker.as_ref(),
            _ => None,
        }
    }

    fn replace(&mut self, ticket: u32, waiting: Waiting<W>) {
        let index = self.index_of(ticket);
        if let Some(known) = self.waiting.get_mut(index) {
            *known = waiting;
        }
    }

    fn index_of(&self, ticket: u32) -> usize {
        usize::try_from(ticket.wrapping_sub(self.first)).unwrap_or(usize::MAX)
    }
}

impl<W> Default for FairSemaphore<W> {
    fn default() -> Self {
        Self::new(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn semaphore(limit: u32) -> FairSemaphore<&'static str> {
        FairSemaphore::new(limit)
    }

    #[test]
    fn permits_are_granted_in_order_of_arrival() {
        let mut semaphore = semaphore(1);
        let (a, b, c) = (semaphore.enqueue(), semaphore.enqueue(), semaphore.enqueue());
        assert!(!semaphore.try_acquire(b));
        assert!(semaphore.try_acquire(a));
        semaphore.set_waker(b, "b");
        semaphore.set_waker(c, "c");
        assert_eq!(semaphore.next_waker(), None);
        semaphore.release();
        assert_eq!(semaphore.next_waker(), Some(&"b"));
        semaphore.cancel(b);
        assert_eq!(semaphore.next_waker(), Some(&"c"));
        assert!(semaphore.try_acquire(c));
    }

    #[test]
    fn cancelled_tickets_are_passed_over() {
        let mut semaphore = semaphore(1);
        let tickets: Vec<_> = (0..5).map(|_| semaphore.enqueue()).collect();
        for ticket in [tickets[3], tickets[1], tickets[2]] {
            semaphore.cancel(ticket);
        }
        assert!(semaphore.try_acquire(tickets[0]));
        semaphore.release();
        assert!(semaphore.try_acquire(tickets[4]));
        semaphore.release();
        let late = semaphore.enqueue();
        semaphore.cancel(tickets[4]);
        assert!(semaphore.try_acquire(late));
    }
}
