//! Tests of the contract, on the host: readers, tables of replies and errors, and the state machine under a
//! clock that the tests move.

#[cfg(test)]
mod aborting;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod checking;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod downloading;
#[cfg(test)]
mod driver;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod events;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod options;
#[cfg(test)]
mod poll_schedule;
#[cfg(test)]
mod polling;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod safety;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod streaming;
#[cfg(test)]
mod submitting;
#[cfg(test)]
mod waking;
