use protocol::options::{
    ALL, CLIENT, CallOptions, ClientOptions, DOWNLOAD, Key, LONG, Pace, REQUEST, SERVICE, SHORT, WAIT,
};
use serde_json::json;

use crate::foreign::Js;

fn object(name: &'static str, value: Js) -> Js {
    Js::Object(vec![(name, value)])
}

fn signal() -> Js {
    object("addEventListener", Js::Function)
}

fn client(name: &'static str, value: Js) -> Result<ClientOptions<Js>, String> {
    ClientOptions::read(&object(name, value), CLIENT).map_err(|error| error.message())
}

fn call(name: &'static str, value: Js) -> Result<CallOptions<Js>, String> {
    CallOptions::read(&object(name, value), WAIT, LONG).map_err(|error| error.message())
}

#[test]
fn stand_for_the_defaults_when_they_are_left_out() {
    for none in [Js::Undefined, Js::Plain(json!(null)), Js::Plain(json!({}))] {
        let read = ClientOptions::read(&none, CLIENT).unwrap();
        assert!(matches!(read.key, Key::None) && read.fetch.is_none() && read.max_concurrent.is_none());
        assert_eq!(read.base_url, SERVICE);
        let read = CallOptions::read(&none, REQUEST, SHORT).unwrap();
        assert_eq!((read.timeout, read.pace), (30_000, Pace::Adaptive));
        assert!(read.signal.is_none() && read.on_submitted.is_none() && read.on_status.is_none());
    }
}

#[test]
fn are_refused_when_they_are_no_object() {
    for wrong in [Js::Text("key"), Js::Number(3.0), Js::Function, Js::Plain(json!([]))] {
        assert!(ClientOptions::read(&wrong, CLIENT).is_err());
        assert!(CallOptions::read(&wrong, WAIT, LONG).is_err());
    }
}

#[test]
fn take_a_key_that_can_travel_in_a_header_or_a_function() {
    assert!(matches!(client("apiKey", Js::Text("sk-1")).unwrap().key, Key::Static(_)));
    assert!(matches!(client("apiKey", Js::Function).unwrap().key, Key::Function(_)));
    for wrong in [
        Js::Text(""),
        Js::Text("sk secret-secret"),
        Js::Text("sk-secret-secret\n"),
        Js::Text("sk-secret-secret-é"),
        Js::Lone,
        Js::Number(1.0),
        Js::Plain(json!({})),
    ] {
        let message = client("apiKey", wrong).unwrap_err();
        assert!(message.contains("apiKey") && !message.contains("secret"), "{message}");
    }
}

#[test]
fn take_a_whole_number_of_places_or_infinity() {
    assert_eq!(client("maxConcurrent", Js::Number(1.0)).unwrap().max_concurrent, Some(1));
    assert_eq!(client("maxConcurrent", Js::Number(4_294_967_296.0)).unwrap().max_concurrent, Some(u32::MAX));
    assert_eq!(client("maxConcurrent", Js::Number(f64::INFINITY)).unwrap().max_concurrent, None);
    for wrong in [Js::Number(0.0), Js::Number(-1.0), Js::Number(1.5), Js::Number(f64::NAN), Js::Text("3")] {
        assert!(client("maxConcurrent", wrong).unwrap_err().contains("maxConcurrent"));
    }
}

#[test]
fn take_functions_where_functions_are_expected() {
    assert!(client("fetch", Js::Function).unwrap().fetch.is_some());
    assert!(client("fetch", Js::Text("fetch")).is_err());
    for name in ["onSubmitting", "onSubmitted", "onStatus"] {
        assert!(call(name, Js::Function).is_ok());
        assert!(call(name, Js::Undefined).is_ok());
        assert!(call(name, Js::Object(vec![])).unwrap_err().contains(name));
    }
    let read = CallOptions::read(&object("onProgress", Js::Function), DOWNLOAD, LONG).unwrap();
    assert!(read.on_progress.is_some());
}

#[test]
fn take_a_timeout_above_zero() {
    for (given, millis) in [(1.0, 1), (0.2, 1), (1500.9, 1500), (1e300, u64::MAX), (f64::INFINITY, u64::MAX)] {
        assert_eq!(call("timeoutMs", Js::Number(given)).unwrap().timeout, millis);
    }
    for wrong in
        [Js::Number(0.0), Js::Number(-0.0), Js::Number(-5.0), Js::Number(f64::NAN), Js::Text("60"), Js::Function]
    {
        assert!(call("timeoutMs", wrong).unwrap_err().contains("timeoutMs"));
    }
}

