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

/// A text of decimal digits alone, as the number that it is; the largest where it is larger.
pub fn whole_number(text: &str) -> Option<u64> {
    let digit = |byte: u8| u64::from(byte.wrapping_sub(b'0'));
    let add = |sum: u64, byte| (digit(byte) < 10).then(|| sum.saturating_mul(10).saturating_add(digit(byte)));
    text.bytes().try_fold(0, add).filter(|_| !text.is_empty())
}

/// Whether `text` holds `words`.
pub(crate) fn holds(text: &str, words: &str) -> bool {
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|start| bytes.get(start..).is_some_and(|rest| rest.starts_with(words.as_bytes())))
}

/// The most characters of a foreign text that are kept.
pub(crate) const MAX_MESSAGE: usize = 400;
