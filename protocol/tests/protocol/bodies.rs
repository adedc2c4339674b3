use proptest::prelude::*;
use protocol::{ErrorBody, Redactor, RemoteStatus, RetryAfter, StatusBody, is_cacheable, is_web_url, read_status};
use serde_json::{Value, json};

use crate::driver::{KEY, URL, api_key};

fn error_body(body: &Value) -> ErrorBody {
    ErrorBody::read(&Some(body), Redactor::default())
}

fn report(body: &Value) -> StatusBody {
    StatusBody::read(&Some(body), Redactor::default())
}

#[test]
fn error_bodies_of_both_revisions_are_understood() {
    let first = json!({"requestId": "r-1", "statusCode": 401, "timestamp": "t", "path": "/v2", "message": "This request requires a valid API key. Get one"});
    let read = error_body(&first);
    assert_eq!(
        (read.message.as_str(), read.request_id.as_deref()),
        ("This request requires a valid API key. Get one", Some("r-1"))
    );
    assert!(!read.out_of_credits);
    let second = json!({"title": "Forbidden", "status": 403, "message": "You've run out of credits. Top up", "instance": "i",
        "error": {"name": "ForbiddenException", "message": "m", "data": {"kind": "err_insufficent_credits"}}});
    let read = error_body(&second);
    assert!(read.out_of_credits);
    assert_eq!(read.message, "You've run out of credits. Top up");
}

#[test]
fn every_wording_of_exhausted_credits_is_recognised() {
    for body in [
        json!({"message": "You've run out of credits."}),
        json!({"message": "YOU ARE OUT OF FUNDS"}),
        json!({"message": "no", "error": {"data": {"kind": "err_insufficient_credits"}}}),
        json!({"message": "Forbidden", "error": {"message": "You've run out of credits."}}),
        json!("out of credits"),
    ] {
        assert!(error_body(&body).out_of_credits, "{body}");
    }
    for body in
        [json!({"message": "no credit for you"}), json!({"error": {"data": {"kind": "err_scope"}}}), json!(null)]
    {
        assert!(!error_body(&body).out_of_credits, "{body}");
    }
}

#[test]
fn the_message_of_an_error_is_found_in_every_known_shape() {
    for (error, words) in [
        (json!(null), None),
        (json!(""), None),
        (json!("  "), None),
        (json!({}), None),
        (json!(7), None),
        (json!("plain words"), Some("plain words")),
        (json!({"name": "E", "message": "words"}), Some("words")),
        (json!({"message": "words"}), Some("words")),
        (json!({"name": "E"}), Some("E")),
        (json!({"name": "E", "message": null}), Some("E")),
        (json!({"message": ["one", "two", "one"]}), Some("one; two")),
        (json!({"detail": "words"}), Some("words")),
        (
            json!({"detail": [{"loc": ["body", "prompt"], "msg": "too long", "type": "t"}, {"msg": "too loud"}]}),
            Some("too long; too loud"),
        ),
        (json!({"error": {"message": "deep"}}), Some("deep")),
        (json!({"title": "Bad"}), Some("Bad")),
    ] {
        assert_eq!(report(&json!({"status": "error", "error": error})).error.as_deref(), words, "{error}");
        if error.is_object() {
            assert_eq!(error_body(&error).message, words.unwrap_or_default(), "{error}");
        }
    }
}

#[test]
fn long_messages_are_cut_to_a_readable_length() {
    let words = report(&json!({"error": "é".repeat(100_000)})).error.unwrap();
    assert_eq!(words.chars().count(), 401);
    let RemoteStatus::Unknown(word) = report(&json!({"status": "x".repeat(100_000)})).status else { panic!() };
    assert_eq!(word.chars().count(), 401);
    let name = error_body(&json!({"requestId": "x".repeat(100_000)})).request_id.unwrap();
    assert_eq!(name.chars().count(), 401);
}

#[test]
fn messages_are_put_on_one_line() {
    assert_eq!(error_body(&json!({"message": "one\r\ntwo\u{7}"})).message, "one  two ");
}

