//! CORS headers, preflights and audio files.

use super::*;

#[test]
fn cors_headers_hide_retry_after_unless_configured_otherwise() {
    let exposed = "x-inference-id, x-client-request-id, x-aimlapi-credits-used, x-aimlapi-usd-spent";
    for (expose_retry_after, wanted) in [(false, exposed.to_owned()), (true, format!("{exposed}, retry-after"))] {
        let mut service = Service::new(Config { expose_retry_after, ..Config::default() });
        for response in [
            post(&mut service, 0, &[DEMO, JSON], RAIN),
            post(&mut service, 0, &[JSON], RAIN),
            get(&mut service, 0, ENDPOINT, "", &[DEMO]),
        ] {
            assert_eq!(response.header("access-control-allow-origin"), Some("*"));
            assert_eq!(response.header("access-control-expose-headers"), Some(&*wanted));
        }
    }
}

#[test]
fn a_preflight_allows_the_configured_headers_whichever_are_requested() {
    let allow_headers = "authorization, content-type, x-client-request-id";
    let config = Config { allow_headers: allow_headers.into(), preflight_max_age: 5, ..Config::default() };
    let request = Request { method: "OPTIONS", path: ENDPOINT, query: "", headers: &[], body: b"" };
    let response = Service::new(config).handle(0, &request);
    assert_eq!(response.header("access-control-allow-headers"), Some(allow_headers));
    assert_eq!(response.header("access-control-max-age"), Some("5"));
    let mut service = service();
    let headers = [
        ("access-control-request-headers", "authorization,content-type,x-telemetry"),
        ("access-control-request-private-network", "true"),
    ];
    let request = Request { method: "OPTIONS", path: ENDPOINT, query: "", headers: &headers, body: b"" };
    let response = service.handle(0, &request);
    assert_eq!((response.status, &response.body), (204, &Body::Empty));
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    assert_eq!(response.header("access-control-allow-headers"), Some("authorization, content-type"));
    assert_eq!(response.header("access-control-allow-private-network"), Some("true"));
    assert_eq!(response.header("access-control-max-age"), Some("600"));
}

#[test]
fn the_file_of_a_completed_generation_can_be_fetched_whole_or_by_range() {
    let mut service = service();
    let id = submitted(&mut service);
    let path = file_path(service.generation(&id).unwrap());
    assert_eq!(get(&mut service, 0, &path, "", &[]).status, 404);
    let whole = get(&mut service, 60_000, &path, "", &[]);
    let size = 44 + 30 * 44_100 * 4;
    let track = Track { prompt: "rain".into(), generation_id: id.as_str().into(), seconds: 30 };
    assert_eq!((whole.status, &whole.body), (200, &Body::Track(track.clone(), 0..size)));
    assert_eq!(whole.header("content-type"), Some("application/octet-stream"));
    assert_eq!(whole.header("access-control-allow-origin"), Some("*"));
    let part = get(&mut service, 60_000, &path, "", &[("Range", "bytes=10-19")]);
    assert_eq!((part.status, &part.body), (206, &Body::Track(track, 10..20)));
    assert_eq!(part.header("content-range"), Some("bytes 10-19/5292044"));
    let beyond = get(&mut service, 60_000, &path, "", &[("Range", "bytes=5292044-")]);
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */5292044")));
    assert_eq!(get(&mut service, 60_000, "/files/0/x.wav", "", &[]).status, 404);
}

#[test]
fn audio_urls_begin_with_the_public_url_if_one_is_configured() {
    let public_url = Some("https://cdn.example".to_owned());
    let mut service = Service::new(Config { public_url, ..Config::default() });
    let id = submitted(&mut service);
    let done = polled(&mut service, 60_000, &id);
    assert!(done["audio_file"]["url"].as_str().unwrap().starts_with("https://cdn.example/files/"));
}
