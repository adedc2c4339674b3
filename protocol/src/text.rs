//! Small work on text. What the standard library has for it is made for long texts, and heavy.

/// The parts, one after the other. The standard library's `concat` can panic, and weighs more.
pub(crate) fn joined(parts: &[&str]) -> String {
    let mut whole = String::new();
    for part in parts {
        whole.push_str(part);
    }
    whole
}

/// Whether nothing of the text is left by JavaScript's `trim`. The standard library's idea of white space
/// differs from it, and brings a table.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|letter| {
        matches!(letter, '\t'..='\r' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}'
            | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}')
    })
}

/// The number in decimal digits.
pub(crate) fn decimal(number: u16) -> String {
    let mut digits = String::new();
    for place in [10_000, 1_000, 100, 10, 1] {
        let digit = u8::try_from(number / place % 10).unwrap_or_default();
        if number >= place || place == 1 {
            digits.push(char::from(b'0' + digit));
        }
    }
    digits
}

/// Whether `text` holds `words`.
pub(crate) fn holds(text: &str, words: &str) -> bool {
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|start| bytes.get(start..).is_some_and(|rest| rest.starts_with(words.as_bytes())))
}

/// The most characters of a foreign text that are kept.
pub(crate) const MAX_MESSAGE: usize = 400;

/// The text, cut to a length that can be read.
pub(crate) fn brief(text: &str) -> String {
    match text.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => joined(&[text.get(..end).unwrap_or_default(), "…"]),
        None => text.into(),
    }
}