#[test]
fn every_status_text_is_mapped_or_reported_as_unknown() {
    for (status, expected) in [
        (json!("queued"), RemoteStatus::Queued),
        (json!("waiting"), RemoteStatus::Queued),
        (json!("generating"), RemoteStatus::Generating),
        (json!("active"), RemoteStatus::Generating),
        (json!("processing"), RemoteStatus::Generating),
        (json!("completed"), RemoteStatus::Completed),
        (json!("complete"), RemoteStatus::Completed),
        (json!("succeeded"), RemoteStatus::Completed),
        (json!("error"), RemoteStatus::Failed),
        (json!("failed"), RemoteStatus::Failed),
        (json!("success"), RemoteStatus::Unknown("success".into())),
        (json!(""), RemoteStatus::Unknown(String::new())),
        (json!(null), RemoteStatus::Missing),
        (json!(1), RemoteStatus::Missing),
    ] {
        assert_eq!(report(&json!({"status": status})).status, expected);
    }
}

#[test]
fn the_id_the_file_and_the_charge_are_read_from_a_body() {
    let body = json!({"id": "a:b/c", "status": "completed", "error": null,
        "audio_file": {"url": URL, "content_type": "application/octet-stream", "file_name": "x.wav", "file_size": 5_292_078},
        "meta": {"usage": {"credits_used": 25200, "usd_spent": 0.0126}}});
    let read = report(&body);
    let audio = read.audio.unwrap();
    assert_eq!((read.id.as_deref(), audio.url.as_str(), audio.file_size), (Some("a:b/c"), URL, Some(5_292_078.0)));
    assert_eq!(
        (audio.content_type.as_deref(), audio.file_name.as_deref()),
        (Some("application/octet-stream"), Some("x.wav"))
    );
    assert_eq!((read.credits_used, read.usd_spent), (Some(25200.0), Some(0.0126)));
    let bare = report(&json!({"generation_id": "g", "audio_file": null, "meta": null}));
    assert_eq!((bare.id.as_deref(), bare.audio, bare.credits_used), (Some("g"), None, None));
    assert_eq!(report(&json!({"id": "", "generation_id": "g"})).id.as_deref(), Some("g"));
    assert_eq!(report(&json!({"meta": {"usage": {"credits_used": -1, "usd_spent": "1"}}})).credits_used, None);
}

#[test]
fn the_keys_of_a_call_are_redacted_from_messages() {
    let key = [api_key("sk-an-older-key"), api_key(KEY)];
    let redactor = Redactor { keys: &key };
    let words = format!("the key {KEY}{KEY} is not valid, sk-an-older-key was replaced");
    let read = ErrorBody::read(&Some(&json!({"message": words, "requestId": "r-1"})), redactor);
    assert_eq!(read.message, "the key [key][key] is not valid, [key] was replaced");
    let body = json!({"status": KEY, "error": words, "audio_file": {"url": URL}});
    let shown = format!("{:?}", StatusBody::read(&Some(&body), redactor));
    assert!(!shown.contains(KEY) && !shown.contains("older"), "{shown}");
}

#[test]
fn labels_are_kept_unchanged_or_dropped_if_they_contain_a_key() {
    let redactor = Redactor { keys: &[api_key(KEY)] };
    let body = json!({"id": "audio-1", "status": "completed",
        "audio_file": {"url": "https://cdn/audio", "content_type": "audio/wav", "file_name": "audio.wav"}});
    let read = StatusBody::read(&Some(&body), redactor);
    let audio = read.audio.unwrap();
    assert_eq!((read.id.as_deref(), audio.url.as_str()), (Some("audio-1"), "https://cdn/audio"));
    assert_eq!((audio.content_type.as_deref(), audio.file_name.as_deref()), (Some("audio/wav"), Some("audio.wav")));
    let read = ErrorBody::read(&Some(&json!({"requestId": "audio-4f31"})), redactor);
    assert_eq!(read.request_id.as_deref(), Some("audio-4f31"));
    let name = format!("r-{KEY}");
    assert_eq!(ErrorBody::read(&Some(&json!({"requestId": name})), redactor).request_id, None);
    let body = json!({"audio_file": {"url": "https://cdn/audio", "content_type": name, "file_name": name}});
    let audio = StatusBody::read(&Some(&body), redactor).audio.unwrap();
    assert_eq!((audio.content_type, audio.file_name), (None, None));
}

