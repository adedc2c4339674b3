use protocol::{Event, Goal};
use serde_json::json;

use crate::driver::{KEY, PROMPT, TestDriver, accepted, known, reply, status};

/// Everything that the caller can see: errors, results, snapshots.
fn visible_output(driver: &TestDriver) -> String {
    let mut all = vec![];
    if let protocol::Action::Settle(Err(error)) = &driver.action {
        all.push(format!("{} {:?} {:?}", error.message(), error.detail, error.request_id));
    }
    for generation in known(&driver.call, &driver.action)
        .into_iter()
        .chain(&driver.status_snapshots)
        .chain(&driver.submitted_snapshots)
    {
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
fn a_key_that_the_service_repeats_appears_in_no_message() {
    for http in [400, 401, 403, 404, 409, 422] {
        let mut driver = TestDriver::submitting(Goal::Submit, 600_000);
        driver.reply(protocol::Reply {
            ..reply(http, json!({"message": echo(), "error": {"name": echo(), "data": {"kind": echo()}}}))
        });
        assert!(!visible_output(&driver).contains(KEY), "{http}: {}", visible_output(&driver));
    }
    for body in [
        json!({"status": "failed", "error": {"detail": [{"msg": echo(), "input": 1}]}}),
        json!({"status": "failed", "error": echo()}),
        json!({"status": echo()}),
        json!({"status": "completed", "audio_file": {"url": "https://cdn/x", "file_name": "tmp.wav"}}),
    ] {
        let mut driver = TestDriver::generate(600_000);
        driver.reply(accepted());
        for _ in 0..5 {
            driver.reply(reply(200, body.clone()));
            if driver.action == protocol::Action::Wait {
                driver.sleep();
            }
            if matches!(driver.action, protocol::Action::Settle(_)) {
                break;
            }
        }
        assert!(!visible_output(&driver).contains(KEY), "{}", visible_output(&driver));
    }
}

#[test]
fn a_long_request_id_is_cut() {
    let mut driver = TestDriver::submitting(Goal::Submit, 600_000);
    driver.reply(protocol::Reply { inference_id: Some("x".repeat(100_000)), ..reply(400, json!({})) });
    assert!(driver.error().request_id.unwrap().chars().count() <= 401);
}

#[test]
fn debug_output_of_a_call_never_contains_the_key() {
    let mut driver = TestDriver::generate(600_000);
    driver.reply(accepted());
    driver.reply(status("queued"));
    assert!(!format!("{:?}", driver.call).contains(KEY));
    assert!(
        !format!("{:?}", Event::<crate::driver::TestValue>::KeyReceived(crate::driver::api_key(KEY))).contains(KEY)
    );
}
