//! What a request says, read from the very request that is shipped.

use std::sync::Arc;

use protocol::{HttpRequest, Purpose};
use serde_json::Value;

use crate::keys;
use crate::task::Method;

/// The path of submits and polls.
const PATH: &str = "/v2/generate/audio";

/// A request as its server reads it.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    /// Where it goes.
    pub(crate) host: String,
    /// Which API key it carries.
    pub(crate) key: Option<usize>,
    /// The generation that it asks for.
    pub(crate) id: Option<Arc<str>>,
    /// The idempotency key, unless it searches the logs.
    pub(crate) idempotency_key: Option<String>,
    /// The header of a submit names its key as the package's own server reads it.
    pub(crate) quoted: bool,
    /// The query of a search of the logs.
    pub(crate) logs: Option<String>,
    /// What it submits.
    pub(crate) submission: Option<SentSubmission>,
    /// Whether it is what the contract says.
    pub(crate) is_valid: bool,
}

/// The body of a submit.
#[derive(Clone, Debug)]
pub(crate) struct SentSubmission {
    pub(crate) prompt: Arc<str>,
    pub(crate) steps: Option<i64>,
}

impl Sent {
    pub(crate) fn read(request: &HttpRequest) -> Self {
        let (host, path, query) = split(&request.url);
        let header = |name: &str| request.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| &**value);
        let method = match request.purpose {
            Purpose::Submit => Method::Submit,
            Purpose::Poll => Method::Poll,
            Purpose::Lookup => Method::Lookup,
            Purpose::Download => Method::Download,
        };
        let create = method == Method::Submit;
        let quoted = header("Idempotency-Key").and_then(|value| value.strip_prefix('"')?.strip_suffix('"'));
        let looked_up_key = query.strip_prefix("idempotency_key=");
        let id = query.strip_prefix("generation_id=").and_then(|_| emulator::generation_id(query));
        let logs = (path == "/v2/logs").then(|| query.to_owned());
        let submission = request.body.as_deref().and_then(submission);
        let is_valid = request.method == if create { "POST" } else { "GET" }
            && (path == PATH || logs.is_some())
            && (create == submission.is_some() && create == (header("Content-Type") == Some("application/json")))
            && (create || request.headers.len() <= 1)
            && (method == Method::Poll) == id.is_some()
            && (request.redirect, request.credentials) == ("manual", "same-origin")
            && !keys::has_key(&request.url);
        Self {
            method,
            host: host.to_owned(),
            key: header("Authorization").and_then(keys::key_of_header),
            id: id.map(Into::into),
            idempotency_key: quoted.or_else(|| header("X-Client-Request-Id")).or(looked_up_key).map(str::to_owned),
            quoted: quoted.is_some(),
            logs,
            submission,
            is_valid,
        }
    }
}

/// The host, the path and the query of a URL.
fn split(url: &str) -> (&str, &str, &str) {
    let rest = url.strip_prefix("https://").unwrap_or_default();
    let (host, _) = rest.split_once('/').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    (host, path.strip_prefix(host).unwrap_or_default(), query)
}

fn submission(body: &str) -> Option<SentSubmission> {
    let body: Value = serde_json::from_str(body).ok()?;
    let model = body["model"] == "stable-audio";
    let prompt = body["prompt"].as_str().filter(|_| model)?;
    Some(SentSubmission { prompt: prompt.into(), steps: body.get("steps").and_then(Value::as_i64) })
}