#[test]
fn a_body_of_a_megabyte_is_read_quickly_and_its_messages_are_short() {
    let key = ["a".repeat(20_000).as_str(), "!"].concat();
    let long = "a".repeat(1 << 20);
    let redactor = Redactor { keys: &[api_key(&key)] };
    let body = json!({"message": [long, long, long], "errors": [long], "requestId": long});
    let read = ErrorBody::read(&Some(&body), redactor);
    assert!(read.message.chars().count() <= 401 && read.request_id.unwrap().chars().count() <= 401);
    let body = json!({"id": long, "generation_id": "g", "status": long, "error": long,
        "audio_file": {"url": format!("https://cdn/{long}"), "file_name": long}});
    let read = StatusBody::read(&Some(&body), redactor);
    assert_eq!((read.id.as_deref(), read.audio), (Some("g"), None));
    assert!(read.error.unwrap().chars().count() <= 401);
    assert!(matches!(read.status, RemoteStatus::Unknown(word) if word.chars().count() <= 401));
}

#[test]
fn redaction_does_not_lengthen_a_message() {
    let redactor = Redactor { keys: &[api_key("q")] };
    let read = |words: String| ErrorBody::read(&Some(&json!({"message": words})), redactor).message;
    for before in 395..=400 {
        let words = read(["x".repeat(before).as_str(), "q", &"y".repeat(400)].concat());
        assert!(words.chars().count() <= 401 && !words.contains('q'), "{words}");
        assert_eq!(words.contains("[key]"), before == 395, "{words}");
    }
    assert_eq!(read("q".repeat(1_000)).chars().count(), 401);
}

#[test]
fn ids_may_be_numbers_and_statuses_may_vary_in_case_and_space() {
    for (id, read) in [
        (json!(12345), Some("12345")),
        (json!(0), Some("0")),
        // JavaScript cannot distinguish it from the next integers.
        (json!(9_007_199_254_740_993_u64), None),
        (json!(-1), None),
        (json!("\u{feff} "), None),
        (json!(true), None),
    ] {
        assert_eq!(report(&json!({"id": id})).id.as_deref(), read, "{id}");
    }
    for (status, expected) in [
        ("COMPLETED", RemoteStatus::Completed),
        ("completed ", RemoteStatus::Completed),
        ("\nQueued", RemoteStatus::Queued),
        ("Processing", RemoteStatus::Generating),
        ("FAILED", RemoteStatus::Failed),
        ("Done ", RemoteStatus::Unknown("Done ".into())),
    ] {
        assert_eq!(report(&json!({"status": status})).status, expected);
    }
}

#[test]
fn urls_are_normalised_as_a_browser_would() {
    for (file, url) in [
        (json!("https://cdn/x.wav"), Some("https://cdn/x.wav")),
        (json!({"url": "\n https://cdn/x y.wav \r\n"}), Some("https://cdn/x%20y.wav")),
        (json!({"url": "https://cdn/x\n\ty.wav"}), Some("https://cdn/xy.wav")),
        (json!({"url": "https://cdn/x\u{0}.wav"}), None),
        (json!({"url": " "}), None),
        (json!({"url": "java\nscript:alert(1)"}), None),
        (json!(["https://cdn/x.wav"]), None),
    ] {
        let read = report(&json!({"audio_file": file})).audio.map(|audio| audio.url);
        assert_eq!(read.as_deref(), url, "{file}");
    }
}

#[test]
fn validation_errors_list_every_broken_rule() {
    for (body, words) in [
        (json!({"errors": [{"message": "steps is too big"}]}), "steps is too big"),
        (json!({"errors": {"steps": ["too big", "not whole"]}}), "too big; not whole"),
        (
            json!({"message": [{"property": "steps", "constraints": {"max": "at most 1000", "isInt": "whole"}}]}),
            "whole; at most 1000",
        ),
    ] {
        let read = error_body(&body).message;
        let (mut found, mut wanted): (Vec<_>, Vec<_>) = (read.split("; ").collect(), words.split("; ").collect());
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{body}");
    }
}

#[test]
fn the_http_status_of_a_mock_is_read_in_every_form() {
    for (response, status) in [
        (json!({"status": 201}), 201),
        (json!({"status": "201"}), 201),
        (json!({"ok": true}), 200),
        (json!({"ok": true, "status": null}), 200),
        (json!({"ok": false}), 0),
        (json!({"ok": true, "status": 500}), 500),
        (json!({"status": 1e9}), 0),
        (json!({"status": "soon"}), 0),
        (json!({}), 0),
    ] {
        assert_eq!(read_status(&Some(&response)), status, "{response}");
    }
}

