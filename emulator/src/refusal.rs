//! What the service answers instead of doing what was asked.

use serde_json::{Value, json};

use crate::{ErrorStyle, date};

/// Which key came with a request. The key itself is kept nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// `demo-key`: works.
    Demo,
    /// `broke-key`: out of credits.
    Broke,
    /// Any other.
    Other,
    /// No `Authorization: Bearer` at all.
    None,
}

impl Key {
    /// Reads an `Authorization` header.
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

    /// The key itself, if the service knows it.
    fn text(self) -> Option<&'static str> {
        match self {
            Self::Demo => Some("demo-key"),
            Self::Broke => Some("broke-key"),
            Self::Other | Self::None => None,
        }
    }

    /// Does the service know it, and does it begin so?
    pub(crate) fn begins_with(self, prefix: &str) -> bool {
        !prefix.is_empty() && self.text().is_some_and(|text| text.starts_with(prefix))
    }

    /// Passes the keys that the service knows, whether they have credits or not.
    pub(crate) fn authorize(self) -> Result<(), Refusal> {
        self.text().map(|_| ()).ok_or(Refusal::Unauthorized)
    }

    /// The kind's name, for a ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Broke => "broke",
            Self::Other => "other",
            Self::None => "none",
        }
    }

    pub(crate) fn admit(self) -> Result<(), Refusal> {
        match self {
            Self::Demo => Ok(()),
            Self::Broke => Err(Refusal::OutOfCredits),
            Self::Other | Self::None => Err(Refusal::Unauthorized),
        }
    }
}

/// A reply of 4xx or 5xx. Nothing was accepted, nothing is billed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// 400, with a hint for each fault.
    #[error("Body validation error!")]
    Invalid(Vec<String>),
    /// 400 of a query, likewise.
    #[error("Query validation error!")]
    InvalidQuery(Vec<String>),
    /// 401.
    #[error("This request requires a valid API key. You can create an API key on the keys page.")]
    Unauthorized,
    /// 403.
    #[error("You've run out of credits. Please top up your balance to continue.")]
    OutOfCredits,
    /// 404, an id that was never given out.
    #[error("Generation with this id was not found.")]
    UnknownGeneration,
    /// 404, another method or path.
    #[error("Cannot {0}")]
    UnknownPath(String),
    /// Any other status, with the words that go with it.
    #[error("{}", title(*.0).1)]
    Status(u16),
}

impl Refusal {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) | Self::InvalidQuery(_) => 400,
            Self::Unauthorized => 401,
            Self::OutOfCredits => 403,
            Self::UnknownGeneration | Self::UnknownPath(_) => 404,
            Self::Status(status) => *status,
        }
    }

    /// The body, in one of its generations.
    pub fn to_json(&self, style: ErrorStyle, now_ms: u64, path: &str, request_id: &str) -> Value {
        let status = self.status();
        let timestamp = date::iso(now_ms);
        let message = self.words(style);
        match style {
            ErrorStyle::A | ErrorStyle::AText => {
                let code = match style {
                    ErrorStyle::AText => Value::from(status.to_string()),
                    _ => Value::from(status),
                };
                json!({"requestId": request_id, "statusCode": code, "timestamp": timestamp,
                    "path": path, "message": message})
            }
            ErrorStyle::B | ErrorStyle::BList => {
                let (title, _) = title(status);
                let name = format!("{}Exception", title.replace(' ', ""));
                let mut error = json!({"name": name, "message": self.to_string()});
                if *self == Self::OutOfCredits
                    && let Some(error) = error.as_object_mut()
                {
                    error.insert("data".into(), json!({"kind": "err_insufficent_credits"}));
                }
                json!({"title": title, "status": status, "message": message, "instance": path,
                    "timestamp": timestamp, "requestId": request_id, "error": error})
            }
        }
    }

    fn words(&self, style: ErrorStyle) -> Value {
        let mut words = vec![self.to_string()];
        if let Self::Invalid(hints) | Self::InvalidQuery(hints) = self {
            words.extend(hints.iter().cloned());
        }
        match style {
            ErrorStyle::BList => words.into(),
            _ => words.join(" ").into(),
        }
    }
}

/// A status's title, and the service's words for it.
fn title(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => ("Bad Request", "Body validation error!"),
        401 => ("Unauthorized", "This request requires a valid API key."),
        403 => ("Forbidden", "You do not have access to this endpoint."),
        404 => ("Not Found", "Not Found"),
        408 => ("Request Timeout", "Request Timeout"),
        409 => ("Conflict", "Conflict"),
        413 => ("Payload Too Large", "request entity too large"),
        422 => ("Unprocessable Entity", "Unprocessable Entity"),
        429 => ("Too Many Requests", "Too Many Requests"),
        500 => ("Internal Server Error", "Internal server error"),
        502 => ("Bad Gateway", "Bad Gateway"),
        503 => ("Service Unavailable", "Service Unavailable"),
        504 => ("Gateway Timeout", "Gateway Timeout"),
        524 => ("A Timeout Occurred", "A Timeout Occurred"),
        _ => ("Error", "Something went wrong."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_keys_are_known_and_the_scheme_is_bearer() {
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

    #[test]
    fn out_of_credits_has_the_services_own_spelling() {
        let body = Refusal::OutOfCredits.to_json(ErrorStyle::B, 0, "/x", "r");
        assert_eq!(body["title"], "Forbidden");
        assert_eq!(body["status"], 403);
        assert_eq!(body["instance"], "/x");
        assert_eq!(body["error"]["name"], "ForbiddenException");
        assert_eq!(body["error"]["data"]["kind"], "err_insufficent_credits");
        assert!(body["message"].as_str().unwrap().starts_with("You've run out of credits."));
    }

    #[test]
    fn generation_a_has_its_five_fields() {
        let body = Refusal::Unauthorized.to_json(ErrorStyle::A, 0, "/x", "r");
        assert_eq!(
            body,
            json!({"requestId": "r", "statusCode": 401, "path": "/x",
                "timestamp": "1970-01-01T00:00:00.000Z",
                "message": Refusal::Unauthorized.to_string()})
        );
        let body = Refusal::Unauthorized.to_json(ErrorStyle::AText, 0, "/x", "r");
        assert_eq!(body["statusCode"], "401");
    }

    #[test]
    fn hints_follow_the_message_as_text_or_as_a_list() {
        let refusal = Refusal::Invalid(vec!["steps: x".into(), "model: y".into()]);
        let text = refusal.to_json(ErrorStyle::B, 0, "/x", "r");
        assert_eq!(text["message"], "Body validation error! steps: x model: y");
        let list = refusal.to_json(ErrorStyle::BList, 0, "/x", "r");
        assert_eq!(list["message"], json!(["Body validation error!", "steps: x", "model: y"]));
    }
}
