//! Requests: where they go and what they contain.

pub(crate) mod endpoint;
pub(crate) mod request;
mod submit_body;
