use proptest::prelude::*;
use protocol::{AudioRequest, Call, Goal, MAX_SECONDS, MAX_STEPS, PollInterval, Subject};
use serde_json::{Value, json};

use crate::driver::{TestDriver, endpoint};
use crate::foreign::Js;

fn read(value: &Value) -> Result<AudioRequest, String> {
    AudioRequest::read(&Some(value)).map_err(|error| error.message())
}

fn rejection(value: &Js) -> String {
    let error = AudioRequest::read(value).unwrap_err();
    assert_eq!((error.code(), error.retryable), ("invalid_argument", false));
    error.message()
}

#[test]
fn a_request_is_a_prompt_or_an_object() {
    assert_eq!(read(&json!("rain")), read(&json!({"prompt": "rain"})));
    let all = read(&json!({"prompt": " rain ", "secondsStart": 1, "secondsTotal": 47, "steps": 1000})).unwrap();
    assert_eq!(
        (all.prompt.as_str(), all.seconds_start, all.seconds_total, all.steps),
        (" rain ", Some(1), Some(47), Some(1000))
    );
    let none = read(&json!({"prompt": "rain", "secondsStart": null, "steps": null})).unwrap();
    assert_eq!((none.seconds_start, none.steps, none.steps()), (None, None, 100));
}

#[test]
fn a_prompt_is_blank_by_javascripts_definition() {
    // `String.prototype.trim` leaves the next-line character.
    assert!(read(&json!("\u{85}")).is_ok());
    assert!(read(&json!("\u{180e}")).is_ok());
}

#[test]
fn the_submit_body_uses_the_services_names_and_omits_absent_fields() {
    let wire = |value: Value| -> Value {
        let subject = Subject::submit(read(&value).unwrap(), None);
        let call = Call::new(Goal::Submit, endpoint(), subject, 600_000, PollInterval::Adaptive);
        let driver = TestDriver::begin(call);
        serde_json::from_str(&driver.request.unwrap().body.unwrap()).unwrap()
    };
    assert_eq!(wire(json!("rain")), json!({"model": "stable-audio", "prompt": "rain"}));
    assert_eq!(
        wire(json!({"prompt": "rain", "secondsStart": 2, "secondsTotal": 3, "steps": 4})),
        json!({"model": "stable-audio", "prompt": "rain", "seconds_start": 2, "seconds_total": 3, "steps": 4})
    );
}

#[test]
fn a_prompt_must_be_a_well_formed_string_that_is_not_blank() {
    for (value, word) in [
        (Js::Text(""), "blank"),
        (Js::Text(" \n\t\u{a0}\u{3000}"), "blank"),
        (Js::Text("\u{feff}"), "blank"),
        (Js::Lone, "lone surrogate"),
        (Js::Undefined, "missing"),
        (Js::Number(f64::NAN), "NaN"),
        (Js::Function, "function"),
        (Js::Symbol, "cannot be read"),
        (Js::Plain(json!(["a"])), "array"),
        (Js::Plain(json!(null)), "null"),
        (Js::Plain(json!(true)), "boolean"),
    ] {
        assert!(rejection(&value).contains(word), "{value:?}: {}", rejection(&value));
        let inside = Js::Object(vec![("prompt", value)]);
        assert!(rejection(&inside).contains(word), "{inside:?}");
    }
    assert!(rejection(&Js::Plain(json!({}))).contains("`prompt` is missing"));
}

#[test]
fn numbers_of_a_request_must_be_integers_within_bounds() {
    for name in ["secondsStart", "secondsTotal", "steps"] {
        for value in [
            Js::Number(0.0),
            Js::Number(-0.0),
            Js::Number(-1.0),
            Js::Number(1.5),
            Js::Number(f64::NAN),
            Js::Number(f64::INFINITY),
            Js::Number(f64::NEG_INFINITY),
            Js::Number(1e300),
            Js::Number(4_294_967_297.0),
            Js::Text("5"),
            Js::Function,
            Js::Symbol,
            Js::Plain(json!(true)),
            Js::Plain(json!([5])),
        ] {
            let message = rejection(&Js::Object(vec![("prompt", Js::Text("rain")), (name, value.clone())]));
            assert!(message.contains(name) && message.contains("whole number from 1 to"), "{value:?}: {message}");
        }
    }
    assert!(read(&json!({"prompt": "a", "secondsTotal": 48})).unwrap_err().contains("48"));
    assert!(read(&json!({"prompt": "a", "steps": 1001})).unwrap_err().contains("1001"));
}

#[test]
fn an_unknown_field_of_a_request_is_reported_with_the_nearest_known_name() {
    for (wrong, nearest) in [
        ("seconds_total", "secondsTotal"),
        ("secondstart", "secondsStart"),
        ("step", "steps"),
        ("text", "prompt"),
        ("Prompt", "prompt"),
        ("duration_steps", "steps"),
    ] {
        let mut request = json!({"prompt": "rain"});
        request[wrong] = json!(1);
        let message = read(&request).unwrap_err();
        assert!(message.contains(wrong), "{message}");
        if wrong != "text" && wrong != "duration_steps" {
            assert!(message.contains(&format!("nearest is `{nearest}`")), "{message}");
        }
    }
}

#[test]
fn a_misplaced_string_is_not_repeated_in_the_message() {
    let message = read(&json!({"prompt": "rain", "steps": "sk-secret-secret"})).unwrap_err();
    assert!(!message.contains("sk-secret") && message.contains("is a string"), "{message}");
}

proptest! {
    #[test]
    fn exactly_the_integers_within_the_bounds_are_admitted(number in prop_oneof![
        -5.0..1100.0_f64,
        any::<f64>(),
        (-5..1100_i32).prop_map(f64::from),
    ]) {
        for (name, most) in [("secondsStart", MAX_SECONDS), ("secondsTotal", MAX_SECONDS), ("steps", MAX_STEPS)] {
            let request = Js::Object(vec![("prompt", Js::Text("rain")), (name, Js::Number(number))]);
            let wanted = number.fract() == 0.0 && (1.0..=f64::from(most)).contains(&number);
            prop_assert_eq!(AudioRequest::read(&request).is_ok(), wanted, "{} {}", name, number);
        }
    }

    #[test]
    fn exactly_the_prompts_that_are_not_blank_are_admitted(prompt in any::<String>()) {
        prop_assert_eq!(read(&json!(prompt)).is_ok(), prompt.chars().any(|letter| !letter.is_whitespace()));
    }
}
