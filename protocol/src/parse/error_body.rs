//! Reading the bodies of HTTP errors, in every shape that was observed.

use super::untrusted::{Kind, Untrusted};
use crate::model::api_key::Redactor;
use crate::model::text::{concat, contains};

/// What the body of an HTTP error says.
#[derive(Clone, Debug, Default)]
pub struct ErrorBody {
    /// The service's message; may be empty.
    pub message: String,
    /// Whether it says that the credits are used up.
    pub out_of_credits: bool,
    /// The service's name for the request.
    pub request_id: Option<String>,
}

impl ErrorBody {
    /// Reads the body of an HTTP error, of either generation.
    pub fn read<V: Untrusted>(body: &V, redactor: Redactor<'_>) -> Self {
        let message = error_text(body, redactor).unwrap_or_default();
        let kind = body.get("error").get("data").string_at("kind").unwrap_or_default();
        let inner = error_text(&body.get("error"), redactor).unwrap_or_default();
        let lower = concat(&[message.as_str(), "; ", &inner]).to_ascii_lowercase();
        Self {
            out_of_credits: contains(&kind, "credit")
                || contains(&lower, "out of credits")
                || contains(&lower, "out of funds"),
            request_id: body.string_at("requestId").and_then(|id| redactor.label(&id)),
            message,
        }
    }
}

/// The message of an error in any of the observed shapes: a string, a list, `{message}`, `{detail}`, `{msg}`,
/// `{error}`, `{errors}`, `{constraints}`, `{name}`, `{title}`.
pub(crate) fn error_text<V: Untrusted>(value: &V, redactor: Redactor<'_>) -> Option<String> {
    let mut text = String::new();
    collect_messages(value, 0, &mut text);
    (!text.is_empty()).then(|| redactor.redact(&text))
}

/// Messages are collected up to about this many bytes.
const MAX_COLLECTED: usize = 4_000;

fn collect_messages<V: Untrusted>(value: &V, depth: u32, message: &mut String) {
    if depth > 4 || message.len() > MAX_COLLECTED {
        return;
    }
    match value.kind() {
        Kind::String => {
            if let Some(text) = value.as_string() {
                let text = text.trim_ascii();
                // Some errors repeat their message.
                if !contains(message, text) {
                    message.push_str(if message.is_empty() { "" } else { "; " });
                    message.push_str(text);
                }
            }
        }
        Kind::Array => {
            for index in 0..8 {
                collect_messages(&value.at(index), depth + 1, message);
            }
        }
        Kind::Object => {
            let before = message.len();
            for name in ["message", "detail", "msg", "error", "errors", "constraints", "name", "title"] {
                let inner = value.get(name);
                collect_messages(&inner, depth + 1, message);
                if matches!(name, "errors" | "constraints") && inner.kind() == Kind::Object {
                    // By field, or by the rule that was broken.
                    inner.for_each_key(&mut |name| collect_messages(&inner.get(name), depth + 2, message));
                }
                if message.len() > before {
                    break;
                }
            }
        }
        _ => {}
    }
}
