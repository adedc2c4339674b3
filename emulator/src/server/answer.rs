//! The reply to one request: the service's, the service's bent, or the plan's own.

use std::{ops::Range, sync::Arc};

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use emulator::{Body, Fate, Outcome, Refusal, Request, Response, audio::Track, generation_id};
use serde_json::Value;

use super::{State, fault::Fault, plan::Kind};

const PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en-US\"><head><title>api.aimlapi.com | \
    {status}</title></head>\n<body><h1>Error {status}</h1><p>The web server reported an error. \
    Please try again in a few minutes.</p><p>Cloudflare Ray ID: 8f1c2a3b4d5e6f70</p></body></html>\n";

/// A reply, ready but for its bytes on the wire.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
    /// The generation that a submit created, whatever the reply says.
    pub(crate) created: Option<Arc<str>>,
}

/// A reply's body.
#[derive(Debug)]
pub(crate) enum Payload {
    Bytes(Bytes),
    Track(Track, Range<usize>),
}

impl Answer {
    /// Writes out a reply, with the headers that a fault adds and removes.
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
            // The plan's text: the service itself never answers with a lone JSON string.
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

/// Lets the service do its work, if the fault does, and gives the reply.
pub(crate) fn answer(state: &mut State, request: &Request<'_>, fault: &Fault) -> Answer {
    let now_ms = state.clock.now_ms();
    let kind = Kind::of(request.method, request.path);
    let id = generation_id(request.query);
    let mut served = None;
    if fault.reaches_the_service() {
        match (kind, id.as_deref()) {
            (Kind::Submit, _) => state.service.next_fate = fate(fault).unwrap_or_default(),
            (Kind::Poll, Some(id)) => {
                if let (Some(fate), Some(job)) = (fate(fault), state.service.job_mut(id)) {
                    job.outcome = fate.outcome;
                    job.finish(now_ms);
                }
            }
            _ => {}
        }
        served = Some(state.service.handle(now_ms, request));
    }
    let is_created = kind == Kind::Submit && served.as_ref().is_some_and(|it| it.status < 300);
    let created = state.service.jobs().last().filter(|_| is_created).map(|job| job.id.clone());
    let mut response = match served {
        Some(served) if !fault.replies_itself() => bent(served, fault),
        _ => {
            let blank = Refusal::Status(fault.status.unwrap_or(500));
            let mut blank = state.service.refuse(now_ms, request, &blank);
            if let Some(created) = &created {
                set(&mut blank, "x-inference-id", created.to_string());
            }
            own(blank, fault, created.as_deref().or(id.as_deref()).unwrap_or_default())
        }
    };
    if let Some(after) = &fault.retry_after {
        let after = after.as_str().map_or_else(|| after.to_string(), str::to_owned);
        response.headers.push(("retry-after", after.into()));
    }
    Answer { created, ..Answer::new(response, fault) }
}

/// How the fault has the job end, if it says anything of that.
fn fate(fault: &Fault) -> Option<Fate> {
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
    Some(Fate { outcome, at_once: fault.finish })
}

/// The service's reply with another status or word in it.
fn bent(mut response: Response, fault: &Fault) -> Response {
    if response.status < 300 {
        response.status = fault.status.unwrap_or(response.status);
        if let (Some(word), Body::Json(json)) = (&fault.status_word, &mut response.body)
            && let Some(json) = json.as_object_mut()
        {
            json.insert("status".into(), word.as_str().into());
        }
    }
    response
}

/// The plan's own reply, on the headers of a refusal.
fn own(blank: Response, fault: &Fault, id: &str) -> Response {
    let mut response = blank;
    if fault.html || fault.redirect.is_some() {
        // Something on the way answers: it knows none of the service's ids.
        response.headers.retain(|(name, _)| !name.starts_with("x-"));
    }
    let (status, body) = if fault.html {
        set(&mut response, "content-type", "text/html; charset=UTF-8".into());
        let status = fault.status.unwrap_or(502);
        (status, Body::Json(PAGE.replace("{status}", &status.to_string()).into()))
    } else if let Some(url) = &fault.redirect {
        set(&mut response, "location", url.clone());
        (fault.status.unwrap_or(307), Body::Empty)
    } else if fault.endless {
        (fault.status.unwrap_or(200), Body::Json(" ".repeat(16 * 1024).into()))
    } else if let Some(body) = &fault.body {
        if body.is_string() {
            set(&mut response, "content-type", "text/plain; charset=utf-8".into());
        }
        (fault.status.unwrap_or(200), Body::Json(filled(body, id)))
    } else {
        return response;
    };
    Response { status, body, ..response }
}

fn set(response: &mut Response, name: &'static str, value: String) {
    response.headers.retain(|(known, _)| *known != name);
    response.headers.push((name, value.into()));
}

/// A planned body with the job's id in place of every `{id}`.
fn filled(body: &Value, id: &str) -> Value {
    match body {
        Value::String(text) => text.replace("{id}", id).into(),
        Value::Array(items) => items.iter().map(|item| filled(item, id)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), filled(value, id)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}
