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
    REQUESTS.with(|slot| shared_semaphore(slot, MAX_REQUESTS))
}

/// The permits for downloads.
pub(crate) fn download_permits() -> Semaphore {
    DOWNLOADS.with(|slot| shared_semaphore(slot, MAX_DOWNLOADS))
}

fn shared_semaphore(slot: &Cell<Option<Semaphore>>, limit: u32) -> Semaphore {
    let semaphore = slot.take().unwrap_or_else(|| Semaphore::new(limit));
    slot.set(Some(semaphore.clone()));
    semaphore
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
