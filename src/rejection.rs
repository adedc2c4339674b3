//! Errors on their way to the JavaScript API.

use protocol::{Error, Generation};
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::foreign::set;
use crate::to_js::to_js;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rejection<'a> {
    code: &'static str,
    message: String,
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<&'a Generation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<&'a str>,
}

/// The plain object from which the JavaScript API makes its error; `cause` is passed unchanged.
pub(crate) fn rejection(error: &Error, cause: Option<&JsValue>) -> JsValue {
    let object = to_js(&Rejection {
        code: error.code(),
        message: error.message(),
        retryable: error.retryable,
        generation: error.generation.as_deref(),
        http_status: error.http_status,
        request_id: error.request_id.as_deref(),
        idempotency_key: error.idempotency_key.as_deref(),
    });
    if let Some(cause) = cause {
        set(&object, "cause", cause);
    }
    object
}
