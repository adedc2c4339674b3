//! The settings of the emulated service.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The settings. The real service has been seen with each of them at some time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The seed of ids, durations and file names.
    pub seed: u64,
    /// How many times faster than the real service; above 0.
    pub speed: f64,
    /// The format of error bodies.
    pub errors: ErrorStyle,
    /// The HTTP status of an accepted submit: 200 or 201.
    pub accepted: u16,
    /// The format of ids.
    pub ids: IdStyle,
    /// The value of `Access-Control-Allow-Headers`.
    pub allow_headers: Cow<'static, str>,
    /// For how many seconds browsers may cache a preflight.
    pub preflight_max_age: u32,
    /// How many milliseconds after its end a request appears in the logs.
    pub logs_lag_ms: u64,
    /// Whether `Access-Control-Expose-Headers` has `Retry-After`; the real service leaves it out.
    pub expose_retry_after: bool,
    /// The base of audio URLs, without a trailing slash; by default the `Host` of the request.
    pub public_url: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 1,
            speed: 1.0,
            errors: ErrorStyle::default(),
            accepted: 201,
            ids: IdStyle::default(),
            allow_headers: "authorization, content-type".into(),
            preflight_max_age: 600,
            logs_lag_ms: 0,
            expose_retry_after: false,
            public_url: None,
        }
    }
}

impl Config {
    /// Returns the settings if they are valid.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if a speed is not above 0, a submit is neither 200 nor 201, or a header has no name.
    pub fn validated(self) -> Result<Self, ConfigError> {
        if !(self.speed > 0.0 && self.speed.is_finite()) {
            return Err(ConfigError::Speed(self.speed));
        }
        if !matches!(self.accepted, 200 | 201) {
            return Err(ConfigError::Accepted(self.accepted));
        }
        let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let is_name = |name: &str| !name.trim().is_empty() && name.trim().bytes().all(is_name_byte);
        if !self.allow_headers.split(',').all(is_name) {
            return Err(ConfigError::AllowHeaders(self.allow_headers.into_owned()));
        }
        Ok(self)
    }
}

/// Why a setting is invalid.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The speed is not a number above 0.
    #[error("`speed` must be a number above 0, not {0}")]
    Speed(f64),
    /// The status of an accepted submit is neither 200 nor 201.
    #[error("`accepted` must be 200 or 201, not {0}")]
    Accepted(u16),
    /// The allowed headers are not a list of header names.
    #[error("`allow_headers` must be names separated by commas, not `{0}`")]
    AllowHeaders(String),
}

/// The two formats of error bodies, and a variant of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorStyle {
    /// `{requestId, statusCode, timestamp, path, message}`.
    A,
    /// The same, with `statusCode` as a string, as the documentation shows it.
    AText,
    /// `{title, status, message, instance, timestamp, requestId, error: {name, message, data}}`.
    #[default]
    B,
    /// The same, with `message` as a list.
    BList,
}

/// The formats of ids that the service has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum IdStyle {
    /// `UUID:stable-audio`.
    #[default]
    Model,
    /// `UUID:stability-ai/stable-audio`, with a colon and a slash.
    Vendor,
    /// A UUID alone.
    Uuid,
    /// A nanoid of 21 characters.
    Nanoid,
    /// The first revision of the service: the response to a submit is `{"generation_id": UUID}`.
    FirstRevision,
}
