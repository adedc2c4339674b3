//! One request to the service's endpoints: recorded, answered, and changed as the plan says.

use std::{future::pending, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State as AppState},
    http::{Method, Response, request::Parts},
};
use bytes::Bytes;
use emulator::ApiError;

use super::{
    App,
    fault::Fault,
    listener::ConnectionHandle,
    plan::RequestKind,
    prepared_response::{Payload, PreparedResponse, prepare},
    request_recorder::RequestRecorder,
    response_body::ResponseBody,
};

/// The largest request body that the service reads.
const MAX_REQUEST_BODY: usize = 1024 * 1024;

/// Handles every path but the control endpoints.
pub(crate) async fn exchange(
    AppState(app): AppState<Arc<App>>,
    ConnectInfo(connection): ConnectInfo<ConnectionHandle>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut recorder = RequestRecorder::start(&app, &parts.method, &parts.uri, &parts.headers);
    let fault = app.state().plan.take_next(RequestKind::of(parts.method.as_str(), parts.uri.path()));
    if let Some(fault) = &fault {
        recorder.fault(fault.clone());
    }
    let fault = fault.unwrap_or_default();
    let body = to_bytes(body, MAX_REQUEST_BODY).await;
    let prepared = prepare_response(&app, &parts, &body, &fault);
    if let Some(id) = &prepared.created {
        recorder.created(id);
    }
    if fault.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(fault.delay_ms)).await;
    }
    if fault.hang {
        pending::<()>().await;
    }
    if fault.reset.is_some() {
        connection.reset();
        recorder.end();
        return Response::new(Body::empty());
    }
    recorder.status(prepared.status.as_u16());
    if parts.method == Method::HEAD {
        recorder.end();
    }
    let bytes = match prepared.payload {
        Payload::Bytes(bytes) => bytes,
        Payload::Track(track, range) => app.tracks.bytes(track).await.slice(range),
    };
    let body = if fault.endless {
        ResponseBody::endless(bytes, recorder)
    } else if let Some(sent) = fault.truncate {
        ResponseBody::truncated(&bytes, sent, recorder)
    } else {
        ResponseBody::complete(bytes, recorder)
    };
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = prepared.status;
    *response.headers_mut() = prepared.headers;
    response
}

fn prepare_response(app: &App, parts: &Parts, body: &Result<Bytes, axum::Error>, fault: &Fault) -> PreparedResponse {
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
        let now_ms = state.clock.epoch_now_ms();
        let too_large = state.service.error_response(now_ms, &request, &ApiError::Status(413));
        return PreparedResponse::new(too_large, fault);
    }
    prepare(&mut state, &request, fault)
}
