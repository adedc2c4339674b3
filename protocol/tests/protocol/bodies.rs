use proptest::prelude::*;
use protocol::generation::is_web_url;
use protocol::reply::{Complaint, Report, RetryAfter, Word, may_be_cached, read_status};
use protocol::secret::Redactor;
use serde_json::{Value, json};

use crate::stand::{KEY, URL, secret};

fn complaint(body: &Value) -> Complaint {
    Complaint::read(&Some(body), Redactor::default())
}

fn report(body: &Value) -> Report {
    Report::read(&Some(body), Redactor::default())
}

#[test]
fn of_both_error_generations_are_understood() {
    let first = json!({"requestId": "r-1", "statusCode": 401, "timestamp": "t", "path": "/v2", "message": "This request requires a valid API key. Get one"});
    let read = complaint(&first);
    assert_eq!(
        (read.words.as_str(), read.request_id.as_deref()),
        ("This request requires a valid API key. Get one", Some("r-1"))
    );
    assert!(!read.out_of_credits);
    let second = json!({"title": "Forbidden", "status": 403, "message": "You've run out of credits. Top up", "instance": "i",
        "error": {"name": "ForbiddenException", "message": "m", "data": {"kind": "err_insufficent_credits"}}});
    let read = complaint(&second);
    assert!(read.out_of_credits);
    assert_eq!(read.words, "You've run out of credits. Top up");
}

#[test]
fn say_in_many_ways_that_the_credits_are_used_up() {
    for body in [
        json!({"message": "You've run out of credits."}),
        json!({"message": "YOU ARE OUT OF FUNDS"}),
        json!({"message": "no", "error": {"data": {"kind": "err_insufficient_credits"}}}),
        json!({"message": "Forbidden", "error": {"message": "You've run out of credits."}}),
        json!("out of credits"),
    ] {
        assert!(complaint(&body).out_of_credits, "{body}");
    }
    for body in
        [json!({"message": "no credit for you"}), json!({"error": {"data": {"kind": "err_scope"}}}), json!(null)]
    {
        assert!(!complaint(&body).out_of_credits, "{body}");
    }
}

#[test]
fn give_their_words_in_every_shape_of_an_error() {
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
            assert_eq!(complaint(&error).words, words.unwrap_or_default(), "{error}");
        }
    }
}

#[test]
fn are_cut_to_a_readable_length() {
    let words = report(&json!({"error": "é".repeat(100_000)})).error.unwrap();
    assert_eq!(words.chars().count(), 401);
    let Word::Unknown(word) = report(&json!({"status": "x".repeat(100_000)})).word else { panic!() };
    assert_eq!(word.chars().count(), 401);
    let name = complaint(&json!({"requestId": "x".repeat(100_000)})).request_id.unwrap();
    assert_eq!(name.chars().count(), 401);
}

#[test]
fn give_their_words_on_one_line() {
    assert_eq!(complaint(&json!({"message": "one\r\ntwo\u{7}"})).words, "one  two ");
}

#[test]
fn lead_to_a_status_or_to_none() {
    for (status, word) in [
        (json!("queued"), Word::Queued),
        (json!("waiting"), Word::Queued),
        (json!("generating"), Word::Generating),
        (json!("active"), Word::Generating),
        (json!("processing"), Word::Generating),
        (json!("completed"), Word::Completed),
        (json!("complete"), Word::Completed),
        (json!("succeeded"), Word::Completed),
        (json!("error"), Word::Failed),
        (json!("failed"), Word::Failed),
        (json!("success"), Word::Unknown("success".into())),
        (json!(""), Word::Unknown(String::new())),
        (json!(null), Word::Missing),
        (json!(1), Word::Missing),
    ] {
        assert_eq!(report(&json!({"status": status})).word, word);
    }
}

