//! Small work on text. What the standard library has for it is made for long texts, and heavy.

/// The parts, one after the other. The standard library's `concat` can panic, and weighs more.
pub(crate) fn joined(parts: &[&str]) -> String {
    let mut whole = String::new();
    for part in parts {
        whole.push_str(part);
    }
    whole
}

/// Whether `text` holds `words`.
pub(crate) fn holds(text: &str, words: &str) -> bool {
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|start| bytes.get(start..).is_some_and(|rest| rest.starts_with(words.as_bytes())))
}

/// The text, cut to a length that can be read.
pub(crate) fn brief(text: &str) -> String {
    match text.char_indices().nth(400) {
        Some((end, _)) => joined(&[text.get(..end).unwrap_or_default(), "…"]),
        None => text.into(),
    }
}
