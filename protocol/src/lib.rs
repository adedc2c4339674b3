//! The protocol of AI/ML API's `stable-audio` model, without I/O: what to send, what a reply means, when to
//! poll again and when to stop.
//!
//! It has no clock and no randomness of its own, and no dependency on the web. Time, random numbers and
//! untrusted values are passed in, so that the simulation runs the very state machine that browsers run:
//! [`Call`].
//!
//! Modules import in one direction: `call` → `policy`, `http`, `parse` → `model`.

mod call;
mod http;
mod model;
mod parse;
mod policy;

pub use call::{Action, Call, Context, Event, KeyFailure, Lookup, Subject};
pub use http::endpoint::Endpoint;
pub use http::request::{HttpRequest, Purpose};
pub use model::api_key::{ApiKey, Redactor};
pub use model::audio_source::AudioSource;
pub use model::error::{Details, DownloadFailure, Error, Failure, UnknownReason};
pub use model::generation::{AudioFile, Generation, PollError, PollErrorCode, Polling, Status};
pub use model::goal::{Goal, Resolution};
pub use model::options::{
    CHECK_TIMEOUT_MS, CallOptions, ClientOptions, DEFAULT_BASE_URL, DEFAULT_TIMEOUT_MS, KeySource, PollInterval,
    Recovery,
};
pub use model::request::{AudioRequest, MAX_SECONDS, MAX_STEPS};
pub use model::rng::Rng;
pub use model::time::{Now, Stopwatch, Timer, millis};
pub use parse::audio_format::{ReceivedFile, SIGNATURE_LENGTH, content_type};
pub use parse::audio_source::read_audio_source;
pub use parse::body::BodyReader;
pub use parse::document::DocumentScanner;
pub use parse::error_body::ErrorBody;
pub use parse::idempotency::{read_idempotency_key, require_idempotency_key};
pub use parse::reply::{Body, Reply, RetryAfter, is_cacheable, read_status};
pub use parse::status_body::{RemoteStatus, StatusBody};
pub use parse::untrusted::{Kind, Untrusted};
pub use parse::web_url::is_web_url;
pub use policy::backoff::backoff;
pub use policy::gate::{Gates, Method};
pub use policy::limits::{CLOCK_CHECK_INTERVAL, MAX_DOWNLOADS, MAX_REQUESTS};
pub use policy::origin_state::OriginState;
pub use policy::poll_schedule::{DurationModel, Forecast, duration_scale, jittered};
pub use policy::semaphore::FairSemaphore;
