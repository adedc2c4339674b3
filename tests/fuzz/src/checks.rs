//! What must hold of all output.

use protocol::{ApiKey, Error, Generation, Now};
use serde_json::Value;

use crate::foreign::{Foreign, ForeignView};

/// The API key of the input.
pub(crate) const KEY: &str = "sk-5f3a9c0d17";

/// The prompt of the input.
pub(crate) const PROMPT: &str = "nine whales, slowly";

/// The key, as the client holds it.
pub(crate) fn key() -> ApiKey {
    let key = Foreign::String(KEY.into());
    ApiKey::read(&ForeignView::new(&key)).unwrap_or_else(|why| unreachable!("{why}"))
}

/// The idempotency key of submits.
pub(crate) const IDEMPOTENCY_KEY: &str = "5f3a9c0d-retry:1";

/// The key and the prompt.
pub(crate) const SECRETS: [&str; 2] = [KEY, PROMPT];

/// Whether JavaScript's `trim` leaves nothing of it; its white space differs from Rust's.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|letter| letter == '\u{feff}' || letter != '\u{85}' && letter.is_whitespace())
}

/// None of the secrets is in the text.
pub(crate) fn without(secrets: &[&str], printed: &str) {
    for secret in secrets {
        assert!(!printed.contains(secret), "`{secret}` came out: {printed}");
    }
}

/// The URL can be passed to a player.
pub(crate) fn is_playable(url: &str) {
    let lower = url.to_lowercase();
    let host = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let host = host.unwrap_or_else(|| panic_with("no http(s) URL", url));
    assert!(!host.is_empty() && !host.starts_with('/'), "a URL without a host: {url}");
    assert!(!url.chars().any(|c| c <= ' ' || c == '\u{7f}'), "a URL with a space or a control character: {url:?}");
}

/// The error has a message, without a secret.
pub(crate) fn error(error: &Error, secrets: &[&str]) {
    assert!(!error.code().is_empty());
    let message = error.message();
    assert!(message.len() > 10, "a message that says nothing: {message:?}");
    without(secrets, &message);
    assert!(error.http_status.is_none_or(|status| status > 0));
    if let Some(known) = &error.generation {
        generation(known);
    }
}

/// The snapshot is read back as it was written.
pub(crate) fn generation(known: &Generation) {
    if let Some(audio) = &known.audio {
        is_playable(&audio.url);
    }
    for amount in [known.credits_used, known.usd_spent, known.audio.as_ref().and_then(|audio| audio.file_size)] {
        assert!(amount.is_none_or(|amount| amount.is_finite() && amount >= 0.0), "no amount: {amount:?}");
    }
    let json = to_json(known);
    let now = Now { wall: 1, monotonic: 1 };
    match Generation::read(&Some(&json), now) {
        Ok(read) => assert_eq!(&*read, known, "a snapshot changes when it is stored"),
        Err(error) => {
            panic_with("a snapshot cannot be read back", &[&error.message(), " ", &json.to_string()].concat())
        }
    }
}

/// The snapshot as it is stored.
pub(crate) fn to_json(known: &Generation) -> Value {
    serde_json::to_value(known).unwrap_or_else(|why| panic_with("a snapshot cannot be written", &why.to_string()))
}

/// No message in a snapshot contains a secret. Ids, names, types and the URL are the service's own.
pub(crate) fn without_secrets(known: &Generation, secrets: &[&str]) {
    let mut own = known.clone();
    own.id.clear();
    own.request = None;
    if let Some(audio) = &mut own.audio {
        audio.url.clear();
        audio.generation_id.clear();
        audio.content_type = None;
        audio.file_name = None;
    }
    without(secrets, &to_json(&own).to_string());
}

#[expect(clippy::panic, reason = "a property that does not hold is reported by a panic")]
pub(crate) fn panic_with(what: &str, value: &str) -> ! {
    panic!("{what}: {value:?}")
}
