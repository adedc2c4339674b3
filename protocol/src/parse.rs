//! Untrusted input: options, snapshots, replies and files, read without assumptions about their shape.

mod api_key;
pub(crate) mod audio_format;
pub(crate) mod audio_source;
pub(crate) mod body;
pub(crate) mod document;
pub(crate) mod error_body;
mod generation;
pub(crate) mod idempotency;
mod object_reader;
mod options;
pub(crate) mod reply;
mod request;
pub(crate) mod status_body;
pub(crate) mod untrusted;
pub(crate) mod web_url;
