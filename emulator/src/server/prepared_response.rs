//! The response to one request: the service's, the service's with changes, or one that the plan gives instead.

use std::{ops::Range, sync::Arc};

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use emulator::{ApiError, Body, Outcome, Request, Response, ScriptedOutcome, audio::Track, generation_id};
use serde_json::Value;

use super::{State, fault::Fault, plan::RequestKind};

/// An error page as a content delivery network sends it.
const CDN_ERROR_PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en-US\"><head><title>api.aimlapi.com | \
    {status}</title></head>\n<body><h1>Error {status}</h1><p>The web server reported an error. \
    Please try again in a few minutes.</p><p>Cloudflare Ray ID: 8f1c2a3b4d5e6f70</p></body></html>\n";

/// A response of which nothing has been sent.
#[derive(Debug)]
pub(crate) struct PreparedResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
    /// The generation that a submit created, whatever the response says.
    pub(crate) created: Option<Arc<str>>,
}

/// The content of a response body.
#[derive(Debug)]
pub(crate) enum Payload {
    Bytes(Bytes),
    Track(Track, Range<usize>),
}

impl PreparedResponse {
    /// Serialises a response, and applies the headers that the fault adds and removes.
    pub(crate) fn new(response: Response, fault: &Fault) -> Self {
        let mut headers = HeaderMap::with_capacity(response.headers.len());
        for (name, value) in response.headers {
            if let Ok(value) = HeaderValue::try_from(&*value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        for (name, value) in &fault.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value.parse()) {
                headers.insert(name, value);
            }
        }
        if !fault.cors {
            let all: Vec<_> = headers.keys().cloned().collect();
            for name in all.iter().filter(|name| name.as_str().starts_with("access-control-")) {
                headers.remove(name);
            }
        }
        let payload = match response.body {
            Body::Empty => Payload::Bytes(Bytes::new()),
            Body::Text(text) => Payload::Bytes(text.into()),
            // Only the plan gives a JSON string as a body: it stands for plain text.
            Body::Json(Value::String(text)) => Payload::Bytes(text.into()),
            Body::Json(json) => Payload::Bytes(json.to_string().into()),
            Body::Track(track, range) => {
                let at = |at| usize::try_from(at).unwrap_or(usize::MAX);
                Payload::Track(track, at(range.start)..at(range.end))
            }
        };
        let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::OK);
        Self { status, headers, payload, created: None }
    }
}

/// Calls the service, unless the fault prevents that, and prepares the response.
pub(crate) fn prepare(state: &mut State, request: &Request<'_>, fault: &Fault) -> PreparedResponse {
    let now_ms = state.clock.epoch_now_ms();
    let kind = RequestKind::of(request.method, request.path);
    let id = generation_id(request.query);
    let mut served = None;
    if fault.reaches_service() {
        match (kind, id.as_deref()) {
            (RequestKind::Submit, _) => state.service.next_outcome = scripted_outcome(fault).unwrap_or_default(),
            (RequestKind::Poll, Some(id)) => {
                if let (Some(scripted), Some(generation)) = (scripted_outcome(fault), state.service.generation_mut(id))
                {
                    generation.outcome = scripted.outcome;
                    generation.finish(now_ms);
                }
            }
            _ => {}
        }
        served = Some(state.service.handle(now_ms, request));
    }
    let is_created = kind == RequestKind::Submit && served.as_ref().is_some_and(|response| response.status < 300);
    let created = state.service.generations().last().filter(|_| is_created).map(|generation| generation.id.clone());
    let mut response = match served {
        Some(served) if !fault.replaces_response() => with_changes(served, fault),
        _ => {
            let error = ApiError::Status(fault.status.unwrap_or(500));
            let mut base = state.service.error_response(now_ms, request, &error);
            if let Some(created) = &created {
                set_header(&mut base, "x-inference-id", created.to_string());
            }
            planned(base, fault, created.as_deref().or(id.as_deref()).unwrap_or_default())
        }
    };
    if let Some(after) = &fault.retry_after {
        let after = after.as_str().map_or_else(|| after.to_string(), str::to_owned);
        response.headers.push(("retry-after", after.into()));
    }
    PreparedResponse { created, ..PreparedResponse::new(response, fault) }
}

/// How the fault makes the generation end, if it says so.
fn scripted_outcome(fault: &Fault) -> Option<ScriptedOutcome> {
    let outcome = if let Some(failure) = fault.fail {
        Outcome::Fails(failure)
    } else if let Some(url) = &fault.url {
        Outcome::CompletesWithUrl(Arc::from(url.as_str()))
    } else if fault.complete_without_url {
        Outcome::CompletesWithoutUrl
    } else if fault.finish {
        Outcome::Completes
    } else {
        return None;
    };
    Some(ScriptedOutcome { outcome, ends_immediately: fault.finish })
}

/// The service's response with another HTTP status or another status text.
fn with_changes(mut response: Response, fault: &Fault) -> Response {
    if response.status < 300 {
        response.status = fault.status.unwrap_or(response.status);
        if let (Some(status), Body::Json(json)) = (&fault.status_word, &mut response.body)
            && let Some(json) = json.as_object_mut()
        {
            json.insert("status".into(), status.as_str().into());
        }
    }
    response
}

/// The response that the plan gives instead of the service's, with the headers of an error response.
fn planned(base: Response, fault: &Fault, id: &str) -> Response {
    let mut response = base;
    if fault.html || fault.redirect.is_some() {
        // An intermediary answers, and does not know the service's ids.
        response.headers.retain(|(name, _)| !name.starts_with("x-"));
    }
    let (status, body) = if fault.html {
        set_header(&mut response, "content-type", "text/html; charset=UTF-8".into());
        let status = fault.status.unwrap_or(502);
        (status, Body::Json(CDN_ERROR_PAGE.replace("{status}", &status.to_string()).into()))
    } else if let Some(url) = &fault.redirect {
        set_header(&mut response, "location", url.clone());
        (fault.status.unwrap_or(307), Body::Empty)
    } else if fault.endless {
        (fault.status.unwrap_or(200), Body::Json(" ".repeat(16 * 1024).into()))
    } else if let Some(body) = &fault.body {
        if body.is_string() {
            set_header(&mut response, "content-type", "text/plain; charset=utf-8".into());
        }
        (fault.status.unwrap_or(200), Body::Json(fill_in_id(body, id)))
    } else {
        return response;
    };
    Response { status, body, ..response }
}

fn set_header(response: &mut Response, name: &'static str, value: String) {
    response.headers.retain(|(known, _)| *known != name);
    response.headers.push((name, value.into()));
}

/// Replaces every `{id}` in a planned body.
fn fill_in_id(body: &Value, id: &str) -> Value {
    match body {
        Value::String(text) => text.replace("{id}", id).into(),
        Value::Array(items) => items.iter().map(|item| fill_in_id(item, id)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), fill_in_id(value, id)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}
