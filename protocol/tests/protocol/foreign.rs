//! Values that `serde_json` cannot express, but a page may pass.

use protocol::{Kind, Untrusted};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Js {
    Undefined,
    Number(f64),
    Text(&'static str),
    /// A string with a lone surrogate.
    Lone,
    Function,
    Symbol,
    Object(Vec<(&'static str, Js)>),
    Plain(Value),
}

impl Js {
    fn plain(&self) -> Option<&Value> {
        match self {
            Self::Plain(value) => Some(value),
            _ => None,
        }
    }
}

impl Untrusted for Js {
    fn is_true(&self) -> bool {
        self.plain().is_true()
    }

    fn is_plain_object(&self) -> bool {
        true
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Undefined => Kind::Undefined,
            Self::Number(_) => Kind::Number,
            Self::Text(_) | Self::Lone => Kind::String,
            Self::Function => Kind::Function,
            Self::Symbol => Kind::Other,
            Self::Object(_) => Kind::Object,
            Self::Plain(_) => self.plain().kind(),
        }
    }

    fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => self.plain().as_number(),
        }
    }

    fn as_string(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some((*text).into()),
            _ => self.plain().as_string(),
        }
    }

    fn get(&self, name: &str) -> Self {
        match self {
            Self::Object(fields) => {
                fields.iter().find(|(known, _)| *known == name).map_or(Self::Undefined, |(_, value)| value.clone())
            }
            _ => self.plain().get(name).map_or(Self::Undefined, |value| Self::Plain(value.clone())),
        }
    }

    fn at(&self, index: u32) -> Self {
        self.plain().at(index).map_or(Self::Undefined, |value| Self::Plain(value.clone()))
    }

    fn for_each_key(&self, show: &mut dyn FnMut(&str)) {
        match self {
            Self::Object(fields) => fields.iter().for_each(|(name, _)| show(name)),
            _ => self.plain().for_each_key(show),
        }
    }

    fn number_text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            _ => self.plain().number_text(),
        }
    }
}
