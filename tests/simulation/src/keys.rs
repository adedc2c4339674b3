//! The API keys of a run: all contain a mark, so that one in the wrong place is found.

use std::sync::LazyLock;

use emulator::Key;
use protocol::ApiKey;

use crate::reply_value::ReplyValue;

/// What every key contains.
const MARK: &str = "sk-KEY";

/// A key, what the service makes of it, and the origin that it is meant for.
#[derive(Debug)]
pub(crate) struct TestKey {
    pub(crate) text: &'static str,
    pub(crate) kind: Key,
    pub(crate) origin: usize,
}

/// Two good keys, a bad one and one without credits for each origin.
pub(crate) const KEYS: [TestKey; 8] = [
    TestKey { text: "sk-KEY-a-good-1", kind: Key::Demo, origin: 0 },
    TestKey { text: "sk-KEY-a-good-2", kind: Key::Demo, origin: 0 },
    TestKey { text: "sk-KEY-a-wrong-3", kind: Key::Other, origin: 0 },
    TestKey { text: "sk-KEY-a-broke-4", kind: Key::Broke, origin: 0 },
    TestKey { text: "sk-KEY-b-good-5", kind: Key::Demo, origin: 1 },
    TestKey { text: "sk-KEY-b-good-6", kind: Key::Demo, origin: 1 },
    TestKey { text: "sk-KEY-b-wrong-7", kind: Key::Other, origin: 1 },
    TestKey { text: "sk-KEY-b-broke-8", kind: Key::Broke, origin: 1 },
];
/// How many keys an origin has.
pub(crate) const PER_ORIGIN: usize = 4;

static SECRETS: LazyLock<Vec<ApiKey>> =
    LazyLock::new(|| KEYS.iter().filter_map(|key| ApiKey::read(&ReplyValue::Text(key.text)).ok()).collect());

/// The key as the protocol holds it.
pub(crate) fn api_key(index: usize) -> ApiKey {
    SECRETS[index].clone()
}

/// Which key an `Authorization` header carries.
pub(crate) fn key_of_header(value: &str) -> Option<usize> {
    let key = value.strip_prefix("Bearer ")?;
    KEYS.iter().position(|known| known.text == key)
}

/// Whether a key is in the text.
pub(crate) fn has_key(text: &str) -> bool {
    text.contains(MARK)
}
