//! What to send to AI/ML API's `stable-audio` model, what a reply means, when to ask again and
//! when to stop.
//!
//! Pure: no I/O, no clock, no randomness of its own, nothing of the web. Time, dice and foreign
//! values are passed in, so that the simulation runs the very machine that the browser runs. The
//! machine itself is [`call::Call`].

pub mod backoff;
pub mod cadence;
pub mod call;
pub mod document;
pub mod endpoint;
pub mod error;
pub mod gate;
pub mod generation;
pub mod idempotency;
pub mod json;
pub mod media;
pub mod options;
pub mod places;
mod reader;
pub mod reply;
pub mod request;
pub mod secret;
pub mod shared;
pub mod text;
pub mod time;
pub mod wire;
