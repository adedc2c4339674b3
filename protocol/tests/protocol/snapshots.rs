use proptest::prelude::*;
use protocol::{
    AudioFile, AudioRequest, Generation, PollError, PollErrorCode, Polling, Status, is_web_url, read_audio_source,
};
use serde_json::{Value, json};

use crate::driver::{ID, TestDriver, URL, at, completed, reply};
use crate::foreign::Js;

fn read(value: &Value) -> Result<Generation, String> {
    Generation::read(&Some(value), at(0)).map(|read| *read).map_err(|error| error.message())
}

fn full() -> Value {
    json!({
        "id": ID, "status": "generating", "submittedAt": 1_700_000_000_000_u64,
        "polling": {"checks": 3, "errors": 2, "notFound": 1, "unknownStatus": 1, "missingUrl": 1,
            "lastError": {"code": "http", "httpStatus": 502}},
        "nextCheckAt": 1_700_000_010_000_u64, "expectedAt": 1_700_000_040_000_u64,
        "request": {"prompt": "rain", "steps": 50}, "creditsUsed": 12_600, "usdSpent": 0.0063,
    })
}

#[test]
fn a_bare_id_is_a_snapshot() {
    let generation = read(&json!(ID)).unwrap();
    assert_eq!((generation.id.as_str(), generation.submitted_at, generation.polling.checks), (ID, at(0).wall, 0));
}

#[test]
fn a_snapshot_survives_a_round_trip() {
    let generation = read(&full()).unwrap();
    assert_eq!(generation.polling.last_error, Some(PollError { code: PollErrorCode::Http, http_status: Some(502) }));
    let again = serde_json::to_value(&generation).unwrap();
    assert_eq!(read(&again).unwrap(), generation);
}

#[test]
fn absent_fields_are_omitted_from_snapshots() {
    let plain = serde_json::to_value(Generation::new(ID.into(), at(0))).unwrap();
    let submitted = json!({"id": ID, "status": "queued", "submittedAt": 1_700_000_000_000.0,
        "polling": {"checks": 0, "errors": 0, "notFound": 0, "unknownStatus": 0, "missingUrl": 0}});
    assert_eq!(plain, submitted);
}

#[test]
fn snapshots_of_other_versions_are_read_by_their_known_fields() {
    let mut later = full();
    later["stars"] = json!(5);
    later["request"]["seed"] = json!(7);
    later["polling"]["lastError"]["why"] = json!("w");
    assert_eq!(read(&later), read(&full()));
    let earlier = json!({"id": ID, "status": "queued"});
    assert_eq!(read(&earlier), read(&json!(ID)));
}

#[test]
fn an_invalid_snapshot_is_refused_with_the_name_of_the_field() {
    for (field, wrong) in [
        ("id", json!("")),
        ("id", json!(7)),
        ("id", json!(null)),
        ("status", json!("done")),
        ("status", json!(1)),
        ("status", json!(null)),
        ("submittedAt", json!("yesterday")),
        ("submittedAt", json!(-1)),
        ("nextCheckAt", json!("soon")),
        ("expectedAt", json!(true)),
        ("creditsUsed", json!(-5)),
        ("usdSpent", json!("1")),
        ("error", json!({"message": "m"})),
        ("polling", json!([])),
    ] {
        let mut snapshot = full();
        snapshot[field] = wrong.clone();
        let message = read(&snapshot).expect_err(field);
        assert!(message.contains(field), "{field} {wrong}: {message}");
    }
    for (field, wrong) in [
        ("checks", json!(1.5)),
        ("checks", json!(-1)),
        ("errors", json!("1")),
        ("notFound", json!(1e12)),
        ("unknownStatus", json!({})),
        ("missingUrl", json!([])),
        ("lastError", json!({"code": "sunspots"})),
        ("lastError", json!("network")),
        ("lastError", json!({"code": "http", "httpStatus": "many"})),
        ("lastError", json!({"code": "http", "httpStatus": 1000})),
    ] {
        let mut snapshot = full();
        snapshot["polling"][field] = wrong.clone();
        let message = read(&snapshot).expect_err(field);
        assert!(message.contains(&["generation.polling.", field].concat()), "{field} {wrong}: {message}");
    }
    for (field, wrong) in [("fileSize", json!("big")), ("fileName", json!(1)), ("contentType", json!([]))] {
        let mut snapshot = json!({"id": ID, "status": "completed", "audio": {"url": URL}});
        snapshot["audio"][field] = wrong;
        assert!(read(&snapshot).unwrap_err().contains(&["generation.audio.", field].concat()));
    }
    for (field, wrong) in [("prompt", json!(" ")), ("steps", json!(0)), ("secondsTotal", json!(48))] {
        let mut snapshot = full();
        snapshot["request"][field] = wrong;
        assert!(read(&snapshot).unwrap_err().contains(field));
    }
}

