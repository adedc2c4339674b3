//! What a caller passes: options, requests, keys.

use std::cell::Cell;

use arbitrary::{Arbitrary, Unstructured};
use protocol::{
    ApiKey, AudioRequest, CallOptions, ClientOptions, Error, KeySource, MAX_SECONDS, MAX_STEPS, PollInterval, Untrusted,
};

use crate::calls::GOALS;
use crate::checks;
use crate::foreign::{Foreign, ForeignView};
use crate::shapes;

pub(crate) fn run(input: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(input) {
        return read(&Some(&value));
    }
    let mut input = Unstructured::new(input);
    let Ok(value) = options_value(&mut input).or_else(|_| Foreign::arbitrary(&mut input)) else { return };
    read(&ForeignView::new(&value));
    read(&ForeignView::with_changing_getters(&value, &Cell::new(0)));
}

fn options_value(input: &mut Unstructured<'_>) -> arbitrary::Result<Foreign> {
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
            Err(error) => rejected(&error, value),
        }
    }
    for (goal, merged) in GOALS.into_iter().flat_map(|goal| [(goal, false), (goal, true)]) {
        match CallOptions::read(value, goal, merged) {
            Ok(options) => {
                assert!(options.timeout > 0);
                assert!(!matches!(options.poll_interval, PollInterval::Fixed(..1_000)), "polls closer than a second");
            }
            Err(error) => rejected(&error, value),
        }
    }
    match AudioRequest::read(value) {
        Ok(audio_request) => request(&audio_request),
        Err(error) => rejected(&error, value),
    }
    if let Ok(secret) = ApiKey::read(value) {
        let bearer = secret.bearer();
        assert!(bearer.strip_prefix("Bearer ").is_some_and(|key| key.bytes().all(|byte| byte.is_ascii_graphic())));
        assert!(bearer.len() > "Bearer ".len());
    }
}

fn client<V>(options: &ClientOptions<V>) {
    assert!(options.max_concurrent.is_none_or(|max| max > 0));
    if let KeySource::Static(secret) = &options.key {
        checks::without(&checks::SECRETS, &format!("{secret:?}"));
    }
}

fn request(audio_request: &AudioRequest) {
    assert!(!audio_request.prompt.is_empty());
    assert!(
        [audio_request.seconds_start, audio_request.seconds_total]
            .iter()
            .flatten()
            .all(|s| (1..=MAX_SECONDS).contains(s))
    );
    assert!((1..=MAX_STEPS).contains(&audio_request.steps()));
    let written = serde_json::to_value(audio_request).unwrap_or_default();
    assert_eq!(AudioRequest::read(&Some(&written)).as_ref(), Ok(audio_request), "a request changes when it is stored");
}

fn rejected<V: Untrusted>(error: &Error, value: &V) {
    assert_eq!(error.code(), "invalid_argument");
    // The message contains an unknown option's name, but not its value.
    let mut named = false;
    value.for_each_key(&mut |name| named |= name.contains(checks::KEY));
    if !named {
        checks::error(error, &checks::SECRETS);
    }
}
