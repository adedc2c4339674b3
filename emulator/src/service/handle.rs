//! The HTTP endpoints: a complete request in, a complete response out.

use serde_json::Value;

use super::Service;
use crate::{
    ApiError, Body, FileRange, Header, Key, Reply, Request, Response, Status, Submission, audio::Track,
    file::file_path, http::generation_id, id, reply::usd_text,
};

/// The path of submits and polls.
pub const ENDPOINT: &str = "/v2/generate/audio";
/// The path of the logs.
pub const LOGS: &str = "/v2/logs";
/// The path of the balance.
pub const BILLING: &str = "/v2/billing";
/// The path of the durations of the models.
const METRICS: &str = "/models/metrics";

const EXPOSED_HEADERS: &str = "x-inference-id, x-client-request-id, x-aimlapi-credits-used, x-aimlapi-usd-spent";
const EXPOSED_HEADERS_AND_RETRY_AFTER: &str = "x-inference-id, x-client-request-id, x-aimlapi-credits-used, \
     x-aimlapi-usd-spent, retry-after";

impl Service {
    /// Handles any request, preflights and file downloads included.
    pub fn handle(&mut self, now_ms: u64, request: &Request<'_>) -> Response {
        let key = Key::from_authorization(request.header("authorization"));
        let result = match (request.method, request.path) {
            ("OPTIONS", _) => Ok(self.preflight(request)),
            ("GET" | "HEAD", path) if path.starts_with("/files/") => Ok(self.file(now_ms, request)),
            ("POST", ENDPOINT) => Ok(self.handle_submit(now_ms, key, request)),
            ("GET", ENDPOINT) => self.handle_poll(now_ms, key, request),
            ("GET", LOGS) => self.logs(now_ms, key, request.query).map(|body| self.json(200, body, request)),
            ("GET", BILLING) => self.balance(now_ms, key).map(|body| self.json(200, body, request)),
            ("GET", METRICS) => self.metrics(now_ms, request.query).map(|body| self.json(200, body, request)),
            (method, path) => Err(ApiError::UnknownPath(format!("{method} {path}"))),
        };
        result.unwrap_or_else(|error| self.error_response(now_ms, request, &error))
    }

    /// The response for an error.
    pub fn error_response(&mut self, now_ms: u64, request: &Request<'_>, error: &ApiError) -> Response {
        let mut response = self.json(error.status(), Value::Null, request);
        let request_id = response.header("x-request-id").unwrap_or_default();
        response.body = Body::Json(error.to_json(self.config.errors, now_ms, request.path, request_id));
        match (request.method, request.path) {
            ("POST", ENDPOINT) => response.headers.push(("x-inference-id", id::uuid(&mut self.rng, "").into())),
            ("GET", ENDPOINT) => set_inference_id(&mut response, request),
            _ => {}
        }
        response
    }

    fn handle_submit(&mut self, now_ms: u64, key: Key, request: &Request<'_>) -> Response {
        let (base, ids, accepted) = (self.base(request), self.config.ids, self.config.accepted);
        let (body, credits, generation) = match self.submit_body(now_ms, key, request) {
            Ok(reply) => (reply.to_json(&base, ids), reply.credits_used(), reply.generation.id.clone()),
            Err(error) => {
                let response = self.error_response(now_ms, request, &error);
                self.log_rejected(now_ms, key, request, &response);
                return response;
            }
        };
        let mut response = self.json(accepted, body, request);
        set_price(&mut response, credits);
        response.headers.push(("x-inference-id", generation.to_string().into()));
        if let Some(generation) = self.generations.last_mut() {
            generation.client_request_id = request.client_request_id().map(Into::into);
            generation.request_id = response.header("x-request-id").map(Into::into);
        }
        response
    }

    fn handle_poll(&mut self, now_ms: u64, key: Key, request: &Request<'_>) -> Result<Response, ApiError> {
        let (base, ids) = (self.base(request), self.config.ids);
        let Some(id) = generation_id(request.query) else {
            return key.require_credits().and(Err(ApiError::UnknownGeneration));
        };
        let reply = self.poll(now_ms, key, &id)?;
        let (body, credits) = (reply.to_json(&base, ids), reply.credits_used());
        let mut response = self.json(200, body, request);
        set_price(&mut response, credits);
        set_inference_id(&mut response, request);
        Ok(response)
    }