#[test]
fn a_completed_snapshot_needs_an_http_url() {
    for audio in [json!(null), json!({}), json!({"url": "data:audio/wav;base64,"}), json!({"url": 1}), json!("x")] {
        let message = read(&json!({"id": ID, "status": "completed", "audio": audio})).unwrap_err();
        assert!(message.contains("audio.url"), "{message}");
    }
}

#[test]
fn values_that_are_no_snapshots_are_refused() {
    for wrong in [
        Js::Undefined,
        Js::Number(f64::NAN),
        Js::Lone,
        Js::Text("  "),
        Js::Function,
        Js::Symbol,
        Js::Plain(json!([ID])),
        Js::Object(vec![("id", Js::Lone)]),
        Js::Object(vec![("id", Js::Text(ID)), ("status", Js::Text("queued")), ("submittedAt", Js::Number(f64::NAN))]),
        Js::Object(vec![("id", Js::Text(ID)), ("status", Js::Text("queued")), ("usdSpent", Js::Number(f64::INFINITY))]),
    ] {
        let error = Generation::read(&wrong, at(0)).unwrap_err();
        assert_eq!(error.code(), "invalid_argument", "{wrong:?}");
    }
}

/// `JSON.parse("1e999")` is Infinity, which no snapshot may contain: it could not be read again.
#[test]
fn an_infinite_number_in_a_reply_is_dropped() {
    let infinite = || Js::Number(f64::INFINITY);
    let usage = Js::Object(vec![("credits_used", infinite()), ("usd_spent", infinite())]);
    let body = Js::Object(vec![
        ("status", Js::Text("completed")),
        ("meta", Js::Object(vec![("usage", usage)])),
        ("audio_file", Js::Object(vec![("url", Js::Text(URL)), ("file_size", infinite())])),
    ]);
    let report = protocol::StatusBody::read(&body, protocol::Redactor::default());
    assert_eq!((report.credits_used, report.usd_spent, report.audio.unwrap().file_size), (None, None, None));
}

#[test]
fn every_snapshot_of_a_wait_can_be_read_back() {
    let mut driver = TestDriver::wait(600_000);
    let replies = [
        reply(200, json!({"status": "odd"})),
        reply(404, json!({})),
        reply(503, json!({})),
        reply(200, json!({"status": "completed"})),
        reply(200, json!({"status": "generating", "meta": {"usage": {"credits_used": 5, "usd_spent": 0.1}}})),
        completed(),
    ];
    for answer in replies {
        driver.reply(answer);
        let snapshot = serde_json::to_value(driver.known()).unwrap();
        assert_eq!(read(&snapshot).as_ref(), Ok(driver.known()));
        if driver.action == protocol::Action::Wait {
            driver.sleep();
        }
    }
    assert_eq!(driver.result().polling.checks, 6);
}

