//! Reading requests for generations.

use super::object_reader::{FirstError, ObjectReader, check_known_keys, expected, finish, record_first};
use super::untrusted::{Kind, Untrusted};
use crate::model::error::Error;
use crate::model::request::{AudioRequest, MAX_SECONDS, MAX_STEPS};
use crate::model::text::is_blank;

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
