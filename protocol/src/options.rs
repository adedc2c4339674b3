//! Reading options: every mistake is reported before anything is sent.

use crate::api_key::ApiKey;
use crate::error::Error;
use crate::idempotency;
use crate::object_reader::{FirstError, ObjectReader, finish, record_first};
use crate::text::concat;
use crate::untrusted::{Kind, Untrusted};

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
pub const ALL_OPTIONS: &[&str] = &NAMES;
/// Names of the options that a client takes.
pub const CLIENT_OPTIONS: &[&str] = ALL_OPTIONS.split_at(6).0;
/// Names of the options that a waiting call takes.
pub const WAIT_OPTIONS: &[&str] = ALL_OPTIONS.split_at(6).1;
/// Names of the options that a submit takes.
pub const SUBMIT_OPTIONS: &[&str] = WAIT_OPTIONS.split_at(4).0;
/// Names of the options that a single request takes.
pub const REQUEST_OPTIONS: &[&str] = WAIT_OPTIONS.split_at(2).0;
/// Names of the options that a look-up takes.
pub const RECOVER_OPTIONS: &[&str] = &["signal", "timeoutMs", "submittedAt"];
/// Names of the options that a download takes.
pub const DOWNLOAD_OPTIONS: &[&str] = &["signal", "timeoutMs", "onProgress"];

/// Default time for a whole generation, a submit or a download.
pub const DEFAULT_TIMEOUT_MS: u64 = 600_000;
/// Default time for one check, and the time after which one GET is given up.
pub const SHORT: u64 = 30_000;

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

impl<V: Untrusted> ClientOptions<V> {
    /// Reads a client's options; `undefined` and `null` stand for none.
    ///
    /// # Errors
    /// `invalid_argument`, naming the option; the key's value is never in the message.
    pub fn read(options: &V, names: &[&str]) -> Result<Self, Error> {
        let first_error = FirstError::default();
        check_options_object(options, names, &first_error);
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

impl<V: Untrusted> CallOptions<V> {
    /// Reads one call's options; `undefined` and `null` stand for none.
    ///
    /// # Errors
    /// `invalid_argument`, naming the option.
    pub fn read(options: &V, names: &[&str], default_timeout: u64) -> Result<Self, Error> {
        let first_error = FirstError::default();
        check_options_object(options, names, &first_error);
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
                .unwrap_or(default_timeout),
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
            idempotency_key: reader.optional("idempotencyKey", idempotency::EXPECTED_KEY, idempotency::read),
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

impl<V> CallOptions<V> {
    /// Deducts the time that passed before the call could start.
    pub fn spend(&mut self, waited: u64) {
        if self.timeout < u64::MAX {
            self.timeout = self.timeout.saturating_sub(waited).max(1);
        }
    }
}

/// Whole milliseconds of a JavaScript number: NaN and negative numbers are 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is wanted")]
pub fn millis(number: f64) -> u64 {
    number as u64
}

/// An `invalid_argument` that says what was found and what was expected.
///
/// The content of a string is not repeated: it may be a misplaced key or prompt.
pub(crate) fn expected<V: Untrusted>(what: &str, found: &V, wanted: &str) -> Error {
    let found = match found.kind() {
        Kind::Undefined => "missing".into(),
        Kind::Null => "null".into(),
        Kind::Boolean => "a boolean".into(),
        Kind::Number => found.number_text(),
        Kind::String => "a string".into(),
        Kind::Function => "a function".into(),
        Kind::Array => "an array".into(),
        Kind::Object => "an object".into(),
        Kind::Other => "of a kind that cannot be read".to_owned(),
    };
    Error::invalid(concat(&[what, " is ", &found, "; expected ", wanted]))
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

/// The longest unknown name that a message repeats, in bytes; keys are longer.
const MAX_ECHOED_NAME: usize = 24;

/// Reports an unknown name with the nearest known one.
pub(crate) fn check_known_keys<V: Untrusted>(object: &V, known: &[&str], first_error: &FirstError) {
    object.for_each_key(&mut |name| {
        if known.iter().all(|other| *other != name) {
            let nearest = known.iter().min_by_key(|candidate| letter_distance(name, candidate)).unwrap_or(&"");
            // Anything that cannot be an option's name is not repeated: it may be a misplaced key or prompt.
            let plain =
                name.len() <= MAX_ECHOED_NAME && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let shown = if plain { name } else { "…" };
            let said = concat(&["`", shown, "` is not a known name; the nearest is `", nearest, "`"]);
            record_first(first_error, Error::invalid(said));
        }
    });
}

/// The number of letters in one but not in the other, ignoring case: good enough for typing errors, and less
/// code than an edit distance.
fn letter_distance(a: &str, b: &str) -> u32 {
    (0..26).fold(0, |sum, letter| sum + count_letter(a, letter).abs_diff(count_letter(b, letter)))
}

/// How often the text contains that letter of the alphabet.
fn count_letter(text: &str, letter: u8) -> u32 {
    text.bytes().fold(0, |sum, byte| sum + u32::from((byte | 32).wrapping_sub(b'a') == letter))
}
