//! The WebAssembly module of the npm package `stable-audio-client`.
//!
//! # In scope
//!
//! Doing what [`protocol`] decides: `fetch`, timers, the page's events, the caller's callbacks and
//! signals, and the conversion of values across the border to JavaScript.
//!
//! # Out of scope
//!
//! Every rule about money, statuses, retries and time (they live in [`protocol`]), and everything
//! that TypeScript says better (the package's JavaScript API).

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: heap::Heap = heap::Heap::new();

mod abort;
mod alarm;
mod client;
mod clock;
mod download;
mod file;
mod foreign;
#[cfg(target_arch = "wasm32")]
mod heap;
mod http;
mod job;
mod open;
mod outcome;
mod queue;
mod task;
#[cfg(test)]
mod tests;
mod to_js;
mod wake;

pub use client::connect;
