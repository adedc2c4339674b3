//! Bodies of replies, made once and used by every run.

use std::sync::LazyLock;

use emulator::{ApiError, ErrorStyle, Failure};
use serde_json::{Value, json};

use crate::keys::KEYS;

/// Statuses of which the service or something on the way has a JSON body.
pub(crate) const STATUSES: [u16; 23] =
    [400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 415, 422, 425, 426, 429, 451, 500, 501, 502, 503, 504, 524, 529];
const STYLES: [ErrorStyle; 4] = [ErrorStyle::A, ErrorStyle::AText, ErrorStyle::B, ErrorStyle::BList];
const PATH: &str = "/v2/generate/audio";

/// The shapes of a failed job's error.
pub(crate) const FAILURES: [Failure; 6] = [
    Failure::Null,
    Failure::String,
    Failure::NameMessage,
    Failure::Message,
    Failure::DetailString,
    Failure::DetailList,
];

/// All prepared bodies.
#[derive(Debug)]
pub(crate) struct Bodies {
    errors: Vec<Vec<Value>>,
    out_of_credits: Vec<Value>,
    failures: Vec<Value>,
    /// For each key, bodies that repeat it.
    echoes: Vec<Vec<Value>>,
    /// For each key, an unknown status that repeats it.
    undocumented_statuses: Vec<String>,
    /// Good JSON that says nothing of use.
    pub(crate) empty: Vec<Value>,
}

/// The bodies of all runs.
pub(crate) static BODIES: LazyLock<Bodies> = LazyLock::new(Bodies::new);

impl Bodies {
    fn new() -> Self {
        let styled = |refusal: &ApiError| STYLES.map(|style| refusal.to_json(style, 0, PATH, "5f1c-request")).to_vec();
        Self {
            errors: STATUSES.iter().map(|status| styled(&ApiError::Status(*status))).collect(),
            out_of_credits: styled(&ApiError::OutOfCredits),
            failures: FAILURES.iter().map(|failure| failure.to_json()).collect(),
            echoes: KEYS.iter().map(|key| echoes(key.text)).collect(),
            undocumented_statuses: KEYS.iter().map(|key| ["odd ", key.text].concat()).collect(),
            empty: vec![
                json!({}),
                json!(null),
                json!([]),
                json!({"id": "  "}),
                json!({"id": true, "status": 7}),
                json!("ok"),
            ],
        }
    }

    /// A JSON body for a status, in one of the four styles.
    pub(crate) fn error(&self, status: u16, style: usize) -> Option<&Value> {
        let index = STATUSES.iter().position(|known| *known == status)?;
        self.errors.get(index)?.get(style % STYLES.len())
    }

    /// A body that says that the credits are used up.
    pub(crate) fn out_of_credits(&self, style: usize) -> &Value {
        &self.out_of_credits[style % STYLES.len()]
    }

    /// The error of a failed generation.
    pub(crate) fn failure(&self, failure: Failure) -> &Value {
        let index = FAILURES.iter().position(|known| *known == failure).unwrap_or_default();
        &self.failures[index]
    }

    /// A body that repeats the key.
    pub(crate) fn echo(&self, key: usize, choice: usize) -> &Value {
        let echoes = &self.echoes[key];
        &echoes[choice % echoes.len()]
    }

    /// A status that repeats the key.
    pub(crate) fn undocumented_status(&self, key: usize) -> &str {
        &self.undocumented_statuses[key]
    }
}

fn echoes(key: &str) -> Vec<Value> {
    let said = format!("the key {key} may not do this");
    // Cut at 400 characters, half of the key would be left.
    let long = format!("{}{key}{key}", "x".repeat(390));
    vec![
        json!({"message": said, "requestId": "r-1"}),
        json!({"message": [said, key]}),
        json!({"error": {"message": long, "data": {"kind": key}}}),
        json!({"detail": [{"loc": ["body"], "msg": format!("Bearer {key}"), "type": "value_error"}]}),
        json!(key),
    ]
}
