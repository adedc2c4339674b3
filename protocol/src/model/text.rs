//! Small text helpers. Those of the standard library are made for long texts, and large.

/// Concatenates the parts. The standard library's `concat` can panic, and is larger.
pub(crate) fn concat(parts: &[&str]) -> String {
    let mut whole = String::new();
    for part in parts {
        whole.push_str(part);
    }
    whole
}

/// Whether JavaScript's `trim` leaves nothing of the text. The standard library's white space differs from
/// it, and needs a table.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|letter| {
        matches!(letter, '\t'..='\r' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}'
            | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}')
    })
}

/// Parses a text of decimal digits only; saturates.
pub(crate) fn parse_digits(text: &str) -> Option<u64> {
    let digit = |byte: u8| u64::from(byte.wrapping_sub(b'0'));
    let add = |sum: u64, byte| (digit(byte) < 10).then(|| sum.saturating_mul(10).saturating_add(digit(byte)));
    text.bytes().try_fold(0, add).filter(|_| !text.is_empty())
}

/// Whether `text` contains `part`.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|start| bytes.get(start..).is_some_and(|rest| rest.starts_with(part.as_bytes())))
}

/// The longest message that is kept, in characters.
pub(crate) const MAX_MESSAGE: usize = 400;
