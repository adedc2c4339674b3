//! Plain data: what a caller asks for, what is known of it, and what can go wrong.

pub(crate) mod api_key;
pub(crate) mod audio_source;
pub(crate) mod error;
pub(crate) mod generation;
pub(crate) mod goal;
pub(crate) mod options;
pub(crate) mod request;
pub(crate) mod rng;
pub(crate) mod text;
pub(crate) mod time;
