//! The body of the POST: the one place where the service's spelling is written.

use serde::Serialize;

use crate::request::AudioRequest;

/// The body that creates a generation task.
///
/// Source: the service's documentation of `POST /v2/generate/audio`.
#[derive(Clone, Debug, Serialize)]
pub struct CreateTask<'a> {
    model: &'static str,
    prompt: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_start: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_total: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<u32>,
}

impl<'a> CreateTask<'a> {
    /// What the request says, in the service's words; what it leaves out is left to the service.
    pub fn new(request: &'a AudioRequest) -> Self {
        Self {
            model: "stable-audio",
            prompt: &request.prompt,
            seconds_start: request.seconds_start,
            seconds_total: request.seconds_total,
            steps: request.steps,
        }
    }
}
