//! The request for a generation.

use serde::Serialize;

/// The longest clip and the latest start, in seconds.
pub const MAX_SECONDS: u32 = 47;
/// The most denoising steps.
pub const MAX_STEPS: u32 = 1000;
/// The service's own default for `steps`.
pub(crate) const DEFAULT_STEPS: u32 = 100;

/// A request within the service's documented bounds.
///
/// Source: the service's documentation of `POST /v2/generate/audio`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioRequest {
    /// What to generate; not blank.
    pub prompt: String,
    /// Start point of the clip, 1..47 seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_start: Option<u32>,
    /// Duration of the clip, 1..47 seconds; the service's default is 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds_total: Option<u32>,
    /// Denoising steps, 1..1000; the service's default is 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
}

impl AudioRequest {
    /// Denoising steps, the service's default where none are given.
    pub fn steps(&self) -> u32 {
        self.steps.unwrap_or(DEFAULT_STEPS)
    }
}
