//! Every fault of the plan.

use std::io::{self, Read as _};

use serde_json::{Value, json};

use crate::client::{DEMO, ENDPOINT, Emulator};

/// An emulator, one job in it, and what the next polls meet.
fn polls(faults: &Value) -> (Emulator, String) {
    let emulator = Emulator::start(&[]);
    let id = emulator.submit().id();
    emulator.plan(&json!({"poll": faults}));
    (emulator, id)
}

fn submits(faults: &Value) -> Emulator {
    let emulator = Emulator::start(&[]);
    emulator.plan(&json!({"submit": faults}));
    emulator
}

fn is_reset(result: &io::Result<crate::client::Reply>) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
}

fn jobs(emulator: &Emulator) -> Vec<Value> {
    emulator.ledger()["jobs"].as_array().unwrap().clone()
}

#[test]
fn faults_are_met_in_order_and_the_ledger_names_them() {
    let (emulator, id) = polls(&json!([{"status": 503}, {"pass": true}, {"status": 500, "times": 2}]));
    let statuses: Vec<_> = (0..5).map(|_| emulator.poll(&id).status).collect();
    assert_eq!(statuses, [503, 200, 500, 500, 200]);
    let ledger = emulator.ledger();
    let faults: Vec<_> = (1..6).map(|at| ledger["requests"][at]["fault"].clone()).collect();
    assert_eq!(
        faults,
        [json!({"status": 503}), Value::Null, json!({"status": 500}), json!({"status": 500}), Value::Null]
    );
    assert_eq!(ledger["jobs"][0]["polls"], 2, "the service has not seen the others");
}

#[test]
fn a_second_plan_goes_behind_the_first_and_the_ledger_shows_what_is_left() {
    let (emulator, id) = polls(&json!([{"status": 503}]));
    emulator.plan(&json!({"poll": [{"status": 502}]}));
    assert_eq!(emulator.poll(&id).status, 503);
    assert_eq!(emulator.ledger()["plan"]["poll"], json!([{"status": 502}]));
}

#[test]
fn a_status_has_the_services_own_error_body() {
    let (emulator, id) = polls(&json!([{"status": 429, "retry_after": 7}, {"status": 429, "retry_after": "soon"}]));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("7")));
    assert_eq!(reply.json()["title"], "Too Many Requests");
    assert!(!reply.header("access-control-expose-headers").unwrap().contains("retry-after"));
    assert_eq!(emulator.poll(&id).header("retry-after"), Some("soon"));
}

#[test]
fn bodies_and_headers_are_as_written_with_the_id_filled_in() {
    let (emulator, id) = polls(&json!([
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
fn a_content_networks_page_may_be_unreadable_to_pages() {
    let (emulator, id) = polls(&json!([{"html": true}, {"html": true, "status": 524, "cors": false}]));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (502, Some("*")));
    assert!(reply.header("content-type").unwrap().starts_with("text/html"));
    assert!(reply.text().starts_with("<!DOCTYPE html>"));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (524, None));
}

#[test]
fn a_redirect_points_where_it_is_told() {
    let (emulator, id) = polls(&json!([{"redirect": "/elsewhere"}, {"redirect": "/", "status": 302}]));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, reply.header("location")), (307, Some("/elsewhere")));
    assert_eq!(emulator.poll(&id).status, 302);
}

#[test]
fn a_reset_before_acceptance_charges_nothing() {
    let emulator = submits(&json!([{"reset": "before"}]));
    assert!(is_reset(&emulator.try_submit()));
    assert_eq!(jobs(&emulator), [] as [Value; 0]);
}

#[test]
fn a_reset_after_acceptance_has_charged() {
    let emulator = submits(&json!([{"reset": "after"}]));
    assert!(is_reset(&emulator.try_submit()));
    assert_eq!(jobs(&emulator)[0]["charged"], 25_200);
    let request = &emulator.ledger()["requests"][0];
    assert_eq!((&request["status"], &request["aborted"]), (&Value::Null, &json!(false)));
}

#[test]
fn a_faulty_status_comes_with_or_without_a_charge() {
    let emulator = submits(&json!([
        {"status": 500},
        {"status": 500, "after_accept": true},
        {"html": true, "after_accept": true},
        {"body": {"id": "{id}", "status": "waiting"}, "after_accept": true},
        {"status": 202},
    ]));
    for (status, charged) in [(500, 0), (500, 1), (502, 2), (200, 3), (202, 4)] {
        let reply = emulator.submit();
        let jobs = jobs(&emulator);
        assert_eq!((reply.status, jobs.len()), (status, charged));
        if status == 200 {
            assert_eq!(reply.json(), json!({"id": jobs[2]["id"], "status": "waiting"}));
        }
    }
}