    fn submit_body(&mut self, now_ms: u64, key: Key, request: &Request<'_>) -> Result<Reply<'_>, ApiError> {
        let media = request.header("content-type").and_then(|text| text.split(';').next());
        let is_json = media.is_some_and(|media| media.trim() == "application/json");
        // Like the service, this ignores a body of any other type.
        let body = if is_json { serde_json::from_slice(request.body) } else { Ok(Value::Null) };
        let body = body.map_err(|error| vec![error.to_string()]);
        match body.as_ref().map_err(Vec::clone).and_then(Submission::parse) {
            Ok(submission) => self.submit(now_ms, key, &submission),
            Err(_) if matches!(key, Key::Other | Key::None) => Err(ApiError::Unauthorized),
            Err(hints) => Err(ApiError::Invalid(hints)),
        }
    }

    fn file(&self, now_ms: u64, request: &Request<'_>) -> Response {
        let has_path = |generation: &&crate::Generation| {
            generation.status(now_ms) == Status::Completed && file_path(generation) == request.path
        };
        let token = request.path.split('/').nth(2);
        let token = token.and_then(|token| u64::from_str_radix(token, 16).ok());
        let generation = self.generations.iter().filter(|generation| Some(generation.file) == token).find(has_path);
        let mut headers: Vec<Header> = vec![("access-control-allow-origin", "*".into())];
        let Some(generation) = generation else {
            headers.push(("content-type", "text/plain".into()));
            return Response { status: 404, headers, body: Body::Text("Not Found") };
        };
        let track = Track {
            prompt: generation.prompt.clone(),
            generation_id: generation.id.clone(),
            seconds: generation.seconds_total,
        };
        let size = track.size();
        headers.push(("content-type", "application/octet-stream".into()));
        headers.push(("accept-ranges", "bytes".into()));
        let (status, body) = match FileRange::parse(request.header("range"), size) {
            FileRange::Whole => (200, Body::Track(track, 0..size)),
            FileRange::Part(part) => {
                let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
                headers.push(("content-range", range.into()));
                (206, Body::Track(track, part))
            }
            FileRange::Unsatisfiable => {
                headers.push(("content-range", format!("bytes */{size}").into()));
                (416, Body::Empty)
            }
        };
        Response { status, headers, body }
    }

    /// Allows the same headers, whichever are requested.
    fn preflight(&self, request: &Request<'_>) -> Response {
        let mut headers: Vec<Header> = vec![
            ("access-control-allow-origin", "*".into()),
            ("access-control-allow-methods", "GET, POST, OPTIONS".into()),
            ("access-control-allow-headers", self.config.allow_headers.clone()),
            ("access-control-max-age", self.config.preflight_max_age.to_string().into()),
        ];
        // Chromium requires this before a page of a public site may reach a private network.
        if request.header("access-control-request-private-network") == Some("true") {
            headers.push(("access-control-allow-private-network", "true".into()));
        }
        Response { status: 204, headers, body: Body::Empty }
    }

    /// A JSON response, with the headers that all of them have.
    fn json(&mut self, status: u16, body: Value, request: &Request<'_>) -> Response {
        let exposed = if self.config.expose_retry_after { EXPOSED_HEADERS_AND_RETRY_AFTER } else { EXPOSED_HEADERS };
        let mut headers = Vec::with_capacity(8);
        headers.push(("access-control-allow-origin", "*".into()));
        headers.push(("access-control-expose-headers", exposed.into()));
        headers.push(("content-type", "application/json; charset=utf-8".into()));
        headers.push(("x-request-id", id::uuid(&mut self.rng, "").into()));
        if request.path == ENDPOINT
            && let Some(id) = request.client_request_id()
        {
            headers.push(("x-client-request-id", id.to_owned().into()));
        }
        Response { status, headers, body: Body::Json(body) }
    }

    fn base(&self, request: &Request<'_>) -> String {
        match &self.config.public_url {
            Some(url) => url.clone(),
            None => format!("http://{}", request.header("host").unwrap_or("127.0.0.1")),
        }
    }
}

fn set_price(response: &mut Response, credits: Option<u64>) {
    if let Some(credits) = credits {
        response.headers.push(("x-aimlapi-credits-used", credits.to_string().into()));
        response.headers.push(("x-aimlapi-usd-spent", usd_text(credits).into()));
    }
}

/// Sets the inference id of a poll: the requested generation id, if it is well-formed.
fn set_inference_id(response: &mut Response, request: &Request<'_>) {
    if let Some(id) = generation_id(request.query).filter(|id| id::is_well_formed(id)) {
        response.headers.push(("x-inference-id", id.into_owned().into()));
    }
}
