//! The body of a submit, and its validation.

use serde_json::Value;

pub(crate) const MODEL: &str = "stable-audio";
const SECONDS: (i64, i64) = (1, 47);
const STEPS: (i64, i64) = (1, 1000);

/// The body of a submit. The types have been validated; the ranges have not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submission<'a> {
    /// The model, `stable-audio`.
    pub model: &'a str,
    /// The prompt.
    pub prompt: &'a str,
    /// From 1 to 47.
    pub seconds_start: Option<i64>,
    /// From 1 to 47, by default 30.
    pub seconds_total: Option<i64>,
    /// From 1 to 1000, by default 100.
    pub steps: Option<i64>,
}

impl Default for Submission<'_> {
    fn default() -> Self {
        Self { model: MODEL, prompt: "", seconds_start: None, seconds_total: None, steps: None }
    }
}

impl<'a> Submission<'a> {
    /// Parses a JSON body. Unknown fields are ignored.
    ///
    /// # Errors
    ///
    /// One hint for each field that is missing or has another type.
    pub fn parse(body: &'a Value) -> Result<Self, Vec<String>> {
        let mut hints = Vec::new();
        let submission = Self {
            model: string_field(body, "model", &mut hints),
            prompt: string_field(body, "prompt", &mut hints),
            seconds_start: integer_field(body, "seconds_start", &mut hints),
            seconds_total: integer_field(body, "seconds_total", &mut hints),
            steps: integer_field(body, "steps", &mut hints),
        };
        if hints.is_empty() { Ok(submission) } else { Err(hints) }
    }

    /// One hint for each value out of range.
    pub(crate) fn range_hints(&self) -> Vec<String> {
        let mut hints = Vec::new();
        if self.model != MODEL {
            hints.push(format!("model: Invalid literal value, expected \"{MODEL}\""));
        }
        check_range("seconds_start", self.seconds_start, SECONDS, &mut hints);
        check_range("seconds_total", self.seconds_total, SECONDS, &mut hints);
        check_range("steps", self.steps, STEPS, &mut hints);
        hints
    }
}

fn string_field<'a>(body: &'a Value, name: &str, hints: &mut Vec<String>) -> &'a str {
    match body.get(name) {
        Some(Value::String(text)) => return text,
        None => hints.push(format!("{name}: Required")),
        Some(other) => hints.push(format!("{name}: Expected string, received {}", type_name(other))),
    }
    ""
}

fn integer_field(body: &Value, name: &str, hints: &mut Vec<String>) -> Option<i64> {
    let value = body.get(name)?;
    let Value::Number(number) = value else {
        hints.push(format!("{name}: Expected number, received {}", type_name(value)));
        return None;
    };
    let integer = number.as_i64().or_else(|| as_integer(number.as_f64()?));
    if integer.is_none() {
        hints.push(format!("{name}: Expected integer, received float"));
    }
    integer
}

#[allow(clippy::cast_possible_truncation, reason = "a float saturates as an integer")]
fn as_integer(number: f64) -> Option<i64> {
    (number.fract() == 0.0).then_some(number as i64)
}

fn check_range(name: &str, value: Option<i64>, (min, max): (i64, i64), hints: &mut Vec<String>) {
    match value {
        Some(value) if value < min => {
            hints.push(format!("{name}: Number must be greater than or equal to {min}"));
        }
        Some(value) if value > max => {
            hints.push(format!("{name}: Number must be less than or equal to {max}"));
        }
        _ => {}
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hints(body: &Value) -> Vec<String> {
        Submission::parse(body).map_or_else(|hints| hints, |submission| submission.range_hints())
    }

    #[test]
    fn the_limits_of_each_range_and_unknown_fields_are_accepted() {
        for (seconds, steps) in [(1, 1), (47, 1000)] {
            let body = json!({"model": "stable-audio", "prompt": "", "seconds_start": seconds,
                "seconds_total": seconds, "steps": steps, "seed": "x"});
            assert_eq!(hints(&body), [""; 0]);
        }
        let float = json!({"model": "stable-audio", "prompt": "x", "steps": 30.0});
        assert_eq!(hints(&float), [""; 0]);
    }

    #[test]
    fn every_field_out_of_range_has_a_hint() {
        let body = json!({"model": "stable-audio-2", "prompt": "x", "seconds_start": 0,
            "seconds_total": 48, "steps": 1001});
        assert_eq!(
            hints(&body),
            [
                "model: Invalid literal value, expected \"stable-audio\"",
                "seconds_start: Number must be greater than or equal to 1",
                "seconds_total: Number must be less than or equal to 47",
                "steps: Number must be less than or equal to 1000",
            ]
        );
    }

    #[test]
    fn every_field_of_another_type_has_a_hint() {
        let body = json!({"prompt": 1, "seconds_start": "1", "seconds_total": null, "steps": 1.5});
        assert_eq!(
            hints(&body),
            [
                "model: Required",
                "prompt: Expected string, received number",
                "seconds_start: Expected number, received string",
                "seconds_total: Expected number, received null",
                "steps: Expected integer, received float",
            ]
        );
        assert_eq!(hints(&json!([])).len(), 2);
    }
}
