//! The protocol of AI/ML API's `stable-audio` model, without I/O: what to send, what a reply means, when to
//! poll again and when to stop.
//!
//! It has no clock and no randomness of its own, and no dependency on the web. Time, random numbers and
//! untrusted values are passed in, so that the simulation runs the very state machine that browsers run:
//! [`call::Call`].

pub mod api_key;
pub mod audio_format;
pub mod backoff;
pub mod call;
pub mod document;
pub mod endpoint;
pub mod error;
pub mod gate;
pub mod generation;
pub mod idempotency;
mod object_reader;
pub mod options;
pub mod origin_state;
pub mod poll_schedule;
pub mod reply;
pub mod request;
pub mod semaphore;
pub mod submit_body;
pub mod text;
pub mod time;
pub mod untrusted;
