//! The protocol against the emulator of the service, under one simulated clock and one seed.
//!
//! A run is a small world: a page with a few calls, the service, and whatever goes wrong between
//! them: faults at every point, delays, pages hidden and frozen, machines that sleep, clocks that
//! are set, aborts, deadlines, crashes and what is resumed after them. The machine is the very one
//! that the browser runs ([`protocol::Call`]), the driver does what the browser's does in
//! the same order, and the service is the emulator's pure library with its own ledger and logs. Between
//! some clients and the service is a server half, modelled by its promise alone. What must hold is in
//! [`invariant::Invariant`]; that the simulation can fail is shown by [`mutant::Mutant`].
//!
//! A run depends on its seed and its index alone, so that a failing one can be replayed.

#![allow(clippy::indexing_slicing, reason = "a simulation that went wrong should stop")]

mod answer;
mod bodies;
mod caller;
mod checker;
mod clock;
mod download;
mod driver;
mod environment;
mod event_queue;
mod exchange;
mod fault;
mod fault_profile;
mod fifo_checker;
pub mod invariant;
mod keys;
mod lookup;
mod machine;
pub mod mutant;
mod page;
mod reply_value;
pub mod report;
pub mod runner;
mod sent;
mod server;
mod setup;
mod sim_rng;
mod task;
mod trace;
mod upstream;
mod world;

pub use world::{Outcome, World};
