//! The ledger, and who may use the control endpoints.

use std::io::Read as _;

use serde_json::json;

use crate::client::{DEMO, ENDPOINT, Emulator, JSON};

#[test]
fn the_ledger_has_every_request_in_order_and_never_the_key() {
    let emulator = Emulator::start(&[]);
    let id = emulator.submit().id();
    emulator.poll(&id);
    emulator.exchange("GET", ENDPOINT, &[("Authorization", "Bearer secret-key")], "").unwrap();
    emulator.exchange("GET", ENDPOINT, &[], "").unwrap();
    let ledger = emulator.ledger();
    assert!(!ledger.to_string().contains("-key"), "{ledger}");
    let requests = ledger["requests"].as_array().unwrap();
    let told: Vec<_> = requests.iter().map(|it| json!([it["seq"], it["method"], it["key"], it["status"]])).collect();
    assert_eq!(
        told,
        [
            json!([1, "POST", "demo", 201]),
            json!([2, "GET", "demo", 200]),
            json!([3, "GET", "other", 401]),
            json!([4, "GET", "none", 401]),
        ]
    );
    let submit = &requests[0];
    assert_eq!((&submit["path"], &submit["query"]), (&json!(ENDPOINT), &json!("")));
    assert_eq!(submit["headers"], json!(["host", "connection", "authorization", "content-type", "content-length"]));
    assert_eq!(requests[1]["query"], format!("generation_id={}", id.replace(':', "%3A")));
    assert!(requests.iter().all(|it| it["ended"].is_u64() && it["aborted"] == false && it["fault"].is_null()));
    assert!(requests.windows(2).all(|two| two[0]["at"].as_u64() <= two[1]["at"].as_u64()));
    let generations = ledger["generations"].as_array().unwrap();
    assert_eq!(generations.len(), 1);
    let (generation, seconds) = (&generations[0], (&generations[0]["seconds_total"], &generations[0]["steps"]));
    assert_eq!(
        (&generation["id"], &generation["prompt"], &generation["status"]),
        (&json!(id), &json!("rain"), &json!("queued"))
    );
    assert_eq!(
        (&generation["charged"], &generation["polls"], seconds),
        (&json!(25_200), &json!(1), (&json!(1), &json!(100)))
    );
    assert!(generation["accepted_at"].as_u64().unwrap() < 10_000);
}

#[test]
fn the_ledger_shows_a_client_that_disconnects_before_the_response() {
    let emulator = Emulator::start(&[]);
    emulator.plan(&json!({"submit": [{"delay_ms": 60_000}], "poll": [{"hang": true}]}));
    let body = json!({"model": "stable-audio", "prompt": "x"}).to_string();
    let submit = emulator.send("POST", ENDPOINT, &[DEMO, JSON], &body);
    let poll = emulator.send("GET", ENDPOINT, &[DEMO], "");
    let open = emulator.wait_for_ledger(|ledger| ledger["requests"].as_array().is_some_and(|all| all.len() == 2));
    assert!(open["requests"][0]["ended"].is_null() && open["requests"][1]["aborted"] == false, "{open}");
    drop((submit, poll));
    let ledger = emulator.wait_for_ledger(|ledger| (0..2).all(|at| ledger["requests"][at]["aborted"] == true));
    assert!(ledger["requests"][0]["status"].is_null() && ledger["requests"][0]["ended"].is_u64());
    assert_eq!(ledger["generations"].as_array().unwrap().len(), 1, "the service had accepted it before the wait");
}

#[test]
fn the_ledger_shows_a_client_that_disconnects_during_a_download() {
    let emulator = Emulator::start(&["--speed", "1e9"]);
    let body = json!({"model": "stable-audio", "prompt": "x", "seconds_total": 47}).to_string();
    let id = emulator.exchange("POST", ENDPOINT, &[DEMO, JSON], &body).unwrap().id();
    let url = emulator.poll(&id).json()["audio_file"]["url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix(&format!("http://{}", emulator.address)).unwrap();
    let mut download = emulator.send("GET", path, &[], "");
    download.read_exact(&mut [0; 1000]).unwrap();
    drop(download);
    emulator.wait_for_ledger(|ledger| ledger["requests"][2]["aborted"] == true);
}

const CONTROLS: [(&str, &str, &str); 4] =
    [("GET", "ledger", ""), ("POST", "plan", "{}"), ("POST", "reset", ""), ("OPTIONS", "plan", "")];

#[test]
fn the_control_endpoints_are_open_to_programs_and_to_pages_of_allowed_origins() {
    let page = ("Origin", "http://127.0.0.1:4747");
    let emulator = Emulator::start(&["--allow-origin", page.1, "--allow-origin", "http://localhost:4747"]);
    for (method, path, body) in CONTROLS {
        let path = format!("/__emulator/{path}");
        let reply = emulator.exchange(method, &path, &[], body).unwrap();
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, None), "{path}");
        for origin in [page, ("Origin", "http://localhost:4747")] {
            let reply = emulator.exchange(method, &path, &[origin], body).unwrap();
            assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, Some(origin.1)), "{path}");
            assert_eq!(reply.header("vary"), Some("origin"));
        }
    }
    assert_eq!(emulator.ledger()["requests"], json!([]), "these are not the service's");
}

#[test]
fn the_control_endpoints_are_closed_to_any_other_page() {
    let emulator = Emulator::start(&["--allow-origin", "http://127.0.0.1:4747"]);
    emulator.submit();
    for foreign in [
        ("Origin", "https://evil.example"),
        ("Origin", "http://127.0.0.1:4748"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        for (method, path, body) in CONTROLS {
            let reply = emulator.exchange(method, &format!("/__emulator/{path}"), &[foreign], body).unwrap();
            assert_eq!((reply.status, reply.header("access-control-allow-origin")), (403, None), "{foreign:?} {path}");
            assert!(!reply.text().contains("requests"), "{}", reply.text());
        }
    }
    assert_eq!(emulator.ledger()["generations"].as_array().unwrap().len(), 1, "nothing was reset");
}

#[test]
fn the_control_endpoints_are_closed_to_a_page_that_uses_dns_rebinding() {
    let emulator = Emulator::start(&[]);
    let port = emulator.address.rsplit(':').next().unwrap();
    for (name, status) in [("rebound.example", 403), ("localhost", 200)] {
        let mut stream = std::net::TcpStream::connect(&emulator.address).unwrap();
        let head = format!("GET /__emulator/ledger HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n");
        std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{name}: {text}");
    }
}