#[test]
fn take_an_interval_from_a_second() {
    assert_eq!(call("pollIntervalMs", Js::Text("adaptive")).unwrap().pace, Pace::Adaptive);
    assert_eq!(call("pollIntervalMs", Js::Number(1000.0)).unwrap().pace, Pace::Every(1_000));
    assert_eq!(call("pollIntervalMs", Js::Number(10_000.5)).unwrap().pace, Pace::Every(10_000));
    for wrong in [
        Js::Number(999.9),
        Js::Number(0.0),
        Js::Number(f64::NAN),
        Js::Number(f64::INFINITY),
        Js::Text("fast"),
        Js::Lone,
        Js::Function,
    ] {
        assert!(call("pollIntervalMs", wrong).unwrap_err().contains("pollIntervalMs"));
    }
}

#[test]
fn take_anything_that_behaves_like_a_signal() {
    assert!(call("signal", signal()).unwrap().signal.is_some());
    for wrong in [Js::Object(vec![]), Js::Function, Js::Text("s"), Js::Plain(json!(true))] {
        assert!(call("signal", wrong).unwrap_err().contains("signal"));
    }
}

#[test]
fn take_an_address_as_text() {
    assert_eq!(client("baseUrl", Js::Text("/api")).unwrap().base_url, "/api");
    for wrong in [Js::Number(1.0), Js::Lone, Js::Function, Js::Object(vec![])] {
        assert!(client("baseUrl", wrong).unwrap_err().contains("baseUrl"));
    }
}

#[test]
fn name_the_nearest_when_a_name_is_not_known() {
    for (names, wrong, nearest) in [
        (CLIENT, "api_key", "apiKey"),
        (CLIENT, "apikey", "apiKey"),
        (CLIENT, "baseURL", "baseUrl"),
        (CLIENT, "maxConcurrency", "maxConcurrent"),
        (WAIT, "timeout", "timeoutMs"),
        (WAIT, "pollInterval", "pollIntervalMs"),
        (WAIT, "onSubmit", "onSubmitted"),
        (REQUEST, "Signal", "signal"),
        (DOWNLOAD, "onprogress", "onProgress"),
        (ALL, "poll_interval_ms", "pollIntervalMs"),
    ] {
        let error = CallOptions::read(&object(wrong, Js::Undefined), names, LONG).unwrap_err();
        let message = error.message();
        assert!(message.contains(&format!("`{wrong}`")), "{message}");
        assert!(message.contains(&format!("nearest is `{nearest}`")), "{message}");
    }
}

#[test]
fn do_not_belong_to_every_call() {
    for name in ["onStatus", "pollIntervalMs", "onProgress"] {
        assert!(CallOptions::read(&object(name, Js::Undefined), REQUEST, LONG).is_err());
    }
}

#[test]
fn repeat_no_name_that_could_be_a_key_or_a_prompt() {
    for name in ["sk-1234567890", "0123456789abcdef0123456789abcdef", "nine whales, slowly"] {
        let message = CallOptions::read(&object(name, Js::Undefined), WAIT, LONG).unwrap_err().message();
        assert!(!message.contains(name) && message.contains("is not a known name"), "{message}");
    }
}

#[test]
fn stream_submits_where_they_say_so_and_have_no_fetch_of_their_own() {
    let read = |options| ClientOptions::read(&options, CLIENT).map(|options| options.stream_submit);
    for (options, streams) in [
        (Js::Plain(json!({})), false),
        (Js::Plain(json!({"streamSubmit": null})), false),
        (Js::Plain(json!({"streamSubmit": false})), false),
        (Js::Plain(json!({"streamSubmit": true})), true),
        (Js::Object(vec![("streamSubmit", Js::Plain(json!(true))), ("fetch", Js::Function)]), false),
    ] {
        assert_eq!(read(options).unwrap(), streams);
    }
    for wrong in [Js::Text("true"), Js::Number(1.0), Js::Function, Js::Plain(json!({}))] {
        let message = client("streamSubmit", wrong).unwrap_err();
        assert!(message.contains("`streamSubmit`") && message.contains("expected a boolean"), "{message}");
    }
}
