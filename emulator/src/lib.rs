//! An emulator of AI/ML API's model `stable-audio`, as a library without I/O.
//!
//! In scope: both endpoints of `/v2/generate/audio`, the audio files, the logs, the balance, the
//! metrics, Bearer keys, validation, error bodies, CORS, durations and prices. A [`Service`] holds
//! the generations. Every call takes the time as an argument, and all randomness comes from [`Config::seed`],
//! so that a run can be repeated exactly.
//!
//! Out of scope: sockets, clocks, threads and faults. The binary `emulator` adds them, with the faults
//! that a test plans; a simulation can add its own.
//!
//! ```
//! use emulator::{Config, Key, Service, Status, Submission};
//!
//! let mut service = Service::new(Config::default());
//! let request = Submission { prompt: "rain", ..Submission::default() };
//! let id = service.submit(0, Key::Demo, &request)?.generation.id.clone();
//!
//! assert_eq!(service.poll(100, Key::Demo, &id)?.status, Status::Queued);
//! assert_eq!(service.poll(61_000, Key::Demo, &id)?.status, Status::Completed);
//! # Ok::<(), emulator::ApiError>(())
//! ```
//!
//! # The binary
//!
//! `emulator --help` lists its options, and ends with this:
//!
//! ```text
#![doc = include_str!("manual.txt")]
//! ```

mod api_error;
pub mod audio;
mod config;
mod date;
mod file;
mod generation;
mod http;
mod id;
mod key;
mod reply;
mod service;
mod submission;

pub use api_error::ApiError;
pub use config::{Config, ConfigError, ErrorStyle, IdStyle};
pub use file::{FileRange, file_path};
pub use generation::{CREDITS_PER_DOLLAR, CREDITS_PER_STEP, Failure, Generation, Outcome, ScriptedOutcome, Status};
pub use http::{Body, Header, Request, Response, generation_id, is_client_request_id};
pub use key::Key;
pub use reply::{AudioFile, Reply};
pub use service::{BILLING, ENDPOINT, LOGS, Service};
pub use submission::Submission;
