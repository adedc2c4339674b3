//! The faults of a plan.

use std::io::{self, Read as _};

use serde_json::{Value, json};

use crate::client::{DEMO, ENDPOINT, Emulator};

/// An emulator with one generation, and faults for the next polls.
fn with_poll_faults(faults: &Value) -> (Emulator, String) {
    let emulator = Emulator::start(&[]);
    let id = emulator.submit().id();
    emulator.plan(&json!({"poll": faults}));
    (emulator, id)
}

fn with_submit_faults(faults: &Value) -> Emulator {
    let emulator = Emulator::start(&[]);
    emulator.plan(&json!({"submit": faults}));
    emulator
}

fn is_reset(result: &io::Result<crate::client::Reply>) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
}

fn generations(emulator: &Emulator) -> Vec<Value> {
    emulator.ledger()["generations"].as_array().unwrap().clone()
}

#[test]
fn faults_apply_in_order_and_are_in_the_ledger() {
    let (emulator, id) = with_poll_faults(&json!([{"status": 503}, {"pass": true}, {"status": 500, "times": 2}]));
    let statuses: Vec<_> = (0..5).map(|_| emulator.poll(&id).status).collect();
    assert_eq!(statuses, [503, 200, 500, 500, 200]);
    let ledger = emulator.ledger();
    let faults: Vec<_> = (1..6).map(|at| ledger["requests"][at]["fault"].clone()).collect();
    assert_eq!(
        faults,
        [json!({"status": 503}), Value::Null, json!({"status": 500}), json!({"status": 500}), Value::Null]
    );
    assert_eq!(ledger["generations"][0]["polls"], 2, "the service has not seen the others");
}

#[test]
fn a_second_plan_is_appended_to_the_first_and_the_ledger_shows_the_rest() {
    let (emulator, id) = with_poll_faults(&json!([{"status": 503}]));
    emulator.plan(&json!({"poll": [{"status": 502}]}));
    assert_eq!(emulator.poll(&id).status, 503);
    assert_eq!(emulator.ledger()["plan"]["poll"], json!([{"status": 502}]));
}

#[test]
fn a_planned_error_status_has_the_error_body_of_the_service() {
    let (emulator, id) =
        with_poll_faults(&json!([{"status": 429, "retry_after": 7}, {"status": 429, "retry_after": "soon"}]));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("7")));
    assert_eq!(reply.json()["title"], "Too Many Requests");
    assert!(!reply.header("access-control-expose-headers").unwrap().contains("retry-after"));
    assert_eq!(emulator.poll(&id).header("retry-after"), Some("soon"));
}

#[test]
fn planned_bodies_and_headers_are_sent_with_the_id_filled_in() {
    let (emulator, id) = with_poll_faults(&json!([
        {"body": {"id": "{id}", "list": ["{id}", 1]}, "headers": {"X-Odd": "1"}},
        {"body": "not {json", "status": 418},
        {"body": "{", "headers": {"content-type": "application/json"}},
    ]));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, reply.header("x-odd")), (200, Some("1")));
    assert_eq!(reply.json(), json!({"id": id, "list": [id, 1]}));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, &*reply.text()), (418, "not {json"));
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(emulator.poll(&id).header("content-type"), Some("application/json"));
}

#[test]
fn a_cdn_error_page_can_be_sent_with_and_without_cors_headers() {
    let (emulator, id) = with_poll_faults(&json!([{"html": true}, {"html": true, "status": 524, "cors": false}]));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (502, Some("*")));
    assert!(reply.header("content-type").unwrap().starts_with("text/html"));
    assert!(reply.text().starts_with("<!DOCTYPE html>"));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (524, None));
}

#[test]
fn a_planned_redirect_has_the_given_location() {
    let (emulator, id) = with_poll_faults(&json!([{"redirect": "/elsewhere"}, {"redirect": "/", "status": 302}]));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, reply.header("location")), (307, Some("/elsewhere")));
    assert_eq!(emulator.poll(&id).status, 302);
}

#[test]
fn a_reset_before_acceptance_charges_nothing() {
    let emulator = with_submit_faults(&json!([{"reset": "before"}]));
    assert!(is_reset(&emulator.try_submit()));
    assert_eq!(generations(&emulator), [] as [Value; 0]);
}

#[test]
fn a_reset_after_acceptance_charges_the_generation() {
    let emulator = with_submit_faults(&json!([{"reset": "after"}]));
    assert!(is_reset(&emulator.try_submit()));
    assert_eq!(generations(&emulator)[0]["charged"], 25_200);
    let request = &emulator.ledger()["requests"][0];
    assert_eq!((&request["status"], &request["aborted"]), (&Value::Null, &json!(false)));
}

#[test]
fn an_error_response_to_a_submit_can_come_with_or_without_a_charge() {
    let emulator = with_submit_faults(&json!([
        {"status": 500},
        {"status": 500, "after_accept": true},
        {"html": true, "after_accept": true},
        {"body": {"id": "{id}", "status": "waiting"}, "after_accept": true},
        {"status": 202},
    ]));
    for (status, charged) in [(500, 0), (500, 1), (502, 2), (200, 3), (202, 4)] {
        let reply = emulator.submit();
        let generations = generations(&emulator);
        assert_eq!((reply.status, generations.len()), (status, charged));
        if status == 200 {
            assert_eq!(reply.json(), json!({"id": generations[2]["id"], "status": "waiting"}));
        }
    }
}

