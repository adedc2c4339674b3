//! What a generation is made from.

use serde::Serialize;

use crate::error::Error;
use crate::json::{Json, Kind};
use crate::options::{check_names, expected};
use crate::text::{is_blank, joined};

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
        match value.kind() {
            Kind::String => Ok(Self { prompt: prompt(value)?, seconds_start: None, seconds_total: None, steps: None }),
            Kind::Object => {
                // What has a class of its own may have other names too.
                if value.is_plain() {
                    check_names(value, &["prompt", "secondsStart", "secondsTotal", "steps"])?;
                }
                Self::known(value)
            }
            _ => Err(expected("the request", value, "a prompt (a string) or an object with one")),
        }
    }

    /// Reads the names that are known and passes over the others: for snapshots.
    pub(crate) fn known<J: Json>(value: &J) -> Result<Self, Error> {
        Ok(Self {
            prompt: prompt(&value.get("prompt"))?,
            seconds_start: bounded(value, "secondsStart", MAX_SECONDS)?,
            seconds_total: bounded(value, "secondsTotal", MAX_SECONDS)?,
            steps: bounded(value, "steps", MAX_STEPS)?,
        })
    }

    /// Denoising steps, the service's default where none are given.
    pub fn steps(&self) -> u32 {
        self.steps.unwrap_or(DEFAULT_STEPS)
    }
}

fn prompt<J: Json>(value: &J) -> Result<String, Error> {
    match value.text() {
        Some(text) if !is_blank(&text) => Ok(text),
        Some(_) => Err(Error::invalid("`prompt` is blank; expected some words".into())),
        None if value.kind() == Kind::String => Err(Error::invalid(
            "`prompt` is not well-formed Unicode: it holds a lone surrogate (half an emoji, perhaps)".into(),
        )),
        None => Err(expected("`prompt`", value, "a string")),
    }
}

fn bounded<J: Json>(object: &J, name: &str, most: u32) -> Result<Option<u32>, Error> {
    let value = object.get(name);
    if value.is_absent() {
        return Ok(None);
    }
    match value.whole(1, most) {
        Some(whole) => Ok(Some(whole)),
        None => Err(expected(
            &joined(&["`", name, "`"]),
            &value,
            if most == MAX_SECONDS { "a whole number from 1 to 47" } else { "a whole number from 1 to 1000" },
        )),
    }
}