#[test]
fn give_the_id_the_file_and_the_charge() {
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
fn do_not_repeat_the_keys_of_a_call_in_their_messages() {
    let key = [secret("sk-an-older-key"), secret(KEY)];
    let redactor = Redactor { keys: &key };
    let words = format!("the key {KEY}{KEY} is not valid, sk-an-older-key was replaced");
    let read = Complaint::read(&Some(&json!({"message": words, "requestId": "r-1"})), redactor);
    assert_eq!(read.words, "the key [key][key] is not valid, [key] was replaced");
    let body = json!({"status": KEY, "error": words, "audio_file": {"url": URL}});
    let shown = format!("{:?}", Report::read(&Some(&body), redactor));
    assert!(!shown.contains(KEY) && !shown.contains("older"), "{shown}");
}

#[test]
fn keep_ids_names_and_types_as_they_are_or_leave_them_out_where_they_hold_a_key() {
    let redactor = Redactor { keys: &[secret(KEY)] };
    let body = json!({"id": "audio-1", "status": "completed",
        "audio_file": {"url": "https://cdn/audio", "content_type": "audio/wav", "file_name": "audio.wav"}});
    let read = Report::read(&Some(&body), redactor);
    let audio = read.audio.unwrap();
    assert_eq!((read.id.as_deref(), audio.url.as_str()), (Some("audio-1"), "https://cdn/audio"));
    assert_eq!((audio.content_type.as_deref(), audio.file_name.as_deref()), (Some("audio/wav"), Some("audio.wav")));
    let read = Complaint::read(&Some(&json!({"requestId": "audio-4f31"})), redactor);
    assert_eq!(read.request_id.as_deref(), Some("audio-4f31"));
    let name = format!("r-{KEY}");
    assert_eq!(Complaint::read(&Some(&json!({"requestId": name})), redactor).request_id, None);
    let body = json!({"audio_file": {"url": "https://cdn/audio", "content_type": name, "file_name": name}});
    let audio = Report::read(&Some(&body), redactor).audio.unwrap();
    assert_eq!((audio.content_type, audio.file_name), (None, None));
}

#[test]
fn of_a_megabyte_are_read_in_no_time_and_kept_short() {
    let key = ["a".repeat(20_000).as_str(), "!"].concat();
    let long = "a".repeat(1 << 20);
    let redactor = Redactor { keys: &[secret(&key)] };
    let body = json!({"message": [long, long, long], "errors": [long], "requestId": long});
    let read = Complaint::read(&Some(&body), redactor);
    assert!(read.words.chars().count() <= 401 && read.request_id.unwrap().chars().count() <= 401);
    let body = json!({"id": long, "generation_id": "g", "status": long, "error": long,
        "audio_file": {"url": format!("https://cdn/{long}"), "file_name": long}});
    let read = Report::read(&Some(&body), redactor);
    assert_eq!((read.id.as_deref(), read.audio), (Some("g"), None));
    assert!(read.error.unwrap().chars().count() <= 401);
    assert!(matches!(read.word, Word::Unknown(word) if word.chars().count() <= 401));
}

#[test]
fn are_no_longer_for_the_keys_that_were_taken_out() {
    let redactor = Redactor { keys: &[secret("q")] };
    let read = |words: String| Complaint::read(&Some(&json!({"message": words})), redactor).words;
    for before in 395..=400 {
        let words = read(["x".repeat(before).as_str(), "q", &"y".repeat(400)].concat());
        assert!(words.chars().count() <= 401 && !words.contains('q'), "{words}");
        assert_eq!(words.contains("[key]"), before == 395, "{words}");
    }
    assert_eq!(read("q".repeat(1_000)).chars().count(), 401);
}

#[test]
fn may_number_the_generation_and_write_its_status_as_they_please() {
    for (id, read) in [
        (json!(12345), Some("12345")),
        (json!(0), Some("0")),
        // JavaScript cannot tell it from its neighbours.
        (json!(9_007_199_254_740_993_u64), None),
        (json!(-1), None),
        (json!("\u{feff} "), None),
        (json!(true), None),
    ] {
        assert_eq!(report(&json!({"id": id})).id.as_deref(), read, "{id}");
    }
    for (status, word) in [
        ("COMPLETED", Word::Completed),
        ("completed ", Word::Completed),
        ("\nQueued", Word::Queued),
        ("Processing", Word::Generating),
        ("FAILED", Word::Failed),
        ("Done ", Word::Unknown("Done ".into())),
    ] {
        assert_eq!(report(&json!({"status": status})).word, word);
    }
}

#[test]
fn may_write_the_url_as_they_please() {
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
fn of_validators_give_every_rule_that_was_broken() {
    for (body, words) in [
        (json!({"errors": [{"message": "steps is too big"}]}), "steps is too big"),
        (json!({"errors": {"steps": ["too big", "not whole"]}}), "too big; not whole"),
        (
            json!({"message": [{"property": "steps", "constraints": {"max": "at most 1000", "isInt": "whole"}}]}),
            "whole; at most 1000",
        ),
    ] {
        let read = complaint(&body).words;
        let (mut found, mut wanted): (Vec<_>, Vec<_>) = (read.split("; ").collect(), words.split("; ").collect());
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{body}");
    }
}

#[test]
fn have_a_status_in_whatever_way_a_mock_gives_it() {
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
fn do_not_repeat_half_a_key_where_they_are_cut() {
    let words = ["x".repeat(395).as_str(), KEY].concat();
    let read = Complaint::read(&Some(&json!({"message": words})), Redactor { keys: &[secret(KEY)] });
    assert!(!read.words.contains(&KEY[..3]), "{}", read.words);
}

#[test]
fn come_with_a_wait_in_seconds_or_until_a_date() {
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
    fn of_any_shape_never_give_a_url_that_is_not_http_nor_the_key(body in any_body()) {
        let redactor = Redactor { keys: &[secret(KEY)] };
        let report = Report::read(&Some(&body), redactor);
        if let Some(audio) = &report.audio {
            prop_assert!(is_web_url(&audio.url));
            let scheme = audio.url.split("://").next().unwrap().to_lowercase();
            prop_assert!(scheme == "http" || scheme == "https");
        }
        prop_assert!(!report.error.unwrap_or_default().contains(KEY));
        let complaint = Complaint::read(&Some(&body), redactor);
        prop_assert!(!complaint.words.contains(KEY));
    }

    #[test]
    fn with_any_retry_after_ask_for_an_hour_at_most(text in ".{0,30}|[0-9]{1,40}", date in any::<f64>(), wall in any::<u64>()) {
        let wait = RetryAfter { text, date }.wait(wall);
        prop_assert!(wait.is_none_or(|wait| wait <= 3_600_000));
    }
}

#[test]
fn may_be_kept_by_a_cache_only_where_their_headers_allow_it() {
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
        assert_eq!(may_be_cached(200, &header), cacheable, "{headers:?}");
        assert!(may_be_cached(410, &header), "a cache keeps it whatever its headers say");
    }
}
