//! Reads the properties of an untrusted object and keeps the first error found in it.
//!
//! What cannot be read counts as absent and reading goes on, so that no half-built value has to be dropped
//! after each property: that would be a tenth of the module's size.

use core::cell::Cell;

use super::untrusted::{Kind, Untrusted};
use crate::model::error::Error;
use crate::model::text::concat;
use crate::model::time::millis;

/// The first error found.
pub(super) type FirstError = Cell<Option<Error>>;

/// An object, its name in messages, and the first error so far.
pub(super) struct ObjectReader<'a, V> {
    pub(super) value: &'a V,
    pub(super) path: &'static str,
    pub(super) first_error: &'a FirstError,
}

/// The value that was read, unless there was an error.
pub(super) fn finish<T>(read: T, first_error: &FirstError) -> Result<T, Error> {
    match first_error.take() {
        None => Ok(read),
        Some(error) => Err(error),
    }
}

/// Keeps an error if it is the first.
pub(super) fn record_first(first_error: &FirstError, error: Error) {
    let first = first_error.take().unwrap_or(error);
    first_error.set(Some(first));
}

impl<V: Untrusted> ObjectReader<'_, V> {
    /// The property is invalid.
    pub(super) fn report_invalid(&self, name: &str, wanted: &str) {
        self.record_invalid(name, &self.value.get(name), wanted);
    }

    fn record_invalid(&self, name: &str, found: &V, wanted: &str) {
        record_first(self.first_error, expected(&concat(&["`", self.path, name, "`"]), found, wanted));
    }

    /// The value of the property, if it is present and valid.
    pub(super) fn optional<T>(&self, name: &str, wanted: &str, read: impl Fn(&V) -> Option<T>) -> Option<T> {
        let value = self.value.get(name);
        let read = read(&value);
        self.check(name, &value, wanted, read.is_some());
        read
    }

    /// Records an error for a property that is present and invalid.
    #[inline(never)]
    fn check(&self, name: &str, value: &V, wanted: &str, is_valid: bool) {
        if !is_valid && !value.is_absent() {
            self.record_invalid(name, value, wanted);
        }
    }

    /// One of several documented names.
    pub(super) fn keyword<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let word = self.value.string_at(name).and_then(|word| read(&word));
        if word.is_none() {
            self.report_invalid(name, "one of its documented words");
        }
        word
    }

    pub(super) fn string(&self, name: &str) -> Option<String> {
        self.optional(name, "a string", Untrusted::as_string)
    }

    pub(super) fn non_negative(&self, name: &str) -> Option<f64> {
        let read = |value: &V| value.as_number().filter(|amount| *amount >= 0.0 && amount.is_finite());
        self.optional(name, "a number from 0", read)
    }

    pub(super) fn timestamp(&self, name: &str) -> Option<u64> {
        self.non_negative(name).map(millis)
    }

    pub(super) fn count(&self, name: &str) -> u32 {
        self.integer_in(name, 0, u32::MAX, "a whole number from 0").unwrap_or(0)
    }

    pub(super) fn integer_in(&self, name: &str, least: u32, most: u32, wanted: &str) -> Option<u32> {
        self.optional(name, wanted, |value| value.as_integer_in(least, most))
    }

    pub(super) fn boolean(&self, name: &str) -> bool {
        let value = self.value.get(name);
        self.check(name, &value, "a boolean", value.kind() == Kind::Boolean);
        value.is_true()
    }

    pub(super) fn function(&self, name: &str) -> Option<V> {
        let value = self.value.get(name);
        match value.kind() {
            Kind::Function => return Some(value),
            Kind::Undefined | Kind::Null => {}
            _ => self.record_invalid(name, &value, "a function"),
        }
        None
    }
}

/// An `invalid_argument` that says what was found and what was expected.
///
/// The content of a string is not repeated: it may be a misplaced key or prompt.
pub(super) fn expected<V: Untrusted>(what: &str, found: &V, wanted: &str) -> Error {
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

/// The longest unknown name that a message repeats, in bytes; keys are longer.
const MAX_ECHOED_NAME: usize = 24;

/// Reports an unknown name with the nearest known one.
pub(super) fn check_known_keys<V: Untrusted>(object: &V, known: &[&str], first_error: &FirstError) {
    object.for_each_key(&mut |name| {
        if known.iter().all(|other| *other != name) {
            let nearest = known.iter().min_by_key(|candidate| letter_distance(name, candidate)).unwrap_or(&"");
            // Anything that cannot be an option's name is not repeated: it may be a misplaced key or prompt.
            let plain =
                name.len() <= MAX_ECHOED_NAME && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let shown = if plain { name } else { "…" };
            let message = concat(&["`", shown, "` is not a known name; the nearest is `", nearest, "`"]);
            record_first(first_error, Error::invalid(message));
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