#[test]
fn a_truncated_body_ends_before_its_announced_length() {
    let (emulator, id) = with_poll_faults(&json!([{"truncate": 10}, {"truncate": 0}, {"truncate": 1_000_000}]));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, reply.body.len()), (200, 10));
    assert!(reply.missing() > 50);
    assert_eq!(emulator.poll(&id).body.len(), 0);
    let reply = emulator.poll(&id);
    assert_eq!((reply.missing(), &reply.json()["status"]), (1, &json!("queued")));
    let ledger = emulator.ledger();
    assert!((1..4).all(|at| ledger["requests"][at]["aborted"] == false));
}

#[test]
fn an_endless_body_continues_until_the_client_disconnects() {
    let (emulator, id) = with_poll_faults(&json!([{"endless": true}]));
    let mut stream = emulator.send("GET", &format!("{ENDPOINT}?generation_id={id}"), &[DEMO], "");
    let mut bytes = vec![0; 3 * 1024 * 1024];
    stream.read_exact(&mut bytes).unwrap();
    drop(stream);
    emulator.wait_for_ledger(|ledger| ledger["requests"][1]["aborted"] == true);
}

#[test]
fn a_delayed_response_is_not_early() {
    let (emulator, id) = with_poll_faults(&json!([{"delay_ms": 150}]));
    assert_eq!(emulator.poll(&id).status, 200);
    let poll = &emulator.ledger()["requests"][1];
    assert!(poll["ended"].as_u64().unwrap() >= poll["at"].as_u64().unwrap() + 150, "{poll}");
}

#[test]
fn a_replaced_status_does_not_change_the_generation() {
    let (emulator, id) =
        with_poll_faults(&json!([{"status_word": "weird"}, {"finish": true, "status_word": "succeeded"}]));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, &reply.json()["status"]), (200, &json!("weird")));
    assert_eq!(emulator.poll(&id).json()["status"], "succeeded");
    let done = emulator.poll(&id).json();
    assert!(done["status"] == "completed" && done["audio_file"]["url"].is_string(), "{done}");
}

#[test]
fn a_generation_can_fail_with_every_format_of_error_and_is_not_charged() {
    for (shape, pointer) in [
        ("null", "/error"),
        ("string", "/error"),
        ("name_message", "/error/name"),
        ("message", "/error/message"),
        ("detail_string", "/error/detail"),
        ("detail_list", "/error/detail/0/msg"),
    ] {
        let (emulator, id) = with_poll_faults(&json!([{"fail": shape}]));
        let body = emulator.poll(&id).json();
        assert_eq!(body["status"], "error", "{shape}");
        assert_eq!(body.pointer(pointer).is_some_and(Value::is_string), shape != "null", "{shape}: {body}");
        assert_eq!(emulator.poll(&id).json(), body, "it stays so");
        assert_eq!(generations(&emulator)[0]["charged"], 0);
    }
}

#[test]
fn the_outcome_of_a_submit_can_be_planned() {
    let emulator = with_submit_faults(&json!([
        {"finish": true},
        {"finish": true, "fail": "message"},
        {"fail": "message"},
        {"finish": true, "url": "javascript:alert(1)"},
        {"finish": true, "complete_without_url": true},
    ]));
    let replies: Vec<_> = (0..5).map(|_| emulator.submit().json()).collect();
    let statuses: Vec<_> = replies.iter().map(|reply| reply["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["completed", "error", "queued", "completed", "completed"]);
    assert!(replies[0]["audio_file"]["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(replies[3]["audio_file"]["url"], "javascript:alert(1)");
    assert_eq!(replies[4]["audio_file"], Value::Null);
}

#[test]
fn files_and_preflights_have_their_own_faults() {
    let emulator = with_submit_faults(&json!([{"finish": true}]));
    emulator.plan(&json!({
        "file": [{"truncate": 1000}, {"status": 403, "html": true}],
        "preflight": [{"status": 500, "cors": false}],
    }));
    let url = emulator.submit().json()["audio_file"]["url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix(&format!("http://{}", emulator.address)).unwrap();
    let cut = emulator.get(path);
    assert_eq!((cut.status, cut.body.len(), cut.missing()), (200, 1000, 175_444));
    assert_eq!(emulator.get(path).status, 403);
    assert_eq!(emulator.get(path).body.len(), 176_444);
    let refused = emulator.exchange("OPTIONS", ENDPOINT, &[], "").unwrap();
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (500, None));
}

#[test]
fn an_invalid_plan_is_rejected_as_a_whole() {
    let emulator = Emulator::start(&[]);
    for (plan, expected) in [
        (json!({"poll": [{"status": 503}, {"stauts": 1}]}), "unknown field `stauts`"),
        (json!({"polls": []}), "unknown field `polls`"),
        (json!({"poll": [{"fail": "loudly"}]}), "unknown variant `loudly`"),
        (json!({"poll": [{"status": 503}, {"status": 99}]}), "`status` must be from 200 to 599"),
        (json!({"submit": [{"pass": true, "html": true}]}), "`pass` can be combined with `times` only"),
    ] {
        let reply = emulator.exchange("POST", "/__emulator/plan", &[], &plan.to_string()).unwrap();
        assert_eq!(reply.status, 400);
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(expected), "{error}");
    }
    assert_eq!(
        emulator.ledger()["plan"],
        json!({"submit": [], "poll": [], "file": [], "preflight": [], "logs": [], "billing": []})
    );
}
