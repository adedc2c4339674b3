//! When to send: back-off, rate limits, the poll schedule, and how many requests at once.

pub(crate) mod backoff;
pub(crate) mod gate;
pub(crate) mod limits;
pub(crate) mod origin_state;
pub(crate) mod poll_schedule;
pub(crate) mod semaphore;
