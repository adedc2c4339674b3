//! Reading options: every mistake is reported before anything is sent.

use super::idempotency::{EXPECTED_KEY, read_idempotency_key};
use super::object_reader::{FirstError, ObjectReader, check_known_keys, expected, finish, record_first};
use super::untrusted::{Kind, Untrusted};
use crate::model::api_key::ApiKey;
use crate::model::error::Error;
use crate::model::goal::Goal;
use crate::model::options::{
    CallOptions, ClientOptions, DEFAULT_BASE_URL, KeySource, PollInterval, Recovery, client_option_names,
};
use crate::model::text::concat;
use crate::model::time::millis;

impl<V: Untrusted> ClientOptions<V> {
    /// Reads a client's options, which may be `merged` with those of a call; `undefined` and `null` stand for none.
    ///
    /// # Errors
    /// `invalid_argument`, naming the option; the key's value is never in the message.
    pub fn read(options: &V, merged: bool) -> Result<Self, Error> {
        let first_error = FirstError::default();
        check_options_object(options, client_option_names(merged), &first_error);
        let reader = ObjectReader { value: options, path: "", first_error: &first_error };
        let key = options.get("apiKey");
        let base_url = options.get("baseUrl");
        let read = Self {
            key: match key.kind() {
                Kind::Undefined | Kind::Null => KeySource::None,
                Kind::Function => KeySource::Function(key),
                _ => match ApiKey::read(&key) {
                    Ok(secret) => KeySource::Static(secret),
                    Err(why) => {
                        let what = ["`apiKey` is ", why, "; expected a key or a function that gives one"];
                        record_first(&first_error, Error::invalid(concat(&what)));
                        KeySource::None
                    }
                },
            },
            base_url: base_url.as_string().unwrap_or_else(|| {
                if !base_url.is_absent() {
                    reader.report_invalid("baseUrl", "a URL, absolute or relative");
                }
                DEFAULT_BASE_URL.into()
            }),
            fetch: reader.function("fetch"),
            max_concurrent: reader
                .optional("maxConcurrent", "a whole number from 1, or Infinity", |value| match value.as_number() {
                    Some(f64::INFINITY) => Some(None),
                    // `as` saturates: four billion at once are as good as any number.
                    Some(number) if number >= 1.0 && number.fract() == 0.0 => Some(Some(saturating_u32(number))),
                    _ => None,
                })
                .flatten(),
            recovery: reader.optional("recovery", "'server' or 'logs'", |value| match value.as_string().as_deref() {
                Some("server") => Some(Recovery::Server),
                Some("logs") => Some(Recovery::Logs),
                _ => None,
            }),
            stream_submit: reader.boolean("streamSubmit") && options.get("fetch").is_absent(),
        };
        finish(read, &first_error)
    }
}

impl<V: Untrusted> CallOptions<V> {
    /// Reads the options of a call, which may be `merged` with those of its client; `undefined` and `null` stand for none.
    ///
    /// # Errors
    /// `invalid_argument`, naming the option.
    pub fn read(options: &V, goal: Goal, merged: bool) -> Result<Self, Error> {
        let first_error = FirstError::default();
        check_options_object(options, goal.option_names(merged), &first_error);
        let reader = ObjectReader { value: options, path: "", first_error: &first_error };
        let signal = options.get("signal");
        let read = Self {
            signal: match signal.kind() {
                Kind::Object if signal.get("addEventListener").kind() == Kind::Function => Some(signal),
                Kind::Undefined | Kind::Null => None,
                _ => {
                    reader.report_invalid("signal", "an AbortSignal");
                    None
                }
            },
            timeout: reader
                .optional("timeoutMs", "a number of milliseconds above 0, or Infinity", |value| {
                    match value.as_number() {
                        Some(f64::INFINITY) => Some(u64::MAX),
                        Some(number) if number > 0.0 => Some(millis(number).max(1)),
                        _ => None,
                    }
                })
                .unwrap_or(goal.default_timeout()),
            poll_interval: reader
                .optional("pollIntervalMs", "'adaptive' or a number of milliseconds from 1000", |value| {
                    match value.as_number() {
                        Some(number) if number >= 1_000.0 && number.is_finite() => {
                            Some(PollInterval::Fixed(millis(number)))
                        }
                        None if value.as_string().as_deref() == Some("adaptive") => Some(PollInterval::Adaptive),
                        _ => None,
                    }
                })
                .unwrap_or(PollInterval::Adaptive),
            idempotency_key: reader.optional("idempotencyKey", EXPECTED_KEY, read_idempotency_key),
            submitted_at: reader.timestamp("submittedAt"),
            on_submitting: reader.function("onSubmitting"),
            on_submitted: reader.function("onSubmitted"),
            on_status: reader.function("onStatus"),
            on_progress: reader.function("onProgress"),
        };
        finish(read, &first_error)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is wanted")]
fn saturating_u32(number: f64) -> u32 {
    number as u32
}

fn check_options_object<V: Untrusted>(options: &V, names: &[&str], first_error: &FirstError) {
    match options.kind() {
        Kind::Undefined | Kind::Null => {}
        Kind::Object if options.is_plain_object() => check_known_keys(options, names, first_error),
        // A class instance may have other properties too.
        Kind::Object if names.iter().any(|name| !options.get(name).is_absent()) => {}
        Kind::Object => {
            record_first(
                first_error,
                expected("the options argument", options, "a plain object, or one with options in it"),
            );
        }
        _ => record_first(first_error, expected("the options argument", options, "an object")),
    }
}
