//! The options of clients and calls.

use super::api_key::ApiKey;
use super::goal::Goal;

/// The default `baseUrl`.
pub const DEFAULT_BASE_URL: &str = "https://api.aimlapi.com";

/// The lists below are slices of this one.
static NAMES: [&str; 13] = [
    "apiKey",
    "baseUrl",
    "fetch",
    "maxConcurrent",
    "recovery",
    "streamSubmit",
    "signal",
    "timeoutMs",
    "idempotencyKey",
    "onSubmitting",
    "onSubmitted",
    "onStatus",
    "pollIntervalMs",
];
/// Names of the options that `generateAudio` takes: a client's and a waiting call's.
const ALL_OPTIONS: &[&str] = &NAMES;
/// Names of the options that a client takes.
const CLIENT_OPTIONS: &[&str] = ALL_OPTIONS.split_at(6).0;
/// Names of the options that a waiting call takes.
const WAIT_OPTIONS: &[&str] = ALL_OPTIONS.split_at(6).1;
/// Names of the options that a submit takes.
const SUBMIT_OPTIONS: &[&str] = WAIT_OPTIONS.split_at(4).0;
/// Names of the options that a single request takes.
const REQUEST_OPTIONS: &[&str] = WAIT_OPTIONS.split_at(2).0;
/// Names of the options that a look-up takes.
const RECOVER_OPTIONS: &[&str] = &["signal", "timeoutMs", "submittedAt"];
/// Names of the options that a download takes.
const DOWNLOAD_OPTIONS: &[&str] = &["signal", "timeoutMs", "onProgress"];

/// Default time for a whole generation, a submit or a download.
pub const DEFAULT_TIMEOUT_MS: u64 = 600_000;
/// Default timeout of a check.
pub const CHECK_TIMEOUT_MS: u64 = 30_000;

/// Names of the options of a client; `merged` ones are passed together with those of a call.
pub(crate) fn client_option_names(merged: bool) -> &'static [&'static str] {
    if merged { ALL_OPTIONS } else { CLIENT_OPTIONS }
}

impl Goal {
    /// Names of the options of a call; `merged` ones are passed together with those of the client.
    pub(crate) fn option_names(self, merged: bool) -> &'static [&'static str] {
        match self {
            Self::Download => DOWNLOAD_OPTIONS,
            _ if merged => ALL_OPTIONS,
            Self::Generate | Self::Wait => WAIT_OPTIONS,
            Self::Submit => SUBMIT_OPTIONS,
            Self::Check => REQUEST_OPTIONS,
            Self::Recover => RECOVER_OPTIONS,
        }
    }

    /// The default of `timeoutMs`.
    pub(crate) fn default_timeout(self) -> u64 {
        if self == Self::Check { CHECK_TIMEOUT_MS } else { DEFAULT_TIMEOUT_MS }
    }
}

/// Where the key comes from.
#[derive(Clone, Debug)]
pub enum KeySource<V> {
    /// No key: a proxy adds it.
    None,
    /// Always the same.
    Static(ApiKey),
    /// A function that is called before every request.
    Function(V),
}

/// Where the outcome of a submit is looked up if its reply was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// The package's own server, which makes repeated submits create one generation.
    Server,
    /// The service's logs.
    Logs,
}

/// The options of a client.
#[derive(Clone, Debug)]
pub struct ClientOptions<V> {
    /// The key, or how to get it.
    pub key: KeySource<V>,
    /// `baseUrl`, not yet resolved.
    pub base_url: String,
    /// The caller's own `fetch`.
    pub fetch: Option<V>,
    /// How many waiting calls may run at once.
    pub max_concurrent: Option<u32>,
    /// Where unknown outcomes are looked up.
    pub recovery: Option<Recovery>,
    /// Whether submits are streamed: never with a custom `fetch`.
    pub stream_submit: bool,
}

/// How often to poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollInterval {
    /// By the expected duration of the generation.
    Adaptive,
    /// At once, then that many milliseconds after each reply.
    Fixed(u64),
}

/// The options of one call.
#[derive(Clone, Debug)]
pub struct CallOptions<V> {
    /// The caller's `AbortSignal`.
    pub signal: Option<V>,
    /// Milliseconds; `u64::MAX` for Infinity.
    pub timeout: u64,
    /// How often to poll.
    pub poll_interval: PollInterval,
    /// The idempotency key of the submit.
    pub idempotency_key: Option<String>,
    /// When the submit to recover was first sent, in epoch milliseconds.
    pub submitted_at: Option<u64>,
    /// Awaited before each submit leaves.
    pub on_submitting: Option<V>,
    /// Awaited before the first poll.
    pub on_submitted: Option<V>,
    /// Called after every poll.
    pub on_status: Option<V>,
    /// Called with the progress of a download.
    pub on_progress: Option<V>,
}

impl<V> CallOptions<V> {
    /// Deducts the time that passed before the call could start.
    pub fn spend(&mut self, waited: u64) {
        if self.timeout < u64::MAX {
            self.timeout = self.timeout.saturating_sub(waited).max(1);
        }
    }
}
