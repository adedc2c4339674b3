//! Reads the properties of an untrusted object and keeps the first error found in it.
//!
//! What cannot be read counts as absent and reading goes on, so that no half-built value has to be dropped
//! after each property: that would be a tenth of the module's size.

use core::cell::Cell;

use crate::error::Error;
use crate::options::{expected, millis};
use crate::text::concat;
use crate::untrusted::{Kind, Untrusted};

/// The first error found.
pub(crate) type FirstError = Cell<Option<Error>>;

/// An object, its name in messages, and the first error so far.
pub(crate) struct ObjectReader<'a, V> {
    pub(crate) value: &'a V,
    pub(crate) path: &'static str,
    pub(crate) first_error: &'a FirstError,
}

/// The value that was read, unless there was an error.
pub(crate) fn finish<T>(read: T, first_error: &FirstError) -> Result<T, Error> {
    match first_error.take() {
        None => Ok(read),
        Some(error) => Err(error),
    }
}

/// Keeps an error if it is the first.
pub(crate) fn record_first(first_error: &FirstError, error: Error) {
    let first = first_error.take().unwrap_or(error);
    first_error.set(Some(first));
}

impl<V: Untrusted> ObjectReader<'_, V> {
    /// The property is invalid.
    pub(crate) fn report_invalid(&self, name: &str, wanted: &str) {
        self.record_invalid(name, &self.value.get(name), wanted);
    }

    fn record_invalid(&self, name: &str, found: &V, wanted: &str) {
        record_first(self.first_error, expected(&concat(&["`", self.path, name, "`"]), found, wanted));
    }

    /// The value of the property, if it is present and valid.
    pub(crate) fn optional<T>(&self, name: &str, wanted: &str, read: impl Fn(&V) -> Option<T>) -> Option<T> {
        let value = self.value.get(name);
        let read = read(&value);
        self.check(name, &value, wanted, read.is_some());
        read
    }

    /// Records an error for a property that is present and invalid.
    #[inline(never)]
    fn check(&self, name: &str, value: &V, wanted: &str, sense: bool) {
        if !sense && !value.is_absent() {
            self.record_invalid(name, value, wanted);
        }
    }

    /// One of several documented names.
    pub(crate) fn keyword<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let word = self.value.string_at(name).and_then(|word| read(&word));
        if word.is_none() {
            self.report_invalid(name, "one of its documented words");
        }
        word
    }

    pub(crate) fn string(&self, name: &str) -> Option<String> {
        self.optional(name, "a string", Untrusted::as_string)
    }

    pub(crate) fn non_negative(&self, name: &str) -> Option<f64> {
        let read = |value: &V| value.as_number().filter(|amount| *amount >= 0.0 && amount.is_finite());
        self.optional(name, "a number from 0", read)
    }

    pub(crate) fn timestamp(&self, name: &str) -> Option<u64> {
        self.non_negative(name).map(millis)
    }

    pub(crate) fn count(&self, name: &str) -> u32 {
        self.integer_in(name, 0, u32::MAX, "a whole number from 0").unwrap_or(0)
    }

    pub(crate) fn integer_in(&self, name: &str, least: u32, most: u32, wanted: &str) -> Option<u32> {
        self.optional(name, wanted, |value| value.as_integer_in(least, most))
    }

    pub(crate) fn boolean(&self, name: &str) -> bool {
        let value = self.value.get(name);
        self.check(name, &value, "a boolean", value.kind() == Kind::Boolean);
        value.is_true()
    }

    pub(crate) fn function(&self, name: &str) -> Option<V> {
        let value = self.value.get(name);
        match value.kind() {
            Kind::Function => return Some(value),
            Kind::Undefined | Kind::Null => {}
            _ => self.record_invalid(name, &value, "a function"),
        }
        None
    }
}
