//! What a caller hands over: options, requests, keys.

use std::cell::Cell;

use arbitrary::{Arbitrary, Unstructured};
use protocol::error::Error;
use protocol::json::Json;
use protocol::options::{ALL, CLIENT, CallOptions, ClientOptions, DOWNLOAD, Key, LONG, Pace, REQUEST, SUBMIT, WAIT};
use protocol::request::{AudioRequest, MAX_SECONDS, MAX_STEPS};
use protocol::secret::Secret;
use protocol::wire::CreateTask;

use crate::checks;
use crate::foreign::{Foreign, Seen};
use crate::shapes;

pub(crate) fn run(input: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(input) {
        return read(&Some(&value));
    }
    let mut input = Unstructured::new(input);
    let Ok(value) = given(&mut input).or_else(|_| Foreign::arbitrary(&mut input)) else { return };
    read(&Seen::of(&value));
    read(&Seen::shifting(&value, &Cell::new(0)));
}

fn given(input: &mut Unstructured<'_>) -> arbitrary::Result<Foreign> {
    if input.ratio(1, 3)? {
        return Foreign::arbitrary(input);
    }
    let mut value = Foreign::from(&shapes::pick(&shapes::OPTIONS, input)?);
    for _ in 0..input.int_in_range(0..=5)? {
        value.mutate(input)?;
    }
    Ok(value)
}

fn read<J: Json + Clone>(value: &J) {
    for names in [CLIENT, ALL] {
        match ClientOptions::read(value, names) {
            Ok(options) => client(&options),
            Err(error) => refused(&error, value),
        }
    }
    for names in [REQUEST, SUBMIT, DOWNLOAD, WAIT, ALL] {
        match CallOptions::read(value, names, LONG) {
            Ok(options) => {
                assert!(options.timeout > 0);
                assert!(!matches!(options.pace, Pace::Every(..1_000)), "polls closer than a second");
            }
            Err(error) => refused(&error, value),
        }
    }
    match AudioRequest::read(value) {
        Ok(wanted) => request(&wanted),
        Err(error) => refused(&error, value),
    }
    if let Ok(secret) = Secret::read(value) {
        let bearer = secret.bearer();
        assert!(bearer.strip_prefix("Bearer ").is_some_and(|key| key.bytes().all(|byte| byte.is_ascii_graphic())));
        assert!(bearer.len() > "Bearer ".len());
    }
}

fn client<J>(options: &ClientOptions<J>) {
    assert!(options.max_concurrent.is_none_or(|most| most > 0));
    if let Key::Static(secret) = &options.key {
        checks::without(&checks::SECRETS, &format!("{secret:?}"));
    }
}

fn request(wanted: &AudioRequest) {
    assert!(!wanted.prompt.is_empty());
    assert!([wanted.seconds_start, wanted.seconds_total].iter().flatten().all(|s| (1..=MAX_SECONDS).contains(s)));
    assert!((1..=MAX_STEPS).contains(&wanted.steps()));
    let written = serde_json::to_value(wanted).unwrap_or_default();
    assert_eq!(AudioRequest::read(&Some(&written)).as_ref(), Ok(wanted), "a request changes when it is stored");
    let sent = serde_json::to_value(CreateTask::new(wanted)).unwrap_or_default();
    assert_eq!(sent.get("prompt").and_then(serde_json::Value::as_str), Some(wanted.prompt.as_str()));
}

fn refused<J: Json>(error: &Error, value: &J) {
    assert_eq!(error.code(), "invalid_argument");
    // A name that is not known is repeated; what it names is not.
    let mut named = false;
    value.each_name(&mut |name| named |= name.contains(checks::KEY));
    if !named {
        checks::error(error, &checks::SECRETS);
    }
}
