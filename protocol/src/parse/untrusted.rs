//! Values of untrusted origin, read without assumptions about their shape.

/// What a [`Untrusted`] value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `undefined`, or a property that is absent or cannot be read.
    Undefined,
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number, NaN and the infinities included.
    Number,
    /// A string, well-formed or not.
    String,
    /// A function.
    Function,
    /// An array.
    Array,
    /// Any other object.
    Object,
    /// A symbol or a bigint.
    Other,
}

/// An untrusted value: a parsed reply, an option, a stored snapshot.
///
/// The browser reads through `JsValue`, the tests and fuzzers through `serde_json::Value`, so that
/// both run the very same readers. No method panics and none lets an exception through: what
/// cannot be read is [`Kind::Undefined`].
pub trait Untrusted: Sized {
    /// What this value is.
    fn kind(&self) -> Kind;
    /// The number, if it is one.
    fn as_number(&self) -> Option<f64>;
    /// The string, if it is one and well-formed Unicode.
    fn as_string(&self) -> Option<String>;
    /// The property of that name.
    #[must_use]
    fn get(&self, name: &str) -> Self;
    /// The element at that place of an array.
    #[must_use]
    fn at(&self, index: u32) -> Self;
    /// Visits the names of the object's own properties.
    fn for_each_key(&self, show: &mut dyn FnMut(&str));
    /// A number as JavaScript prints it; only called for numbers.
    fn number_text(&self) -> String;
    /// Whether it is `true`.
    fn is_true(&self) -> bool;
    /// Whether an object is plain, not an instance of a class.
    fn is_plain_object(&self) -> bool;

    /// The property of that name, if it is a string and well-formed Unicode.
    fn string_at(&self, name: &str) -> Option<String> {
        self.get(name).as_string()
    }

    /// Whether the value is `undefined` or `null`.
    fn is_absent(&self) -> bool {
        matches!(self.kind(), Kind::Undefined | Kind::Null)
    }

    /// A whole number within the bounds, both included.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::float_cmp,
        reason = "`as` saturates, and only what comes back unchanged is whole"
    )]
    fn as_integer_in(&self, least: u32, most: u32) -> Option<u32> {
        let number = self.as_number()?;
        let whole = number as u32;
        (f64::from(whole) == number && (least..=most).contains(&whole)).then_some(whole)
    }
}

/// `serde_json`'s values, borrowed: for tests, fuzzers and the simulation.
#[cfg(any(test, feature = "serde_json"))]
impl Untrusted for Option<&serde_json::Value> {
    fn kind(&self) -> Kind {
        use serde_json::Value;
        match self {
            None => Kind::Undefined,
            Some(Value::Null) => Kind::Null,
            Some(Value::Bool(_)) => Kind::Boolean,
            Some(Value::Number(_)) => Kind::Number,
            Some(Value::String(_)) => Kind::String,
            Some(Value::Array(_)) => Kind::Array,
            Some(Value::Object(_)) => Kind::Object,
        }
    }

    fn as_number(&self) -> Option<f64> {
        self.and_then(serde_json::Value::as_f64)
    }

    fn as_string(&self) -> Option<String> {
        self.and_then(serde_json::Value::as_str).map(str::to_owned)
    }

    fn get(&self, name: &str) -> Self {
        self.and_then(|value| value.get(name))
    }

    fn at(&self, index: u32) -> Self {
        self.and_then(|value| value.get(index as usize))
    }

    fn for_each_key(&self, show: &mut dyn FnMut(&str)) {
        self.and_then(serde_json::Value::as_object)
            .into_iter()
            .flat_map(|object| object.keys())
            .for_each(|name| show(name));
    }

    fn number_text(&self) -> String {
        self.map(ToString::to_string).unwrap_or_default()
    }

    fn is_true(&self) -> bool {
        matches!(self, Some(serde_json::Value::Bool(true)))
    }

    fn is_plain_object(&self) -> bool {
        true
    }
}
