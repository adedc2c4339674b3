//! Who may run and who waits: a fair queue, for jobs of a client and for requests of a module.

/// A number of places, given in order of arrival. `W` is whatever wakes one who waits.
#[derive(Debug)]
pub struct Places<W> {
    limit: u32,
    taken: u32,
    /// The ticket of the first of the list; the rest follow without a gap.
    first: u32,
    /// A plain list, since a deque weighs more: those who left at its front are taken out together.
    waiting: Vec<Waiting<W>>,
    /// How many have left at its front.
    gone: usize,
}

#[derive(Debug)]
enum Waiting<W> {
    Here(Option<W>),
    Gone,
}

impl<W> Places<W> {
    /// Places for so many at once.
    pub fn new(limit: u32) -> Self {
        Self { limit, taken: 0, first: 0, waiting: Vec::new(), gone: 0 }
    }

    /// Joins the queue; the ticket is for all that follows.
    pub fn join(&mut self) -> u32 {
        let behind = u32::try_from(self.waiting.len()).unwrap_or_default();
        self.waiting.push(Waiting::Here(None));
        self.first.wrapping_add(behind)
    }

    /// Takes a place if one is free and nobody has waited longer.
    pub fn enter(&mut self, ticket: u32) -> bool {
        let free = self.taken < self.limit && self.place(ticket) == self.gone && self.gone < self.waiting.len();
        if free {
            self.taken = self.taken.saturating_add(1);
            self.forget(ticket);
        }
        free
    }

    /// Wakes this one by `waker` when its turn comes.
    pub fn wait(&mut self, ticket: u32, waker: W) {
        self.put(ticket, Waiting::Here(Some(waker)));
    }

    /// Leaves the queue.
    pub fn forget(&mut self, ticket: u32) {
        self.put(ticket, Waiting::Gone);
        while let Some(Waiting::Gone) = self.waiting.get(self.gone) {
            self.gone = self.gone.saturating_add(1);
        }
        // Seldom enough that each is moved about once.
        if self.gone > self.waiting.len() / 2 {
            let mut index = 0;
            self.waiting.retain(|_| {
                index += 1;
                index > self.gone
            });
            self.first = self.first.wrapping_add(u32::try_from(self.gone).unwrap_or_default());
            self.gone = 0;
        }
    }

    /// Gives a place back.
    pub fn leave(&mut self) {
        self.taken = self.taken.saturating_sub(1);
    }

    /// Who is to be woken: whose turn it is, if there is a free place and somebody waits.
    pub fn next(&self) -> Option<&W> {
        match self.waiting.get(self.gone) {
            Some(Waiting::Here(waker)) if self.taken < self.limit => waker.as_ref(),
            _ => None,
        }
    }

    fn put(&mut self, ticket: u32, waiting: Waiting<W>) {
        let place = self.place(ticket);
        if let Some(known) = self.waiting.get_mut(place) {
            *known = waiting;
        }
    }

    fn place(&self, ticket: u32) -> usize {
        usize::try_from(ticket.wrapping_sub(self.first)).unwrap_or(usize::MAX)
    }
}

impl<W> Default for Places<W> {
    fn default() -> Self {
        Self::new(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(limit: u32) -> Places<&'static str> {
        Places::new(limit)
    }

    #[test]
    fn gives_places_in_order_of_arrival() {
        let mut places = places(1);
        let (a, b, c) = (places.join(), places.join(), places.join());
        assert!(!places.enter(b));
        assert!(places.enter(a));
        places.wait(b, "b");
        places.wait(c, "c");
        assert_eq!(places.next(), None);
        places.leave();
        assert_eq!(places.next(), Some(&"b"));
        places.forget(b);
        assert_eq!(places.next(), Some(&"c"));
        assert!(places.enter(c));
    }

    #[test]
    fn passes_over_those_who_left_the_middle() {
        let mut places = places(1);
        let tickets: Vec<_> = (0..5).map(|_| places.join()).collect();
        for ticket in [tickets[3], tickets[1], tickets[2]] {
            places.forget(ticket);
        }
        assert!(places.enter(tickets[0]));
        places.leave();
        assert!(places.enter(tickets[4]));
        places.leave();
        let late = places.join();
        places.forget(tickets[4]);
        assert!(places.enter(late));
    }
}
