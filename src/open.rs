//! What all clients of the module share.

use std::cell::{LazyCell, RefCell};
use std::rc::Rc;

use protocol::shared::Shared;

use crate::queue::Queue;

/// Requests open at once: a browser fails thousands of them.
const MOST_REQUESTS: u32 = 100;

thread_local! {
    static REQUESTS: LazyCell<Rc<Queue>> = LazyCell::new(|| Queue::new(MOST_REQUESTS));
    static ORIGINS: RefCell<Vec<(String, Rc<RefCell<Shared>>)>> = const { RefCell::new(Vec::new()) };
}

/// The places for open requests.
pub(crate) fn requests() -> Rc<Queue> {
    REQUESTS.with(|queue| Rc::clone(queue))
}

/// The gate and the rest that belongs to one base origin.
pub(crate) fn shared(origin: &str) -> Rc<RefCell<Shared>> {
    ORIGINS.with_borrow_mut(|origins| {
        if let Some((_, shared)) = origins.iter().find(|(known, _)| known == origin) {
            return Rc::clone(shared);
        }
        let shared = Rc::new(RefCell::new(Shared::default()));
        origins.push((origin.into(), Rc::clone(&shared)));
        shared
    })
}
