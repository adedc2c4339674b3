//! What is going to happen, in order of time.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Something that is going to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A task begins, or begins its next call.
    Start(u32),
    /// A timer of a task's wait fires.
    Timer { task: u32, alarm: u32 },
    /// A request arrives at the service.
    Arrive(u32),
    /// A submit of the server half arrives at the service.
    Upstream(u32),
    /// The server half learns what came of its submit.
    Outcome(u32),
    /// The server half has kept a repeated submit waiting for long enough.
    Patience(u32),
    /// Others use the same key at the service: so many rows more in its logs.
    Others(u32),
    /// The reply arrives in the page.
    Deliver(u32),
    /// A key function, `onSubmitting` or `onSubmitted` settles.
    Answered { task: u32, epoch: u32 },
    /// The caller aborts its running call.
    Abort(u32),
    /// Something befalls the page or the machine.
    Gust(u32),
}

/// The event heap.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    heap: BinaryHeap<Entry>,
    count: u32,
}

impl Agenda {
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.heap.clear();
        self.count = 0;
    }

    /// Notes an event; at one moment, what was noted first happens first.
    pub(crate) fn note(&mut self, at: u64, what: What) {
        self.count += 1;
        self.heap.push(Entry { at, tie: self.count, what });
    }

    /// Notes an event in an order of its own among those of the same moment.
    pub(crate) fn note_among(&mut self, at: u64, tie: u32, what: What) {
        self.heap.push(Entry { at, tie, what });
    }

    /// Takes the next event and its time.
    pub(crate) fn next(&mut self) -> Option<(u64, What)> {
        self.heap.pop().map(|entry| (entry.at, entry.what))
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    at: u64,
    tie: u32,
    what: What,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.tie).cmp(&(self.at, self.tie))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