#[test]
fn only_http_urls_without_credentials_can_be_downloaded() {
    for (audio, url) in [
        (json!(URL), Some(URL)),
        (json!({"url": URL, "generationId": ID}), Some(URL)),
        (json!("HTTP://cdn/x.wav"), Some("HTTP://cdn/x.wav")),
        (json!("https://cdn/a@b.wav?c=@"), Some("https://cdn/a@b.wav?c=@")),
        (json!("https://user:pass@cdn/x.wav"), None),
        (json!("https://user@cdn"), None),
        (json!("ftp://cdn/x.wav"), None),
        (json!("//cdn/x.wav"), None),
        (json!("/x.wav"), None),
        (json!("https://"), None),
        (json!("https:///x"), None),
        (json!("https://cdn/x\u{1}.wav"), None),
        (json!({"id": ID, "status": "completed", "audio": {"url": URL}}), Some(URL)),
        (json!({"href": URL}), Some(URL)),
        (json!("blob:https://cdn/x"), None),
        (json!(7), None),
        (json!({}), None),
        (json!(null), None),
    ] {
        let found = read_audio_source(&Some(&audio));
        assert_eq!(found.as_ref().ok().map(|source| source.url.as_str()), url, "{audio}");
        if let Err(error) = found {
            assert!(error.code() == "invalid_argument" && !error.message().contains("pass"));
        }
    }
}

fn generations() -> impl Strategy<Value = Generation> {
    let text = || prop::option::of(".{0,20}");
    let count = || any::<u32>();
    let moment = || 0..(1_u64 << 53);
    let amount = || prop::option::of(0.0..1e15_f64);
    let last_error = prop::option::of((0..5_usize, prop::option::of(0..=999_u16)).prop_map(|(code, http_status)| {
        use PollErrorCode::{Body, Http, Network, RateLimited, Timeout};
        PollError { code: [Network, Timeout, Http, Body, RateLimited][code], http_status }
    }));
    let bounded = |most: u32| prop::option::of(1..=most);
    let request = prop::option::of(("[a-zé😀 ]{0,9}x", bounded(47), bounded(47), bounded(1000)).prop_map(
        |(prompt, seconds_start, seconds_total, steps)| AudioRequest { prompt, seconds_start, seconds_total, steps },
    ));
    let audio = ("[a-z/:?.]{1,20}", text(), text(), amount());
    (
        ("[!-~é]{1,20}", 0..4_usize, moment(), prop::option::of(moment()), prop::option::of(moment())),
        (count(), count(), count(), count(), count()),
        (last_error, request, amount(), amount(), text(), audio),
    )
        .prop_map(|((id, status, submitted_at, next_check_at, expected_at), counts, rest)| {
            let status = [Status::Queued, Status::Generating, Status::Completed, Status::Error][status];
            let (last_error, request, credits_used, usd_spent, error, (path, content_type, file_name, file_size)) =
                rest;
            Generation {
                status,
                submitted_at,
                polling: Polling {
                    checks: counts.0,
                    errors: counts.1,
                    not_found: counts.2,
                    unknown_status: counts.3,
                    missing_url: counts.4,
                    last_error,
                },
                next_check_at: next_check_at.filter(|_| !status.is_final()),
                expected_at,
                request,
                credits_used,
                usd_spent,
                audio: (status == Status::Completed).then(|| AudioFile {
                    url: ["https://cdn", &path].concat(),
                    content_type,
                    file_name,
                    file_size,
                    generation_id: id.clone(),
                }),
                error,
                ..Generation::new(id, at(0))
            }
        })
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["queued", "completed", "error", "network", ID, URL]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        let names = prop::sample::select(vec![
            "id",
            "status",
            "submittedAt",
            "polling",
            "checks",
            "lastError",
            "code",
            "httpStatus",
            "request",
            "prompt",
            "audio",
            "url",
            "error",
            "nextCheckAt",
            "steps",
            "x",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..10).prop_map(|fields| Value::Object(
                fields.into_iter().map(|(name, value)| (name.into(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn any_snapshot_survives_a_round_trip(generation in generations()) {
        let text = serde_json::to_string(&generation).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read(&value), Ok(generation));
    }

    #[test]
    fn any_value_is_read_or_refused_as_a_snapshot(value in values()) {
        if let Ok(generation) = Generation::read(&Some(&value), at(0)) {
            let again = serde_json::to_value(&generation).unwrap();
            prop_assert_eq!(read(&again), Ok(Generation::clone(&generation)));
            prop_assert_eq!(generation.status == Status::Completed, generation.audio.is_some());
        }
        if let Ok(source) = read_audio_source(&Some(&value)) {
            prop_assert!(is_web_url(&source.url));
        }
    }
}
