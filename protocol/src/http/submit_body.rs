//! The body of a submit, with the service's field names.

use serde::Serialize;

use crate::model::request::AudioRequest;

/// The body that creates a generation.
///
/// Source: the service's documentation of `POST /v2/generate/audio`.
#[derive(Clone, Debug, Serialize)]
pub struct SubmitBody<'a> {
    model: &'static str,
    prompt: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_start: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_total: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<u32>,
}

impl<'a> SubmitBody<'a> {
    /// The request in the service's spelling; absent fields are left to the service.
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
