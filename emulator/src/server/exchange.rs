//! One request to the service: noted, answered, and spoilt as the plan has it.

use std::{future::pending, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State as Shared},
    http::{Method, Response, request::Parts},
};
use bytes::Bytes;
use emulator::Refusal;

use super::{
    App,
    answer::{Answer, Payload, answer},
    fault::Fault,
    ledger::Watch,
    outgoing::Outgoing,
    plan::Kind,
    wire::Line,
};

/// The service reads no more of a request than this.
const MAX_BODY: usize = 1024 * 1024;

/// Handles everything but the endpoints for tests.
pub(crate) async fn exchange(
    Shared(app): Shared<Arc<App>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut watch = Watch::open(&app, &parts.method, &parts.uri, &parts.headers);
    let fault = app.state().plan.next(Kind::of(parts.method.as_str(), parts.uri.path()));
    if let Some(fault) = &fault {
        watch.fault(fault.clone());
    }
    let fault = fault.unwrap_or_default();
    let body = to_bytes(body, MAX_BODY).await;
    let answer = decide(&app, &parts, &body, &fault);
    if let Some(id) = &answer.created {
        watch.created(id);
    }
    if fault.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(fault.delay_ms)).await;
    }
    if fault.hang {
        pending::<()>().await;
    }
    if fault.reset.is_some() {
        line.cut();
        watch.end();
        return Response::new(Body::empty());
    }
    watch.status(answer.status.as_u16());
    if parts.method == Method::HEAD {
        watch.end();
    }
    let bytes = match answer.payload {
        Payload::Bytes(bytes) => bytes,
        Payload::Track(track, range) => app.tracks.bytes(track).await.slice(range),
    };
    let outgoing = if fault.endless {
        Outgoing::endless(bytes, watch)
    } else if let Some(sent) = fault.truncate {
        Outgoing::truncated(&bytes, sent, watch)
    } else {
        Outgoing::whole(bytes, watch)
    };
    let mut response = Response::new(Body::new(outgoing));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

fn decide(app: &App, parts: &Parts, body: &Result<Bytes, axum::Error>, fault: &Fault) -> Answer {
    let pairs = parts.headers.iter();
    let pairs = pairs.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let headers: Vec<_> = pairs.collect();
    let request = emulator::Request {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &headers,
        body: body.as_deref().unwrap_or_default(),
    };
    let mut state = app.state();
    if body.is_err() {
        let now_ms = state.clock.now_ms();
        return Answer::new(state.service.refuse(now_ms, &request, &Refusal::Status(413)), fault);
    }
    answer(&mut state, &request, fault)
}
