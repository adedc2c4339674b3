//! What a generation is made from.

use serde::Serialize;

use crate::error::Error;
use crate::json::{Json, Kind};
use crate::options::{check_names, expected};
use crate::reader::{Mistake, Reader, finish, note};
use crate::text::is_blank;

/// The longest clip and the latest start, in seconds.
pub const MAX_SECONDS: u32 = 47;
/// The most denoising steps.
pub const MAX_STEPS: u32 = 1000;
/// The service's own default for `steps`.
pub const DEFAULT_STEPS: u32 = 100;

/// A request that the service's documented bounds admit.
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
    pub fn read<J: Json>(value: &J) -> Result<Self, Error> {
        let mistake = Mistake::default();
        let request = match value.kind() {
            Kind::String => {
                Self { prompt: prompt(value, &mistake), seconds_start: None, seconds_total: None, steps: None }
            }
            Kind::Object => {
                // What has a class of its own may have other names too.
                if value.is_plain() {
                    check_names(value, &["prompt", "secondsStart", "secondsTotal", "steps"], &mistake);
                }
                Self::known(value, &mistake)
            }
            _ => return Err(expected("the request", value, "a prompt (a string) or an object with one")),
        };
        finish(request, &mistake)
    }

    /// Reads the names that are known and passes over the others: for snapshots.
    pub(crate) fn known<J: Json>(value: &J, mistake: &Mistake) -> Self {
        let request = Reader { value, path: "", mistake };
        let seconds = |name| request.whole(name, 1, MAX_SECONDS, "a whole number from 1 to 47");
        Self {
            prompt: prompt(&value.get("prompt"), mistake),
            seconds_start: seconds("secondsStart"),
            seconds_total: seconds("secondsTotal"),
            steps: request.whole("steps", 1, MAX_STEPS, "a whole number from 1 to 1000"),
        }
    }

    /// Denoising steps, the service's default where none are given.
    pub fn steps(&self) -> u32 {
        self.steps.unwrap_or(DEFAULT_STEPS)
    }
}

fn prompt<J: Json>(value: &J, mistake: &Mistake) -> String {
    let text = value.text();
    match &text {
        Some(text) if !is_blank(text) => {}
        Some(_) => note(mistake, Error::invalid("`prompt` is blank; expected some words".into())),
        None if value.kind() == Kind::String => {
            let why = "`prompt` is not well-formed Unicode: it holds a lone surrogate (half an emoji, perhaps)";
            note(mistake, Error::invalid(why.into()));
        }
        None => note(mistake, expected("`prompt`", value, "a string")),
    }
    text.unwrap_or_default()
}
