//! What all clients of the module share.

use std::cell::Cell;

use protocol::shared::Shared;

use crate::queue::Queue;

/// Requests open at once: a browser fails thousands of them.
const MOST_REQUESTS: u32 = 100;

thread_local! {
    static REQUESTS: Cell<Option<Queue>> = const { Cell::new(None) };
    static ORIGINS: Cell<Vec<(String, Shared)>> = const { Cell::new(Vec::new()) };
}

/// The places for open requests.
pub(crate) fn requests() -> Queue {
    let queue = REQUESTS.take().unwrap_or_else(|| Queue::new(MOST_REQUESTS));
    REQUESTS.set(Some(queue.clone()));
    queue
}

/// Acts on the gate and the rest that belongs to one base origin.
pub(crate) fn with_shared<T>(origin: &str, act: impl FnOnce(&mut Shared) -> T) -> T {
    let mut origins = ORIGINS.take();
    let place = origins.iter().position(|(known, _)| known == origin);
    let (name, mut shared) = match place {
        Some(place) => origins.swap_remove(place),
        None => (origin.into(), Shared::default()),
    };
    let result = act(&mut shared);
    origins.push((name, shared));
    ORIGINS.set(origins);
    result
}
