//! Real values, to be mutated: the hand-written part of the corpus.

use arbitrary::{Result, Unstructured};
use serde_json::Value;

macro_rules! shapes {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        [$(include_str!(concat!("../corpus/", $folder, "/", $name, ".json"))),+]
    };
}

/// Replies of the service.
pub(crate) const REPLIES: [&str; 19] = shapes!["reply":
    "post-queued", "post-usd", "post-first-revision", "post-completed", "post-example", "get-generating",
    "get-completed", "get-completed-blank", "get-cancelled", "get-error-object", "get-error-details", "http-401",
    "http-403-credits", "http-400-list", "http-429", "nothing", "lookup-none",
    "lookup-accepted", "logs",
];

/// Snapshots.
pub(crate) const SNAPSHOTS: [&str; 6] =
    shapes!["snapshot": "id", "queued", "full", "completed", "error", "error-network"];

/// What callers pass.
pub(crate) const OPTIONS: [&str; 5] = shapes!["options": "client", "call", "all", "request", "prompt"];

/// One of them.
pub(crate) fn pick(shapes: &[&str], input: &mut Unstructured<'_>) -> Result<Value> {
    Ok(serde_json::from_str(input.choose(shapes)?).unwrap_or_default())
}
