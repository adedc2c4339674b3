//! Reading options: every mistake is named before anything is sent.

use crate::error::Error;
use crate::idempotency;
use crate::json::{Json, Kind};
use crate::reader::{Mistake, Reader, finish, note};
use crate::secret::Secret;
use crate::text::joined;

/// Where requests go unless told otherwise.
pub const SERVICE: &str = "https://api.aimlapi.com";

/// Once for all lists of names.
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
pub const ALL: &[&str] = &NAMES;
/// Names of the options that a client takes.
pub const CLIENT: &[&str] = ALL.split_at(6).0;
/// Names of the options that a waiting call takes.
pub const WAIT: &[&str] = ALL.split_at(6).1;
/// Names of the options that a submit takes.
pub const SUBMIT: &[&str] = WAIT.split_at(4).0;
/// Names of the options that a single request takes.
pub const REQUEST: &[&str] = WAIT.split_at(2).0;
/// Names of the options that a look-up takes.
pub const RECOVER: &[&str] = &["signal", "timeoutMs", "submittedAt"];
/// Names of the options that a download takes.
pub const DOWNLOAD: &[&str] = &["signal", "timeoutMs", "onProgress"];

/// Default time for a whole generation, a submit or a download.
pub const LONG: u64 = 600_000;
/// Default time for one check, and the time after which one GET is given up.
pub const SHORT: u64 = 30_000;

/// How the caller hands over the key.
#[derive(Clone, Debug)]
pub enum Key<J> {
    /// None: a proxy adds it.
    None,
    /// Always the same.
    Static(Secret),
    /// Asked before every request.
    Function(J),
}

/// Where to ask what became of a submit whose reply nobody heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// The package's server half, which makes a repeated submit create one generation.
    Server,
    /// The service's logs.
    Logs,
}

/// What a client was made with.
#[derive(Clone, Debug)]
pub struct ClientOptions<J> {
    /// The key, or how to get it.
    pub key: Key<J>,
    /// The address to send to, not yet resolved.
    pub base_url: String,
    /// The caller's own `fetch`.
    pub fetch: Option<J>,
    /// How many waiting calls may run at once.
    pub max_concurrent: Option<u32>,
    /// Where unknown outcomes are looked up, if anywhere.
    pub recovery: Option<Recovery>,
    /// Whether submits are streamed: never through a `fetch` of the caller's, which may send what it likes.
    pub stream_submit: bool,
}

impl<J: Json> ClientOptions<J> {
    /// Reads a client's options; `undefined` and `null` stand for none.
    ///
    /// # Errors
    /// `invalid_argument`, naming the option; the key's value is never in the message.
    pub fn read(options: &J, names: &[&str]) -> Result<Self, Error> {
        let mistake = Mistake::default();
        check_object(options, names, &mistake);
        let reader = Reader { value: options, path: "", mistake: &mistake };
        let key = options.get("apiKey");
        let base_url = options.get("baseUrl");
        let read = Self {
            key: match key.kind() {
                Kind::Undefined | Kind::Null => Key::None,
                Kind::Function => Key::Function(key),
                _ => match Secret::read(&key) {
                    Ok(secret) => Key::Static(secret),
                    Err(why) => {
                        let what = ["`apiKey` is ", why, "; expected a key or a function that gives one"];
                        note(&mistake, Error::invalid(joined(&what)));
                        Key::None
                    }
                },
            },
            base_url: base_url.text().unwrap_or_else(|| {
                if !base_url.is_absent() {
                    reader.wrong("baseUrl", "a URL, absolute or relative");
                }
                SERVICE.into()
            }),
            fetch: reader.function("fetch"),
            max_concurrent: reader
                .given("maxConcurrent", "a whole number from 1, or Infinity", |value| match value.number() {
                    Some(f64::INFINITY) => Some(None),
                    // `as` saturates: four billion at once are as good as any number.
                    Some(number) if number >= 1.0 && number.fract() == 0.0 => Some(Some(saturated(number))),
                    _ => None,
                })
                .flatten(),
            recovery: reader.given("recovery", "'server' or 'logs'", |value| match value.text().as_deref() {
                Some("server") => Some(Recovery::Server),
                Some("logs") => Some(Recovery::Logs),
                _ => None,
            }),
            stream_submit: reader.flag("streamSubmit") && options.get("fetch").is_absent(),
        };
        finish(read, &mistake)
    }
}

/// How often to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// By the expected duration.
    Adaptive,
    /// At once, then that many milliseconds after each reply.
    Every(u64),
}

/// What one call was given.
#[derive(Clone, Debug)]
pub struct CallOptions<J> {
    /// The caller's `AbortSignal`.
    pub signal: Option<J>,
    /// Milliseconds; `u64::MAX` for Infinity.
    pub timeout: u64,
    /// How often to ask.
    pub pace: Pace,
    /// The key by which the submit is known again.
    pub idempotency_key: Option<String>,
    /// When the submit that is looked for was first sent, in epoch milliseconds.
    pub submitted_at: Option<u64>,
    /// Awaited before each submit leaves.
    pub on_submitting: Option<J>,
    /// Awaited before the first poll.
    pub on_submitted: Option<J>,
    /// Called after every GET.
    pub on_status: Option<J>,
    /// Called with the progress of a download.
    pub on_progress: Option<J>,
}

