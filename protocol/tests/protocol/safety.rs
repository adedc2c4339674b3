use protocol::call::{Event, Goal};
use serde_json::json;

use crate::stand::{KEY, PROMPT, Stand, accepted, known, reply, status};

/// All that the caller could see of the stand: errors, results, snapshots.
fn seen(stand: &Stand) -> String {
    let mut all = vec![];
    if let protocol::call::Next::Settle(Err(error)) = &stand.next {
        all.push(format!("{} {:?} {:?}", error.message(), error.words, error.request_id));
    }
    for generation in known(&stand.call, &stand.next).into_iter().chain(&stand.reported).chain(&stand.stored) {
        let mut snapshot = serde_json::to_value(generation).unwrap();
        snapshot.as_object_mut().unwrap().remove("request");
        all.push(snapshot.to_string());
    }
    all.join("; ")
}

fn echo() -> String {
    format!("`{PROMPT}` sent with Bearer {KEY} is not to my taste: {PROMPT}{KEY}")
}

#[test]
fn keeps_the_key_out_of_every_message_though_the_service_repeats_it() {
    for http in [400, 401, 403, 404, 409, 422] {
        let mut stand = Stand::submitting(Goal::Submit, 600_000);
        stand.hear(protocol::reply::Reply {
            ..reply(http, json!({"message": echo(), "error": {"name": echo(), "data": {"kind": echo()}}}))
        });
        assert!(!seen(&stand).contains(KEY), "{http}: {}", seen(&stand));
    }
    for body in [
        json!({"status": "failed", "error": {"detail": [{"msg": echo(), "input": 1}]}}),
        json!({"status": "failed", "error": echo()}),
        json!({"status": echo()}),
        json!({"status": "completed", "audio_file": {"url": "https://cdn/x", "file_name": "tmp.wav"}}),
    ] {
        let mut stand = Stand::generate(600_000);
        stand.hear(accepted());
        for _ in 0..5 {
            stand.hear(reply(200, body.clone()));
            if matches!(stand.next, protocol::call::Next::Sleep(_)) {
                stand.rest();
            }
            if matches!(stand.next, protocol::call::Next::Settle(_)) {
                break;
            }
        }
        assert!(!seen(&stand).contains(KEY), "{}", seen(&stand));
    }
}

#[test]
fn keeps_the_name_of_a_request_short() {
    let mut stand = Stand::submitting(Goal::Submit, 600_000);
    stand.hear(protocol::reply::Reply { inference_id: Some("x".repeat(100_000)), ..reply(400, json!({})) });
    assert!(stand.error().request_id.unwrap().chars().count() <= 401);
}

#[test]
fn never_prints_the_key_of_a_call() {
    let mut stand = Stand::generate(600_000);
    stand.hear(accepted());
    stand.hear(status("queued"));
    assert!(!format!("{:?}", stand.call).contains(KEY));
    assert!(!format!("{:?}", Event::<crate::stand::J>::Key(crate::stand::secret(KEY))).contains(KEY));
}
