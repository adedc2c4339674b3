//! The endpoints of the service, over HTTP.

use serde_json::{Value, json};

use crate::client::{DEMO, ENDPOINT, Emulator, JSON, deadline};

#[test]
fn a_prompt_leads_to_a_wav_file() {
    let emulator = Emulator::start(&["--speed", "1000"]);
    let reply = emulator.submit();
    assert_eq!((reply.status, reply.json()["status"].as_str()), (201, Some("queued")));
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(reply.header("x-aimlapi-credits-used"), Some("25200"));
    let id = reply.id();
    let is_late = deadline(10);
    let done = loop {
        let reply = emulator.poll(&id);
        assert_eq!(reply.status, 200);
        if reply.json()["status"] == "completed" {
            break reply.json();
        }
        assert!(!is_late(), "{}", reply.text());
    };
    let audio = &done["audio_file"];
    let url = audio["url"].as_str().unwrap();
    let path = url.strip_prefix(&format!("http://{}", emulator.address)).unwrap();
    let file = emulator.get(path);
    assert_eq!((file.status, file.header("content-type")), (200, Some("application/octet-stream")));
    assert_eq!(file.header("access-control-allow-origin"), Some("*"));
    assert_eq!(json!(file.body.len()), audio["file_size"]);
    let sound = hound::WavReader::new(file.body.as_slice()).unwrap();
    assert_eq!((sound.spec().channels, sound.duration()), (2, 44_100));

    let part = emulator.exchange("GET", path, &[("Range", "bytes=-100")], "").unwrap();
    assert_eq!((part.status, &*part.body), (206, &file.body[file.body.len() - 100..]));
    assert_eq!(part.header("content-range"), Some("bytes 176344-176443/176444"));
    let beyond = emulator.exchange("GET", path, &[("Range", "bytes=176444-")], "").unwrap();
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */176444")));
    let head = emulator.exchange("HEAD", path, &[], "").unwrap();
    assert_eq!((head.status, head.header("content-length")), (200, Some("176444")));
    assert_eq!((head.header("accept-ranges"), head.body.len()), (Some("bytes"), 0));
}

#[test]
fn the_command_line_options_take_effect() {
    let emulator = Emulator::start(&[
        "--errors",
        "a",
        "--accepted",
        "200",
        "--ids",
        "vendor",
        "--expose-retry-after",
        "--public-url",
        "https://cdn.example/",
        "--speed",
        "1e9",
    ]);
    let refused = emulator.exchange("POST", ENDPOINT, &[JSON], "{}").unwrap();
    assert_eq!((refused.status, &refused.json()["statusCode"]), (401, &json!(401)));
    let reply = emulator.submit();
    assert_eq!(reply.status, 200);
    assert!(reply.id().contains('/'), "{}", reply.id());
    assert!(reply.header("access-control-expose-headers").unwrap().ends_with("retry-after"));
    let audio = &emulator.poll(&reply.id()).json()["audio_file"]["url"];
    assert!(audio.as_str().unwrap().starts_with("https://cdn.example/files/"), "{audio}");
}

#[test]
fn equal_seeds_give_equal_ids() {
    let ids = |seed: &str| Emulator::start(&["--seed", seed]).submit().id();
    assert_eq!(ids("5"), ids("5"));
    assert_ne!(ids("5"), ids("6"));
}

#[test]
fn the_errors_are_those_of_the_service() {
    let emulator = Emulator::start(&[]);
    let broke = [("Authorization", "Bearer broke-key"), JSON];
    let body = json!({"model": "stable-audio", "prompt": "x"}).to_string();
    let reply = emulator.exchange("POST", ENDPOINT, &broke, &body).unwrap();
    assert_eq!(reply.status, 403);
    assert_eq!(reply.json()["error"]["data"]["kind"], "err_insufficent_credits");
    let reply = emulator.exchange("POST", ENDPOINT, &[DEMO, JSON], "{").unwrap();
    assert_eq!(reply.status, 400);
    let long = format!(r#"{{"prompt": "{}"}}"#, "a".repeat(1_100_000));
    let reply = emulator.exchange("POST", ENDPOINT, &[DEMO, JSON], &long).unwrap();
    assert_eq!(reply.status, 413);
    assert_eq!(emulator.poll("none").status, 404);
    assert_eq!(emulator.get("/").status, 404);
    assert_eq!(emulator.get("/files/0/x.wav").status, 404);
    assert_eq!(emulator.ledger()["generations"], json!([]));
}

#[test]
fn a_preflight_allows_authorization_and_content_type() {
    let emulator = Emulator::start(&[]);
    let asked = ("Access-Control-Request-Headers", "authorization,content-type");
    let reply = emulator.exchange("OPTIONS", ENDPOINT, &[asked], "").unwrap();
    assert_eq!(reply.status, 204);
    assert_eq!(reply.header("access-control-allow-headers"), Some("authorization, content-type"));
    assert_eq!(emulator.ledger()["requests"][0]["access-control-request-headers"], asked.1);
}

#[test]
fn a_reset_clears_everything_and_its_settings_last_until_the_next() {
    let emulator = Emulator::start(&["--speed", "1000"]);
    let reset = |body: &str| emulator.exchange("POST", "/__emulator/reset", &[], body).unwrap();
    let id = emulator.submit().id();
    emulator.plan(&json!({"poll": [{"html": true}]}));
    let config = json!({"speed": 1e9, "errors": "b-list", "ids": "first-revision", "accepted": 200, "seed": 3});
    let reply = reset(&config.to_string());
    assert_eq!((reply.status, &reply.json()["config"]["errors"]), (200, &json!("b-list")));
    let ledger = emulator.ledger();
    assert_eq!((&ledger["requests"], &ledger["generations"]), (&json!([]), &json!([])));
    let reply = emulator.poll(&id);
    assert_eq!((reply.status, reply.json()["message"].is_array()), (404, true));
    let reply = emulator.submit();
    assert_eq!((reply.status, &reply.json()["id"]), (200, &Value::Null));
    let id = reply.json()["generation_id"].as_str().unwrap().to_owned();
    assert_eq!(emulator.poll(&id).json()["status"], "completed");
    assert_eq!(reset("").status, 200);
    assert_eq!(emulator.submit().status, 201);
    for bad in [r#"{"speed": 0}"#, r#"{"accepted": 202}"#, r#"{"sped": 1}"#, "[]", "{"] {
        let reply = reset(bad);
        assert_eq!(reply.status, 400, "{bad}");
        assert!(reply.json()["error"].is_string(), "{bad}");
    }
}
