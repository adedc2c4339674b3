//! The WebAssembly module of the npm package `stable-audio-client`.
//!
//! # In scope
//!
//! Performing what [`protocol`] decides: `fetch`, timers, the page's events, the caller's callbacks and
//! signals, and the conversion of values to and from JavaScript.
//!
//! # Out of scope
//!
//! Every rule about money, statuses, retries and time (see [`protocol`]), and the JavaScript API (TypeScript, in
//! `js/`).

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: heap::Heap = heap::Heap::new();

mod abort;
mod blob_builder;
mod call_driver;
mod client;
mod clock;
mod foreign;
#[cfg(target_arch = "wasm32")]
mod heap;
mod http;
mod origin_registry;
mod rejection;
mod semaphore;
mod task;
#[cfg(test)]
mod tests;
mod timer;
mod to_js;
mod wake;

pub use client::connect;
