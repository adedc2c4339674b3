//! What a caller hands over: options, requests, keys.

use std::cell::Cell;

use arbitrary::{Arbitrary, Unstructured};
use protocol::{
    ApiKey, AudioRequest, CallOptions, ClientOptions, Error, KeySource, MAX_SECONDS, MAX_STEPS, PollInterval, Untrusted,
};

use crate::calls::GOALS;
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

fn read<V: Untrusted + Clone>(value: &V) {
    for merged in [false, true] {
        match ClientOptions::read(value, merged) {
            Ok(options) => client(&options),
            Err(error) => refused(&error, value),
        }
    }
    for (goal, merged) in GOALS.into_iter().flat_map(|goal| [(goal, false), (goal, true)]) {
        match CallOptions::read(value, goal, merged) {
            Ok(options) => {
                assert!(options.timeout > 0);
                assert!(!matches!(options.poll_interval, PollInterval::Fixed(..1_000)), "polls closer than a second");
            }
            Err(error) => refused(&error, value),
        }
    }
    match AudioRequest::read(value) {
        Ok(wanted) => request(&wanted),
        Err(error) => refused(&error, value),
    }
    if let Ok(secret) = ApiKey::read(value) {
        let bearer = secret.bearer();
        assert!(bearer.strip_prefix("Bearer ").is_some_and(|key| key.bytes().all(|byte| byte.is_ascii_graphic())));
        assert!(bearer.len() > "Bearer ".len());
    }
}

fn client<V>(options: &ClientOptions<V>) {
    assert!(options.max_concurrent.is_none_or(|most| most > 0));
    if let KeySource::Static(secret) = &options.key {
        checks::without(&checks::SECRETS, &format!("{secret:?}"));
    }
}

fn request(wanted: &AudioRequest) {
    assert!(!wanted.prompt.is_empty());
    assert!([wanted.seconds_start, wanted.seconds_total].iter().flatten().all(|s| (1..=MAX_SECONDS).contains(s)));
    assert!((1..=MAX_STEPS).contains(&wanted.steps()));
    let written = serde_json::to_value(wanted).unwrap_or_default();
    assert_eq!(AudioRequest::read(&Some(&written)).as_ref(), Ok(wanted), "a request changes when it is stored");
}

fn refused<V: Untrusted>(error: &Error, value: &V) {
    assert_eq!(error.code(), "invalid_argument");
    // A name that is not known is repeated; what it names is not.
    let mut named = false;
    value.for_each_key(&mut |name| named |= name.contains(checks::KEY));
    if !named {
        checks::error(error, &checks::SECRETS);
    }
}
