//! The errors of the service.

use serde_json::{Value, json};

use crate::{ErrorStyle, date};

/// A 4xx or 5xx response. Nothing was accepted, and nothing is billed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// 400: the body is invalid, with a hint for each mistake.
    #[error("Body validation error!")]
    Invalid(Vec<String>),
    /// 400: the query is invalid, with a hint for each mistake.
    #[error("Query validation error!")]
    InvalidQuery(Vec<String>),
    /// 401: no valid key.
    #[error("This request requires a valid API key. You can create an API key on the keys page.")]
    Unauthorized,
    /// 403: the key has no credits.
    #[error("You've run out of credits. Please top up your balance to continue.")]
    OutOfCredits,
    /// 404: no generation has this id.
    #[error("Generation with this id was not found.")]
    UnknownGeneration,
    /// 404: no endpoint has this method and path.
    #[error("Cannot {0}")]
    UnknownPath(String),
    /// Any other status, with its usual message.
    #[error("{}", title_and_message(*.0).1)]
    Status(u16),
}

impl ApiError {
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

    /// The JSON body, in one of the formats that the service has used.
    pub fn to_json(&self, style: ErrorStyle, now_ms: u64, path: &str, request_id: &str) -> Value {
        let status = self.status();
        let timestamp = date::format_iso(now_ms);
        let message = self.message(style);
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
                let (title, _) = title_and_message(status);
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

    fn message(&self, style: ErrorStyle) -> Value {
        let mut parts = vec![self.to_string()];
        if let Self::Invalid(hints) | Self::InvalidQuery(hints) = self {
            parts.extend(hints.iter().cloned());
        }
        match style {
            ErrorStyle::BList => parts.into(),
            _ => parts.join(" ").into(),
        }
    }
}

/// The title of a status, and the service's message for it.
fn title_and_message(status: u16) -> (&'static str, &'static str) {
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
    fn an_out_of_credits_error_has_the_misspelt_kind_of_the_service() {
        let body = ApiError::OutOfCredits.to_json(ErrorStyle::B, 0, "/x", "r");
        assert_eq!(body["title"], "Forbidden");
        assert_eq!(body["status"], 403);
        assert_eq!(body["instance"], "/x");
        assert_eq!(body["error"]["name"], "ForbiddenException");
        assert_eq!(body["error"]["data"]["kind"], "err_insufficent_credits");
        assert!(body["message"].as_str().unwrap().starts_with("You've run out of credits."));
    }

    #[test]
    fn an_error_in_style_a_has_five_fields() {
        let body = ApiError::Unauthorized.to_json(ErrorStyle::A, 0, "/x", "r");
        assert_eq!(
            body,
            json!({"requestId": "r", "statusCode": 401, "path": "/x",
                "timestamp": "1970-01-01T00:00:00.000Z",
                "message": ApiError::Unauthorized.to_string()})
        );
        let body = ApiError::Unauthorized.to_json(ErrorStyle::AText, 0, "/x", "r");
        assert_eq!(body["statusCode"], "401");
    }

    #[test]
    fn hints_follow_the_message_in_a_string_or_in_a_list() {
        let error = ApiError::Invalid(vec!["steps: x".into(), "model: y".into()]);
        let text = error.to_json(ErrorStyle::B, 0, "/x", "r");
        assert_eq!(text["message"], "Body validation error! steps: x model: y");
        let list = error.to_json(ErrorStyle::BList, 0, "/x", "r");
        assert_eq!(list["message"], json!(["Body validation error!", "steps: x", "model: y"]));
    }
}
