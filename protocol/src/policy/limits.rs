//! How much at once, and how often.

/// The most API requests in flight at once: browsers fail thousands of them.
pub const MAX_REQUESTS: u32 = 100;
/// The most downloads in flight at once. They have permits of their own, so that hanging files do not delay
/// polls.
pub const MAX_DOWNLOADS: u32 = 6;
/// While an operation is in flight the clocks are read this often, in milliseconds: a timer may stand still
/// while the machine is suspended, and the deadline does not.
pub const CLOCK_CHECK_INTERVAL: u64 = 30_000;
/// If more calls than this are woken at once, their polls are staggered.
pub(crate) const STAGGER_ABOVE: usize = 4;
