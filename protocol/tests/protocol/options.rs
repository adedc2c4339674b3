use protocol::{CallOptions, ClientOptions, DEFAULT_BASE_URL, Goal, KeySource, PollInterval};
use serde_json::json;

use crate::foreign::Js;

fn object(name: &'static str, value: Js) -> Js {
    Js::Object(vec![(name, value)])
}

fn signal() -> Js {
    object("addEventListener", Js::Function)
}

fn client(name: &'static str, value: Js) -> Result<ClientOptions<Js>, String> {
    ClientOptions::read(&object(name, value), false).map_err(|error| error.message())
}

fn call(name: &'static str, value: Js) -> Result<CallOptions<Js>, String> {
    CallOptions::read(&object(name, value), Goal::Wait, false).map_err(|error| error.message())
}

#[test]
fn absent_options_mean_the_defaults() {
    for none in [Js::Undefined, Js::Plain(json!(null)), Js::Plain(json!({}))] {
        let read = ClientOptions::read(&none, false).unwrap();
        assert!(matches!(read.key, KeySource::None) && read.fetch.is_none() && read.max_concurrent.is_none());
        assert_eq!(read.base_url, DEFAULT_BASE_URL);
        let read = CallOptions::read(&none, Goal::Check, false).unwrap();
        assert_eq!((read.timeout, read.poll_interval), (30_000, PollInterval::Adaptive));
        assert!(read.signal.is_none() && read.on_submitted.is_none() && read.on_status.is_none());
    }
}

#[test]
fn options_must_be_an_object() {
    for wrong in [Js::Text("key"), Js::Number(3.0), Js::Function, Js::Plain(json!([]))] {
        assert!(ClientOptions::read(&wrong, false).is_err());
        assert!(CallOptions::read(&wrong, Goal::Wait, false).is_err());
    }
}

#[test]
fn a_key_is_visible_ascii_or_a_function() {
    assert!(matches!(client("apiKey", Js::Text("sk-1")).unwrap().key, KeySource::Static(_)));
    assert!(matches!(client("apiKey", Js::Function).unwrap().key, KeySource::Function(_)));
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
fn max_concurrent_is_a_positive_integer_or_infinity() {
    assert_eq!(client("maxConcurrent", Js::Number(1.0)).unwrap().max_concurrent, Some(1));
    assert_eq!(client("maxConcurrent", Js::Number(4_294_967_296.0)).unwrap().max_concurrent, Some(u32::MAX));
    assert_eq!(client("maxConcurrent", Js::Number(f64::INFINITY)).unwrap().max_concurrent, None);
    for wrong in [Js::Number(0.0), Js::Number(-1.0), Js::Number(1.5), Js::Number(f64::NAN), Js::Text("3")] {
        assert!(client("maxConcurrent", wrong).unwrap_err().contains("maxConcurrent"));
    }
}

#[test]
fn callbacks_and_fetch_must_be_functions() {
    assert!(client("fetch", Js::Function).unwrap().fetch.is_some());
    assert!(client("fetch", Js::Text("fetch")).is_err());
    for name in ["onSubmitting", "onSubmitted", "onStatus"] {
        assert!(call(name, Js::Function).is_ok());
        assert!(call(name, Js::Undefined).is_ok());
        assert!(call(name, Js::Object(vec![])).unwrap_err().contains(name));
    }
    let read = CallOptions::read(&object("onProgress", Js::Function), Goal::Download, false).unwrap();
    assert!(read.on_progress.is_some());
}

#[test]
fn a_timeout_is_positive_or_infinite() {
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
fn a_poll_interval_is_a_second_or_longer() {
    assert_eq!(call("pollIntervalMs", Js::Text("adaptive")).unwrap().poll_interval, PollInterval::Adaptive);
    assert_eq!(call("pollIntervalMs", Js::Number(1000.0)).unwrap().poll_interval, PollInterval::Fixed(1_000));
    assert_eq!(call("pollIntervalMs", Js::Number(10_000.5)).unwrap().poll_interval, PollInterval::Fixed(10_000));
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
fn a_signal_is_anything_that_can_be_listened_to() {
    assert!(call("signal", signal()).unwrap().signal.is_some());
    for wrong in [Js::Object(vec![]), Js::Function, Js::Text("s"), Js::Plain(json!(true))] {
        assert!(call("signal", wrong).unwrap_err().contains("signal"));
    }
}

#[test]
fn a_base_url_is_a_string() {
    assert_eq!(client("baseUrl", Js::Text("/api")).unwrap().base_url, "/api");
    for wrong in [Js::Number(1.0), Js::Lone, Js::Function, Js::Object(vec![])] {
        assert!(client("baseUrl", wrong).unwrap_err().contains("baseUrl"));
    }
}

#[test]
fn an_unknown_option_is_reported_with_the_nearest_known_name() {
    for (call, wrong, nearest) in [
        (None, "api_key", "apiKey"),
        (None, "apikey", "apiKey"),
        (None, "baseURL", "baseUrl"),
        (None, "maxConcurrency", "maxConcurrent"),
        (Some((Goal::Wait, false)), "timeout", "timeoutMs"),
        (Some((Goal::Wait, false)), "pollInterval", "pollIntervalMs"),
        (Some((Goal::Wait, false)), "onSubmit", "onSubmitted"),
        (Some((Goal::Check, false)), "Signal", "signal"),
        (Some((Goal::Download, false)), "onprogress", "onProgress"),
        (Some((Goal::Generate, true)), "poll_interval_ms", "pollIntervalMs"),
        (Some((Goal::Generate, true)), "apikey", "apiKey"),
    ] {
        let options = object(wrong, Js::Undefined);
        let error = match call {
            None => ClientOptions::read(&options, false).unwrap_err(),
            Some((goal, merged)) => CallOptions::read(&options, goal, merged).unwrap_err(),
        };
        let message = error.message();
        assert!(message.contains(&format!("`{wrong}`")), "{message}");
        assert!(message.contains(&format!("nearest is `{nearest}`")), "{message}");
    }
}

#[test]
fn options_of_other_calls_are_refused() {
    for name in ["onStatus", "pollIntervalMs", "onProgress"] {
        assert!(CallOptions::read(&object(name, Js::Undefined), Goal::Check, false).is_err());
    }
}

#[test]
fn an_option_name_that_may_be_a_key_or_prompt_is_not_repeated() {
    for name in ["sk-1234567890", "0123456789abcdef0123456789abcdef", "nine whales, slowly"] {
        let message = CallOptions::read(&object(name, Js::Undefined), Goal::Wait, false).unwrap_err().message();
        assert!(!message.contains(name) && message.contains("is not a known name"), "{message}");
    }
}

#[test]
fn stream_submit_applies_only_without_a_custom_fetch() {
    let read = |options| ClientOptions::read(&options, false).map(|options| options.stream_submit);
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