impl<J: Json> CallOptions<J> {
    /// Reads one call's options; `undefined` and `null` stand for none.
    ///
    /// # Errors
    /// `invalid_argument`, naming the option.
    pub fn read(options: &J, names: &[&str], default_timeout: u64) -> Result<Self, Error> {
        let mistake = Mistake::default();
        check_object(options, names, &mistake);
        let reader = Reader { value: options, path: "", mistake: &mistake };
        let signal = options.get("signal");
        let read = Self {
            signal: match signal.kind() {
                Kind::Object if signal.get("addEventListener").kind() == Kind::Function => Some(signal),
                Kind::Undefined | Kind::Null => None,
                _ => {
                    reader.wrong("signal", "an AbortSignal");
                    None
                }
            },
            timeout: reader
                .given("timeoutMs", "a number of milliseconds above 0, or Infinity", |value| match value.number() {
                    Some(f64::INFINITY) => Some(u64::MAX),
                    Some(number) if number > 0.0 => Some(millis(number).max(1)),
                    _ => None,
                })
                .unwrap_or(default_timeout),
            pace: reader
                .given("pollIntervalMs", "'adaptive' or a number of milliseconds from 1000", |value| {
                    match value.number() {
                        Some(number) if number >= 1_000.0 && number.is_finite() => Some(Pace::Every(millis(number))),
                        None if value.text().as_deref() == Some("adaptive") => Some(Pace::Adaptive),
                        _ => None,
                    }
                })
                .unwrap_or(Pace::Adaptive),
            idempotency_key: reader.given("idempotencyKey", idempotency::WANTED, idempotency::read),
            submitted_at: reader.moment("submittedAt"),
            on_submitting: reader.function("onSubmitting"),
            on_submitted: reader.function("onSubmitted"),
            on_status: reader.function("onStatus"),
            on_progress: reader.function("onProgress"),
        };
        finish(read, &mistake)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is wanted")]
fn saturated(number: f64) -> u32 {
    number as u32
}

impl<J> CallOptions<J> {
    /// Takes what went by before the call could begin off its time.
    pub fn spend(&mut self, waited: u64) {
        if self.timeout < u64::MAX {
            self.timeout = self.timeout.saturating_sub(waited).max(1);
        }
    }
}

/// Whole milliseconds of a JavaScript number: NaN and what is negative are 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is wanted")]
pub fn millis(number: f64) -> u64 {
    number as u64
}

/// An `invalid_argument` that says what was found and what was expected.
///
/// A string's content is not repeated: it may be a key or a prompt in the wrong place.
pub(crate) fn expected<J: Json>(what: &str, found: &J, wanted: &str) -> Error {
    let found = match found.kind() {
        Kind::Undefined => "missing".into(),
        Kind::Null => "null".into(),
        Kind::Boolean => "a boolean".into(),
        Kind::Number => found.digits(),
        Kind::String => "a string".into(),
        Kind::Function => "a function".into(),
        Kind::Array => "an array".into(),
        Kind::Object => "an object".into(),
        Kind::Other => "of a kind that cannot be read".to_owned(),
    };
    Error::invalid(joined(&[what, " is ", &found, "; expected ", wanted]))
}

fn check_object<J: Json>(options: &J, names: &[&str], mistake: &Mistake) {
    match options.kind() {
        Kind::Undefined | Kind::Null => {}
        Kind::Object if options.is_plain() => check_names(options, names, mistake),
        // What has a class of its own may have other names too.
        Kind::Object if names.iter().any(|name| !options.get(name).is_absent()) => {}
        Kind::Object => {
            note(mistake, expected("the options argument", options, "a plain object, or one with options in it"));
        }
        _ => note(mistake, expected("the options argument", options, "an object")),
    }
}

/// The longest name that a message repeats, in bytes; keys are longer.
const LONGEST_NAME: usize = 24;

/// Refuses a name that is not among the known ones, with the nearest that is.
pub(crate) fn check_names<J: Json>(object: &J, known: &[&str], mistake: &Mistake) {
    object.each_name(&mut |name| {
        if known.iter().all(|other| *other != name) {
            let nearest = known.iter().min_by_key(|candidate| distance(name, candidate)).unwrap_or(&"");
            // What no option could be called is not repeated: it may be a key or a prompt in the wrong place.
            let plain =
                name.len() <= LONGEST_NAME && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let shown = if plain { name } else { "…" };
            let said = joined(&["`", shown, "` is not a known name; the nearest is `", nearest, "`"]);
            note(mistake, Error::invalid(said));
        }
    });
}

/// How many letters one has and the other has not, small and capital ones alike: enough to know a
/// slip of the finger by, and smaller than an edit distance.
fn distance(a: &str, b: &str) -> u32 {
    (0..26).fold(0, |sum, letter| sum + times(a, letter).abs_diff(times(b, letter)))
}

/// How often the text has that letter of the alphabet.
fn times(text: &str, letter: u8) -> u32 {
    text.bytes().fold(0, |sum, byte| sum + u32::from((byte | 32).wrapping_sub(b'a') == letter))
}
