//! The request for a generation.

use serde::Serialize;

use crate::error::Error;
use crate::object_reader::{FirstError, ObjectReader, finish, record_first};
use crate::options::{check_known_keys, expected};
use crate::text::is_blank;
use crate::untrusted::{Kind, Untrusted};

/// The longest clip and the latest start, in seconds.
pub const MAX_SECONDS: u32 = 47;
/// The most denoising steps.
pub const MAX_STEPS: u32 = 1000;
/// The service's own default for `steps`.
pub const DEFAULT_STEPS: u32 = 100;

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
    /// Reads a prompt or a request object.
    ///
    /// # Errors
    /// `invalid_argument` for a blank or ill-formed prompt, a number that is not whole or out of
    /// its bounds, and a name that does not exist, with the nearest one that does.
    pub fn read<V: Untrusted>(value: &V) -> Result<Self, Error> {
        let first_error = FirstError::default();
        let request = match value.kind() {
            Kind::String => {
                Self { prompt: prompt(value, &first_error), seconds_start: None, seconds_total: None, steps: None }
            }
            Kind::Object => {
                // A class instance may have other properties too.
                if value.is_plain_object() {
                    check_known_keys(value, &["prompt", "secondsStart", "secondsTotal", "steps"], &first_error);
                }
                Self::known(value, &first_error)
            }
            _ => return Err(expected("the request", value, "a prompt (a string) or an object with one")),
        };
        finish(request, &first_error)
    }

    /// Reads the known fields and ignores all others: for snapshots.
    pub(crate) fn known<V: Untrusted>(value: &V, first_error: &FirstError) -> Self {
        let request = ObjectReader { value, path: "", first_error };
        let seconds = |name| request.integer_in(name, 1, MAX_SECONDS, "a whole number from 1 to 47");
        Self {
            prompt: prompt(&value.get("prompt"), first_error),
            seconds_start: seconds("secondsStart"),
            seconds_total: seconds("secondsTotal"),
            steps: request.integer_in("steps", 1, MAX_STEPS, "a whole number from 1 to 1000"),
        }
    }

    /// Denoising steps, the service's default where none are given.
    pub fn steps(&self) -> u32 {
        self.steps.unwrap_or(DEFAULT_STEPS)
    }
}

fn prompt<V: Untrusted>(value: &V, first_error: &FirstError) -> String {
    let text = value.as_string();
    match &text {
        Some(text) if !is_blank(text) => {}
        Some(_) => record_first(first_error, Error::invalid("`prompt` is blank; expected some words".into())),
        None if value.kind() == Kind::String => {
            let why = "`prompt` is not well-formed Unicode: it holds a lone surrogate (half an emoji, perhaps)";
            record_first(first_error, Error::invalid(why.into()));
        }
        None => record_first(first_error, expected("`prompt`", value, "a string")),
    }
    text.unwrap_or_default()
}