#[test]
fn a_truncated_body_ends_before_its_announced_length() {
    let (emulator, id) = polls(&json!([{"truncate": 10}, {"truncate": 0}, {"truncate": 1_000_000}]));
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
fn an_endless_body_goes_on_until_the_client_has_enough() {
    let (emulator, id) = polls(&json!([{"endless": true}]));
    let mut stream = emulator.send("GET", &format!("{ENDPOINT}?generation_id={id}"), &[DEMO], "");
    let mut bytes = vec![0; 3 * 1024 * 1024];
    stream.read_exact(&mut bytes).unwrap();
    drop(stream);
    emulator.ledger_when(|ledger| ledger["requests"][1]["aborted"] == true);
}

#[test]
fn a_delay_is_kept() {
    let (emulator, id) = polls(&json!([{"delay_ms": 150}]));
    assert_eq!(emulator.poll(&id).status, 200);
    let poll = &emulator.ledger()["requests"][1];
    assert!(poll["ended"].as_u64().unwrap() >= poll["at"].as_u64().unwrap() + 150, "{poll}");
}

#[test]
fn an_unknown_status_word_leaves_the_job_alone() {
    let (emulator, id) = polls(&json!([{"status_word": "weird"}, {"finish": true, "status_word": "succeeded"}]));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, &reply.json()["status"]), (200, &json!("weird")));
    assert_eq!(emulator.poll(&id).json()["status"], "succeeded");
    let done = emulator.poll(&id).json();
    assert!(done["status"] == "completed" && done["audio_file"]["url"].is_string(), "{done}");
}

#[test]
fn a_job_fails_in_every_shape_and_is_not_charged() {
    for (shape, pointer) in [
        ("null", "/error"),
        ("string", "/error"),
        ("name_message", "/error/name"),
        ("message", "/error/message"),
        ("detail_string", "/error/detail"),
        ("detail_list", "/error/detail/0/msg"),
    ] {
        let (emulator, id) = polls(&json!([{"fail": shape}]));
        let body = emulator.poll(&id).json();
        assert_eq!(body["status"], "error", "{shape}");
        assert_eq!(body.pointer(pointer).is_some_and(Value::is_string), shape != "null", "{shape}: {body}");
        assert_eq!(emulator.poll(&id).json(), body, "it stays so");
        assert_eq!(jobs(&emulator)[0]["charged"], 0);
    }
}

#[test]
fn a_submits_job_can_be_done_or_doomed_from_the_first() {
    let emulator = submits(&json!([
        {"finish": true},
        {"finish": true, "fail": "message"},
        {"fail": "message"},
        {"finish": true, "url": "javascript:alert(1)"},
        {"finish": true, "complete_without_url": true},
    ]));
    let replies: Vec<_> = (0..5).map(|_| emulator.submit().json()).collect();
    let words: Vec<_> = replies.iter().map(|reply| reply["status"].as_str().unwrap()).collect();
    assert_eq!(words, ["completed", "error", "queued", "completed", "completed"]);
    assert!(replies[0]["audio_file"]["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(replies[3]["audio_file"]["url"], "javascript:alert(1)");
    assert_eq!(replies[4]["audio_file"], Value::Null);
}

#[test]
fn files_and_preflights_have_faults_of_their_own() {
    let emulator = submits(&json!([{"finish": true}]));
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
fn what_makes_no_sense_is_refused_and_nothing_of_it_taken() {
    let emulator = Emulator::start(&[]);
    for (plan, words) in [
        (json!({"poll": [{"status": 503}, {"stauts": 1}]}), "unknown field `stauts`"),
        (json!({"polls": []}), "unknown field `polls`"),
        (json!({"poll": [{"fail": "loudly"}]}), "unknown variant `loudly`"),
        (json!({"poll": [{"status": 503}, {"status": 99}]}), "`status` must be from 200 to 599"),
        (json!({"submit": [{"pass": true, "html": true}]}), "`pass` goes with `times` alone"),
    ] {
        let reply = emulator.exchange("POST", "/__emulator/plan", &[], &plan.to_string()).unwrap();
        assert_eq!(reply.status, 400);
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(
        emulator.ledger()["plan"],
        json!({"submit": [], "poll": [], "file": [], "preflight": [], "logs": [], "billing": []})
    );
}
