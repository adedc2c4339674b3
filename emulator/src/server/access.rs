//! Who may use the control endpoints: programs on this machine, and pages of the allowed origins.
//!
//! Any page in a browser can send requests to a port of this machine. They carry the page's origin in
//! `Origin`, or its relation to the server in `Sec-Fetch-Site`; a page that resolves its own host name
//! to this machine (DNS rebinding) sends that name in `Host`.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State as AppState},
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header},
    middleware::Next,
};
use serde_json::json;

use super::{App, control::json_response};

/// Rejects requests that are not allowed, answers preflights, and adds the CORS headers to the rest.
pub(crate) async fn guard(AppState(app): AppState<Arc<App>>, request: Request, next: Next) -> Response<Body> {
    if !is_allowed(request.headers(), &app.origins) {
        return json_response(
            StatusCode::FORBIDDEN,
            &json!({"error": "these endpoints are for tests on this machine"}),
        );
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = if request.method() == Method::OPTIONS {
        let mut preflight = Response::new(Body::empty());
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        ] {
            preflight.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        preflight
    } else {
        next.run(request).await
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

fn is_allowed(headers: &HeaderMap, origins: &[String]) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let is_allowed_origin = |origin: &str| origins.iter().any(|allowed| allowed == origin);
    let is_local = text("host").is_some_and(|host| matches!(host_name(host), "127.0.0.1" | "localhost" | "[::1]"));
    is_local
        && match (text("origin"), text("sec-fetch-site")) {
            (Some(origin), _) => is_allowed_origin(origin),
            (None, Some(site)) => matches!(site, "same-origin" | "none"),
            (None, None) => true,
        }
}

/// The host name in a `Host` header, without the port.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_and_pages_of_allowed_origins_may_use_the_control_endpoints() {
        let origins = ["http://127.0.0.1:4747".to_owned()];
        for (headers, allowed) in [
            (&[("host", "127.0.0.1:9")][..], true),
            (&[("host", "localhost:9")], true),
            (&[("host", "[::1]:9")], true),
            (&[("host", "127.0.0.1")], true),
            (&[], false),
            (&[("host", "rebound.example:9")], false),
            (&[("host", "127.0.0.1.rebound.example:9")], false),
            (&[("host", "127.0.0.1:9"), ("origin", "http://127.0.0.1:4747")], true),
            (&[("host", "127.0.0.1:9"), ("origin", "http://127.0.0.1:4748")], false),
            (&[("host", "127.0.0.1:9"), ("origin", "http://127.0.0.1:9")], false),
            (&[("host", "127.0.0.1:9"), ("origin", "https://evil.example")], false),
            (&[("host", "127.0.0.1:9"), ("origin", "null")], false),
            (&[("host", "rebound.example:9"), ("origin", "http://127.0.0.1:4747")], false),
            (&[("host", "127.0.0.1:9"), ("sec-fetch-site", "cross-site")], false),
            (&[("host", "127.0.0.1:9"), ("sec-fetch-site", "same-site")], false),
            (&[("host", "127.0.0.1:9"), ("sec-fetch-site", "none")], true),
            (&[("host", "127.0.0.1:9"), ("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:4747")], true),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, HeaderValue::from_static(value));
            }
            assert_eq!(is_allowed(&map, &origins), allowed, "{headers:?}");
        }
    }
}
