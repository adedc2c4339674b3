//! What can be chosen about the service.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The service's settings, all of them seen in the wild at one time or another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where ids, durations and file names come from.
    pub seed: u64,
    /// How many times faster than the real service jobs are done; above 0.
    pub speed: f64,
    /// The shape of error bodies.
    pub errors: ErrorStyle,
    /// The HTTP status of an accepted submit: 200 or 201.
    pub accepted: u16,
    /// The shape of ids.
    pub ids: IdStyle,
    /// What `Access-Control-Allow-Headers` admits.
    pub allow_headers: Cow<'static, str>,
    /// For how many seconds a page need not ask a preflight again; 0 for not at all.
    pub preflight_max_age: u32,
    /// How many milliseconds after its end a request is in the logs.
    pub logs_lag_ms: u64,
    /// Whether `Retry-After` is in `Access-Control-Expose-Headers`; the service leaves it out.
    pub expose_retry_after: bool,
    /// The base of audio URLs, without a slash at its end; by default the request's `Host`.
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
    /// Returns the settings if they make sense.
    ///
    /// # Errors
    ///
    /// For a speed that is not above 0, a submit that is neither 200 nor 201, or headers without a name.
    pub fn checked(self) -> Result<Self, ConfigError> {
        if !(self.speed > 0.0 && self.speed.is_finite()) {
            return Err(ConfigError::Speed(self.speed));
        }
        if !matches!(self.accepted, 200 | 201) {
            return Err(ConfigError::Accepted(self.accepted));
        }
        let is_in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let is_name = |name: &str| !name.trim().is_empty() && name.trim().bytes().all(is_in_name);
        if !self.allow_headers.split(',').all(is_name) {
            return Err(ConfigError::AllowHeaders(self.allow_headers.into_owned()));
        }
        Ok(self)
    }
}

/// Settings that make no sense.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The speed cannot divide a duration.
    #[error("`speed` must be a number above 0, not {0}")]
    Speed(f64),
    /// The service answers 200 or 201.
    #[error("`accepted` must be 200 or 201, not {0}")]
    Accepted(u16),
    /// No list of headers.
    #[error("`allow_headers` must be names with commas between them, not `{0}`")]
    AllowHeaders(String),
}

/// The two generations of error bodies, and a variant of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorStyle {
    /// `{requestId, statusCode, timestamp, path, message}`.
    A,
    /// The same, with `statusCode` as text, as the documentation prints it.
    AText,
    /// `{title, status, message, instance, timestamp, requestId, error: {name, message, data}}`.
    #[default]
    B,
    /// The same, with `message` as a list.
    BList,
}

/// The shapes of ids that were seen.
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
    /// The very first revision: a submit is answered by `{"generation_id": UUID}` alone.
    FirstRevision,
}
