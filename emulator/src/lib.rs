//! The stand-in for the service: AI/ML API's model `stable-audio`, as a pure library.
//!
//! In scope: both endpoints of `/v2/generate/audio`, the audio files, the logs, the balance, the
//! metrics, Bearer keys, validation, error bodies, CORS, durations and prices. A [`Service`] holds
//! the jobs; every call is given the time, and all chance comes from [`Config::seed`], so that a run can be repeated exactly.
//!
//! Out of scope: sockets, clocks, threads, and faults. The binary `emulator` adds the first
//! three and scripts the last; a simulation does its own.
//!
//! ```
//! use emulator::{Config, Key, Service, Status, Submission};
//!
//! let mut service = Service::new(Config::default());
//! let request = Submission { prompt: "rain", ..Submission::default() };
//! let id = service.submit(0, Key::Demo, &request)?.job.id.clone();
//!
//! assert_eq!(service.poll(100, Key::Demo, &id)?.status, Status::Queued);
//! assert_eq!(service.poll(61_000, Key::Demo, &id)?.status, Status::Completed);
//! # Ok::<(), emulator::Refusal>(())
//! ```
//!
//! # The binary
//!
//! `emulator --help` lists its options, and ends with this:
//!
//! ```text
#![doc = include_str!("manual.txt")]
//! ```

pub mod audio;
mod config;
mod date;
mod file;
mod http;
mod id;
mod job;
mod refusal;
mod reply;
mod service;
mod submission;

pub use config::{Config, ConfigError, ErrorStyle, IdStyle};
pub use file::{FileRange, file_path};
pub use http::{Body, Header, Request, Response, generation_id, is_client_request_id};
pub use job::{CREDITS_PER_DOLLAR, CREDITS_PER_STEP, Failure, Fate, Job, Outcome, Status};
pub use refusal::{Key, Refusal};
pub use reply::{AudioFile, Reply};
pub use service::{BILLING, ENDPOINT, LOGS, Service};
pub use submission::Submission;
