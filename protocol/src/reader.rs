//! Reads the properties of one foreign object and keeps the first mistake found in it.
//!
//! What cannot be read is given as absent and reading goes on, so that nothing half-built has to be
//! taken apart at every property: that would be a tenth of the module's size.

use core::cell::Cell;

use crate::error::Error;
use crate::json::{Json, Kind};
use crate::options::{expected, millis};
use crate::text::joined;

/// The first mistake found.
pub(crate) type Mistake = Cell<Option<Error>>;

/// An object, what it is called in messages, and the mistake found so far.
pub(crate) struct Reader<'a, J> {
    pub(crate) value: &'a J,
    pub(crate) path: &'static str,
    pub(crate) mistake: &'a Mistake,
}

/// What was read, unless there was a mistake.
pub(crate) fn finish<T>(read: T, mistake: &Mistake) -> Result<T, Error> {
    match mistake.take() {
        None => Ok(read),
        Some(error) => Err(error),
    }
}

/// Keeps a mistake, if it is the first.
pub(crate) fn note(mistake: &Mistake, error: Error) {
    let first = mistake.take().unwrap_or(error);
    mistake.set(Some(first));
}

impl<J: Json> Reader<'_, J> {
    /// The property of that name makes no sense.
    pub(crate) fn wrong(&self, name: &str, wanted: &str) {
        self.refuse(name, &self.value.get(name), wanted);
    }

    fn refuse(&self, name: &str, found: &J, wanted: &str) {
        note(self.mistake, expected(&joined(&["`", self.path, name, "`"]), found, wanted));
    }

    /// The property's value where it is given and makes sense.
    pub(crate) fn given<T>(&self, name: &str, wanted: &str, read: impl Fn(&J) -> Option<T>) -> Option<T> {
        let value = self.value.get(name);
        let read = read(&value);
        self.check(name, &value, wanted, read.is_some());
        read
    }

    /// Refuses what is given and makes no sense.
    #[inline(never)]
    fn check(&self, name: &str, value: &J, wanted: &str, sense: bool) {
        if !sense && !value.is_absent() {
            self.refuse(name, value, wanted);
        }
    }

    /// One of several documented words.
    pub(crate) fn word<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let word = self.value.text_at(name).and_then(|word| read(&word));
        if word.is_none() {
            self.wrong(name, "one of its documented words");
        }
        word
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.given(name, "a string", Json::text)
    }

    pub(crate) fn amount(&self, name: &str) -> Option<f64> {
        let read = |value: &J| value.number().filter(|amount| *amount >= 0.0 && amount.is_finite());
        self.given(name, "a number from 0", read)
    }

    pub(crate) fn moment(&self, name: &str) -> Option<u64> {
        self.amount(name).map(millis)
    }

    pub(crate) fn count(&self, name: &str) -> u32 {
        self.whole(name, 0, u32::MAX, "a whole number from 0").unwrap_or(0)
    }

    pub(crate) fn whole(&self, name: &str, least: u32, most: u32, wanted: &str) -> Option<u32> {
        self.given(name, wanted, |value| value.whole(least, most))
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        let value = self.value.get(name);
        self.check(name, &value, "a boolean", value.kind() == Kind::Boolean);
        value.is_true()
    }

    pub(crate) fn function(&self, name: &str) -> Option<J> {
        let value = self.value.get(name);
        match value.kind() {
            Kind::Function => return Some(value),
            Kind::Undefined | Kind::Null => {}
            _ => self.refuse(name, &value, "a function"),
        }
        None
    }
}
