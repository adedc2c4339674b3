//! API keys.

use crate::ApiError;

/// Which key a request carried. The key itself is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// `demo-key`: valid.
    Demo,
    /// `broke-key`: valid, but out of credits.
    Broke,
    /// An unknown key.
    Other,
    /// No `Authorization: Bearer` header.
    None,
}

impl Key {
    /// Parses an `Authorization` header.
    pub fn from_authorization(header: Option<&str>) -> Self {
        let known = |text: &str| [Self::Demo, Self::Broke].into_iter().find(|key| key.text() == Some(text));
        let Some((scheme, key)) = header.and_then(|text| text.split_once(' ')) else {
            return Self::None;
        };
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Self::None;
        }
        match key.trim() {
            "" => Self::None,
            text => known(text).unwrap_or(Self::Other),
        }
    }

    /// The text of a valid key.
    fn text(self) -> Option<&'static str> {
        match self {
            Self::Demo => Some("demo-key"),
            Self::Broke => Some("broke-key"),
            Self::Other | Self::None => None,
        }
    }

    /// Whether this is a valid key with this prefix.
    pub(crate) fn has_prefix(self, prefix: &str) -> bool {
        !prefix.is_empty() && self.text().is_some_and(|text| text.starts_with(prefix))
    }

    /// Accepts valid keys, with or without credits.
    pub(crate) fn authenticate(self) -> Result<(), ApiError> {
        self.text().map(|_| ()).ok_or(ApiError::Unauthorized)
    }

    /// The name of the kind, as the ledger shows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Broke => "broke",
            Self::Other => "other",
            Self::None => "none",
        }
    }

    /// Accepts valid keys that have credits.
    pub(crate) fn require_credits(self) -> Result<(), ApiError> {
        match self {
            Self::Demo => Ok(()),
            Self::Broke => Err(ApiError::OutOfCredits),
            Self::Other | Self::None => Err(ApiError::Unauthorized),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_keys_with_the_bearer_scheme_are_valid() {
        for (header, key) in [
            (Some("Bearer demo-key"), Key::Demo),
            (Some("bearer demo-key"), Key::Demo),
            (Some("Bearer broke-key"), Key::Broke),
            (Some("Bearer demo-key2"), Key::Other),
            (Some("Bearer "), Key::None),
            (Some("Basic demo-key"), Key::None),
            (Some("demo-key"), Key::None),
            (None, Key::None),
        ] {
            assert_eq!(Key::from_authorization(header), key, "{header:?}");
        }
    }
}
