//! What all clients of the module share.

use std::cell::Cell;
use std::rc::Rc;

use protocol::shared::Shared;

use crate::queue::Queue;

/// API requests open at once: a browser fails thousands of them.
const MAX_REQUESTS: u32 = 100;
/// Downloads open at once, apart from them: files that hang keep no poll from being sent.
const MAX_DOWNLOADS: u32 = 6;

/// The gate and the rest that belongs to one base origin; nothing yet, or while a call acts on it.
pub(crate) type Origin = Rc<Cell<Option<Box<Shared>>>>;

thread_local! {
    static REQUESTS: Cell<Option<Queue>> = const { Cell::new(None) };
    static DOWNLOADS: Cell<Option<Queue>> = const { Cell::new(None) };
    static ORIGINS: Cell<Vec<(String, Origin)>> = const { Cell::new(Vec::new()) };
}

/// The places for open API requests.
pub(crate) fn requests() -> Queue {
    REQUESTS.with(|kept| shared_queue(kept, MAX_REQUESTS))
}

/// The places for downloads.
pub(crate) fn downloads() -> Queue {
    DOWNLOADS.with(|kept| shared_queue(kept, MAX_DOWNLOADS))
}

fn shared_queue(kept: &Cell<Option<Queue>>, limit: u32) -> Queue {
    let queue = kept.take().unwrap_or_else(|| Queue::new(limit));
    kept.set(Some(queue.clone()));
    queue
}

/// What is shared by all that goes to this origin.
pub(crate) fn shared(origin: &str) -> Origin {
    let mut origins = ORIGINS.take();
    let known = origins.iter().find(|(known, _)| known == origin).map(|(_, shared)| Rc::clone(shared));
    let shared = known.unwrap_or_else(|| {
        let shared = Origin::default();
        origins.push((origin.into(), Rc::clone(&shared)));
        shared
    });
    ORIGINS.set(origins);
    shared
}
