//! Ids, logs, the balance and preflights, over HTTP.

use serde_json::{Value, json};

use crate::client::{DEMO, ENDPOINT, Emulator, JSON, Reply};

const CLIENT_REQUEST_ID: (&str, &str) = ("X-Client-Request-Id", "order-8f21c4");
const RAIN: &str = r#"{"model": "stable-audio", "prompt": "rain", "seconds_total": 1}"#;

fn submit(emulator: &Emulator, headers: &[(&str, &str)]) -> Reply {
    let headers: Vec<_> = [DEMO, JSON].iter().chain(headers).copied().collect();
    emulator.exchange("POST", ENDPOINT, &headers, RAIN).unwrap()
}

fn rows(emulator: &Emulator, query: &str) -> Vec<Value> {
    let reply = emulator.get(&format!("/v2/logs?{query}"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["data"].as_array().unwrap().clone()
}

/// Reads the logs until they have this number of rows.
fn wait_for_rows(emulator: &Emulator, count: usize) -> Vec<Value> {
    let is_late = crate::client::deadline(10);
    loop {
        let rows = rows(emulator, "period=1h");
        if rows.len() == count {
            return rows;
        }
        assert!(!is_late(), "there are {} rows: {rows:?}", rows.len());
        std::thread::sleep(std::time::Duration::from_millis(60));
    }
}

#[test]
fn every_response_about_a_generation_has_its_id_in_a_header_that_pages_may_read() {
    let emulator = Emulator::start(&[]);
    let accepted = submit(&emulator, &[CLIENT_REQUEST_ID]);
    let id = accepted.id();
    let poll = emulator.poll(&id);
    for reply in [&accepted, &poll] {
        assert_eq!(reply.header("x-inference-id"), Some(&*id));
        let exposed = reply.header("access-control-expose-headers").unwrap();
        for name in ["x-inference-id", "x-client-request-id", "x-aimlapi-credits-used", "x-aimlapi-usd-spent"] {
            assert!(exposed.split(", ").any(|known| known == name), "{exposed}");
        }
    }
    assert_eq!(
        (accepted.header("x-client-request-id"), poll.header("x-client-request-id")),
        (Some(CLIENT_REQUEST_ID.1), None)
    );
    let malformed = submit(&emulator, &[("X-Client-Request-Id", "a b")]);
    assert_eq!((malformed.status, malformed.header("x-client-request-id")), (201, None));
    assert_eq!(emulator.poll("none").header("x-inference-id"), None);
    assert_eq!(emulator.poll(&id.replace(|it: char| it.is_ascii_hexdigit(), "0")).status, 404);
}

#[test]
fn a_response_that_a_fault_changes_has_the_id_of_the_generation_that_was_created() {
    let emulator = Emulator::start(&[]);
    emulator.plan(&json!({"submit": [
        {"truncate": 3},
        {"status": 500, "after_accept": true},
        {"body": {}, "after_accept": true},
        {"html": true, "after_accept": true},
        {"status": 503},
    ]}));
    let replies: Vec<_> = (0..5).map(|_| submit(&emulator, &[])).collect();
    let ledger = emulator.ledger();
    for (at, reply) in replies.iter().enumerate() {
        let created = &ledger["requests"][at]["generation_id"];
        assert_eq!(created, &ledger["generations"][at]["id"]);
        match at {
            0..3 => assert_eq!(reply.header("x-inference-id"), created.as_str()),
            3 => assert_eq!((reply.header("x-inference-id"), reply.header("x-request-id")), (None, None)),
            _ => assert!(created.is_null() && reply.header("x-inference-id").is_some()),
        }
    }
}

#[test]
fn the_ledger_has_the_ids_of_requests_and_no_key() {
    let emulator = Emulator::start(&[]);
    let id = submit(&emulator, &[CLIENT_REQUEST_ID, ("Idempotency-Key", "key-1")]).id();
    emulator.poll(&id);
    submit(&emulator, &[("X-Client-Request-Id", "a b")]);
    emulator.plan(&json!({"submit": [{"reset": "after"}]}));
    emulator.try_submit().unwrap_err();
    let ledger = emulator.ledger();
    let ids = |at: usize| {
        let request = &ledger["requests"][at];
        json!([request["client_request_id"], request["idempotency_key"], request["generation_id"]])
    };
    let generations = ledger["generations"].as_array().unwrap();
    assert_eq!(ids(0), json!([CLIENT_REQUEST_ID.1, "key-1", id]));
    assert_eq!(ids(1), json!([null, null, id]));
    assert_eq!(ids(2), json!([null, null, generations[1]["id"]]));
    assert_eq!(ids(3), json!([null, null, generations[2]["id"]]), "though its reply was lost");
    assert_eq!(
        (&generations[0]["client_request_id"], &generations[1]["client_request_id"]),
        (&json!(CLIENT_REQUEST_ID.1), &Value::Null)
    );
    assert!(!ledger.to_string().contains("demo-key"), "{ledger}");
}

#[test]
fn a_submit_whose_response_was_lost_is_found_in_the_logs_by_its_client_request_id() {
    let emulator = Emulator::start(&["--speed", "1e9"]);
    emulator.plan(&json!({"submit": [{"reset": "after"}]}));
    emulator.exchange("POST", ENDPOINT, &[DEMO, JSON, CLIENT_REQUEST_ID], RAIN).unwrap_err();
    let rows = wait_for_rows(&emulator, 1);
    let generation = &emulator.ledger()["generations"][0];
    assert_eq!(
        (&rows[0]["client_request_id"], &rows[0]["inference_id"]),
        (&json!(CLIENT_REQUEST_ID.1), &generation["id"])
    );
    assert_eq!(
        (&rows[0]["status"], &rows[0]["cost"]),
        (&json!("succeeded"), &json!({"usd": 0.0126, "credits": 25_200}))
    );
    let created = rows[0]["created"].as_str().unwrap();
    let span = |start: &str, end: &str| self::rows(&emulator, &format!("start={start}&end={end}")).len();
    assert_eq!((span(created, created), span("2020-01-01", "2020-01-02")), (1, 0));
}

#[test]
fn a_generation_has_a_row_in_the_logs_once_it_has_ended_and_the_lag_has_passed() {
    let emulator = Emulator::start(&["--logs-lag", "300"]);
    emulator.plan(&json!({"submit": [{"pass": true}, {"finish": true}]}));
    let under_way = submit(&emulator, &[]).id();
    let done = submit(&emulator, &[]).id();
    assert_eq!(rows(&emulator, "period=1h"), [] as [Value; 0]);
    let rows = wait_for_rows(&emulator, 1);
    assert_eq!(rows[0]["inference_id"], done);
    let ledger = emulator.ledger();
    assert!(ledger["now"].as_u64().unwrap() >= ledger["generations"][1]["ends_at"].as_u64().unwrap() + 300, "{ledger}");
    assert_eq!(emulator.poll(&under_way).json()["status"], "queued");
}

#[test]
fn the_logs_reject_what_the_documentation_says_they_reject() {
    let emulator = Emulator::start(&[]);
    for (query, headers, status) in [
        ("period=1h", &[][..], 401),
        ("", &[DEMO], 400),
        ("period=1h&status=succeeded%2Cfailed", &[DEMO], 400),
        ("period=1h&key_prefix=broke-ke", &[DEMO], 403),
        ("period=1h&key_prefix=abcd1234", &[DEMO], 404),
    ] {
        let reply = emulator.exchange("GET", &format!("/v2/logs?{query}"), headers, "").unwrap();
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (status, Some("*")), "{query}");
    }
    emulator
        .plan(&json!({"logs": [{"status": 403}, {"status": 404}, {"reset": "after"}], "billing": [{"html": true}]}));
    let look = || emulator.exchange("GET", "/v2/logs?period=1h", &[DEMO], "");
    assert_eq!((look().unwrap().status, look().unwrap().status), (403, 404));
    look().unwrap_err();
    assert_eq!((emulator.get("/v2/billing").status, emulator.get("/v2/billing").status), (502, 200));
    let statuses: Vec<_> = (0..210).map(|_| look().unwrap().status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 195, "200, less the five that it saw before");
    assert_eq!(statuses.last(), Some(&429));
}

#[test]
fn the_balance_is_reduced_by_what_was_charged() {
    let emulator = Emulator::start(&[]);
    let balance = || emulator.get("/v2/billing").json();
    assert_eq!(balance(), json!({"current_balance": 1000.0, "currency": "USD"}));
    emulator.plan(&json!({"submit": [{"pass": true}, {"finish": true, "fail": "null"}]}));
    submit(&emulator, &[]);
    submit(&emulator, &[]);
    assert_eq!(balance()["current_balance"], 999.9874);
    assert_eq!(emulator.exchange("GET", "/v2/billing", &[], "").unwrap().status, 401);
}

#[test]
fn preflights_are_counted_by_path_and_can_be_cached() {
    let emulator =
        Emulator::start(&["--preflight-max-age", "7200", "--allow-headers", "authorization, x-client-request-id"]);
    assert_eq!(emulator.ledger()["preflights"], json!({}));
    for path in [ENDPOINT, "/v2/generate/audio?generation_id=a", "/v2/logs?period=1h"] {
        let reply = emulator.exchange("OPTIONS", path, &[], "").unwrap();
        assert_eq!(reply.header("access-control-max-age"), Some("7200"));
        assert_eq!(reply.header("access-control-allow-headers"), Some("authorization, x-client-request-id"));
    }
    submit(&emulator, &[]);
    assert_eq!(emulator.ledger()["preflights"], json!({ENDPOINT: 2, "/v2/logs": 1}));
}
