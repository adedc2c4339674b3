//! What is going to happen, in order of time.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::download::FileOutcome;

/// Something that is going to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SimEvent {
    /// A task begins, or begins its next call.
    Start(u32),
    /// A timer of a task's wait fires.
    Timer { task: u32, timer_id: u32 },
    /// A request arrives at the service.
    RequestArrives(u32),
    /// A submit of the server half arrives at the service.
    UpstreamArrives(u32),
    /// The server half learns what came of its submit.
    UpstreamAnswers(u32),
    /// The server half stops waiting for the first submit on behalf of a repeated one.
    RepeatTimesOut(u32),
    /// Others use the same key at the service: so many rows more in its logs.
    OtherSubmits(u32),
    /// The reply arrives in the page.
    ReplyArrives(u32),
    /// A key function, `onSubmitting` or `onSubmitted` settles.
    CallbackSettles { task: u32, epoch: u32 },
    /// The transfer of a file ends.
    FileArrives { task: u32, epoch: u32, outcome: FileOutcome },
    /// The caller aborts its running call.
    Abort(u32),
    /// Something happens to the page or the machine.
    Environment(u32),
}

/// The event heap.
#[derive(Debug, Default)]
pub(crate) struct EventQueue {
    heap: BinaryHeap<Entry>,
    count: u32,
}

impl EventQueue {
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.heap.clear();
        self.count = 0;
    }

    /// Schedules an event; of those at one moment, the first scheduled happens first.
    pub(crate) fn schedule(&mut self, at: u64, what: SimEvent) {
        self.count += 1;
        self.heap.push(Entry { at, tie: self.count, what });
    }

    /// Schedules an event at a given position among those of the same moment.
    pub(crate) fn schedule_with_tie(&mut self, at: u64, tie: u32, what: SimEvent) {
        self.heap.push(Entry { at, tie, what });
    }

    /// Takes the next event and its time.
    pub(crate) fn next(&mut self) -> Option<(u64, SimEvent)> {
        self.heap.pop().map(|entry| (entry.at, entry.what))
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    at: u64,
    tie: u32,
    what: SimEvent,
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