#[test]
fn a_cut_message_never_contains_part_of_a_key() {
    let words = ["x".repeat(395).as_str(), KEY].concat();
    let read = ErrorBody::read(&Some(&json!({"message": words})), Redactor { keys: &[api_key(KEY)] });
    assert!(!read.message.contains(&KEY[..3]), "{}", read.message);
}

#[test]
fn retry_after_is_read_as_seconds_or_as_a_date() {
    let wait = |text: &str, date: f64| RetryAfter { text: text.into(), date }.wait(1_000_000);
    for (text, date, millis) in [
        ("0", f64::NAN, Some(0)),
        ("7", f64::NAN, Some(7_000)),
        (" 120 ", f64::NAN, Some(120_000)),
        ("3600", f64::NAN, Some(3_600_000)),
        ("999999", f64::NAN, Some(3_600_000)),
        ("99999999999999999999999999", f64::NAN, Some(3_600_000)),
        ("", f64::NAN, None),
        ("  ", f64::NAN, None),
        ("soon", f64::NAN, None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 1_005_000.0, Some(5_000)),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 5_000.0, Some(0)),
        ("Wed, 21 Oct 2099 07:28:00 GMT", 1e15, Some(3_600_000)),
        ("x", f64::INFINITY, None),
    ] {
        assert_eq!(wait(text, date), millis, "{text:?}");
    }
}

pub(crate) fn any_body() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u32>().prop_map(Value::from),
        ".{0,16}".prop_map(Value::from),
        prop::sample::select(vec![
            "queued",
            "generating",
            "completed",
            "failed",
            "odd",
            KEY,
            URL,
            "javascript:alert(1)",
            "HTTPS://X/",
            "http:/x",
            "out of credits",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 10, |inner| {
        let names = prop::sample::select(vec![
            "id",
            "generation_id",
            "status",
            "audio_file",
            "url",
            "content_type",
            "file_name",
            "file_size",
            "error",
            "message",
            "detail",
            "msg",
            "name",
            "title",
            "meta",
            "usage",
            "credits_used",
            "requestId",
            "data",
            "kind",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..12).prop_map(|fields| Value::Object(
                fields.into_iter().map(|(name, value)| (name.into(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn no_body_yields_a_url_that_is_not_http_or_a_key(body in any_body()) {
        let redactor = Redactor { keys: &[api_key(KEY)] };
        let report = StatusBody::read(&Some(&body), redactor);
        if let Some(audio) = &report.audio {
            prop_assert!(is_web_url(&audio.url));
            let scheme = audio.url.split("://").next().unwrap().to_lowercase();
            prop_assert!(scheme == "http" || scheme == "https");
        }
        prop_assert!(!report.error.unwrap_or_default().contains(KEY));
        let error_body = ErrorBody::read(&Some(&body), redactor);
        prop_assert!(!error_body.message.contains(KEY));
    }

    #[test]
    fn no_retry_after_asks_for_more_than_an_hour(text in ".{0,30}|[0-9]{1,40}", date in any::<f64>(), wall in any::<u64>()) {
        let wait = RetryAfter { text, date }.wait(wall);
        prop_assert!(wait.is_none_or(|wait| wait <= 3_600_000));
    }
}

#[test]
fn a_reply_is_cacheable_only_if_its_headers_allow_it() {
    for (headers, cacheable) in [
        (vec![], false),
        (vec![("cache-control", "no-store")], false),
        (vec![("cache-control", "private, no-cache")], false),
        (vec![("cache-control", "public, max-age=0")], false),
        (vec![("cache-control", "no-store"), ("last-modified", "Sun, 22 Nov 2026 15:00:00 GMT")], false),
        (vec![("cache-control", "max-age=5")], true),
        (vec![("cache-control", "public")], true),
        (vec![("expires", "Sun, 22 Nov 2026 15:00:00 GMT")], true),
        (vec![("last-modified", "Sun, 22 Nov 2026 15:00:00 GMT")], true),
    ] {
        let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into());
        assert_eq!(is_cacheable(200, &header), cacheable, "{headers:?}");
        assert!(is_cacheable(410, &header), "a cache keeps it whatever its headers say");
    }
}
