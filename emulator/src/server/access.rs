//! Who may use the endpoints for tests: programs of this machine, and pages that were named.
//!
//! A browser brings pages of every origin to this machine's ports. Such a page names itself in
//! `Origin`, or its browser does in `Sec-Fetch-Site`; one that points a name of its own at this
//! machine has that name in `Host`.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State as Shared},
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header},
    middleware::Next,
};
use serde_json::json;

use super::{App, control::reply};

/// Answers what may not pass, and preflights; lets the rest through, readable for the page it is from.
pub(crate) async fn guard(Shared(app): Shared<Arc<App>>, request: Request, next: Next) -> Response<Body> {
    if !may_use(request.headers(), &app.origins) {
        return reply(StatusCode::FORBIDDEN, &json!({"error": "these endpoints are for tests on this machine"}));
    }
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = if request.method() == Method::OPTIONS {
        let mut welcome = Response::new(Body::empty());
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        ] {
            welcome.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        welcome
    } else {
        next.run(request).await
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

fn may_use(headers: &HeaderMap, origins: &[String]) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let is_named = |origin: &str| origins.iter().any(|named| named == origin);
    let is_local = text("host").is_some_and(|host| matches!(name_of(host), "127.0.0.1" | "localhost" | "[::1]"));
    is_local
        && match (text("origin"), text("sec-fetch-site")) {
            (Some(origin), _) => is_named(origin),
            (None, Some(site)) => matches!(site, "same-origin" | "none"),
            (None, None) => true,
        }
}

/// A `Host` without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_and_named_pages_may_use_what_is_for_tests() {
        let origins = ["http://127.0.0.1:4747".to_owned()];
        for (headers, admitted) in [
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
            assert_eq!(may_use(&map, &origins), admitted, "{headers:?}");
        }
    }
}
