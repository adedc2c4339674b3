//! State shared by all clients of the module.

use std::cell::Cell;
use std::rc::Rc;

use protocol::{MAX_DOWNLOADS, MAX_REQUESTS, OriginState};

use crate::semaphore::Semaphore;

/// The state of one base origin; `None` at first, and while a call uses it.
pub(crate) type SharedOrigin = Rc<Cell<Option<Box<OriginState>>>>;

thread_local! {
    static REQUESTS: Cell<Option<Semaphore>> = const { Cell::new(None) };
    static DOWNLOADS: Cell<Option<Semaphore>> = const { Cell::new(None) };
    static ORIGINS: Cell<Vec<(String, SharedOrigin)>> = const { Cell::new(Vec::new()) };
}

/// The permits for API requests.
pub(crate) fn request_permits() -> Semaphore {
    REQUESTS.with(|kept| shared_semaphore(kept, MAX_REQUESTS))
}

/// The permits for downloads.
pub(crate) fn download_permits() -> Semaphore {
    DOWNLOADS.with(|kept| shared_semaphore(kept, MAX_DOWNLOADS))
}

fn shared_semaphore(kept: &Cell<Option<Semaphore>>, limit: u32) -> Semaphore {
    let queue = kept.take().unwrap_or_else(|| Semaphore::new(limit));
    kept.set(Some(queue.clone()));
    queue
}

/// The state of this origin.
pub(crate) fn state_of(origin: &str) -> SharedOrigin {
    let mut origins = ORIGINS.take();
    let known = origins.iter().find(|(known, _)| known == origin).map(|(_, shared)| Rc::clone(shared));
    let shared = known.unwrap_or_else(|| {
        let shared = SharedOrigin::default();
        origins.push((origin.into(), Rc::clone(&shared)));
        shared
    });
    ORIGINS.set(origins);
    shared
}
