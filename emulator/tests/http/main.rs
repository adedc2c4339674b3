//! The binary, on real sockets of this machine.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests")]

mod account;
mod binary;
mod client;
mod ledger;
mod plan;
mod service;
