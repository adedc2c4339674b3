//! Snapshots that were stored, by this or another version, and edited perhaps by hand.

use std::cell::Cell;

use arbitrary::{Arbitrary, Unstructured};
use protocol::{Generation, Now, Untrusted, is_web_url, read_audio_source};
use serde_json::Value;

use crate::checks;
use crate::foreign::{Foreign, Seen};
use crate::shapes;

const NOW: Now = Now { wall: 1_795_000_000_000, monotonic: 5_000 };

/// JSON text is read as such; anything else makes a value that JSON has not, or a tampered one.
pub(crate) fn run(input: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<Value>(input) {
        return read(&Some(&value));
    }
    let mut input = Unstructured::new(input);
    let Ok(value) = tampered(&mut input).or_else(|_| Foreign::arbitrary(&mut input)) else { return };
    read(&Seen::of(&value));
    read(&Seen::shifting(&value, &Cell::new(0)));
}

fn tampered(input: &mut Unstructured<'_>) -> arbitrary::Result<Foreign> {
    if input.ratio(1, 4)? {
        return Foreign::arbitrary(input);
    }
    let mut value = Foreign::from(&shapes::pick(&shapes::SNAPSHOTS, input)?);
    for _ in 0..input.int_in_range(0..=4)? {
        value.mutate(input)?;
    }
    Ok(value)
}

fn read<V: Untrusted>(value: &V) {
    match Generation::read(value, NOW) {
        Ok(generation) => {
            assert!(!checks::is_blank(&generation.id));
            checks::generation(&generation);
            let written = checks::written(&generation);
            let again = Generation::read(&Some(&written), NOW).map(|again| checks::written(&again));
            assert_eq!(again.as_ref(), Ok(&written), "reading and writing come to no rest");
        }
        Err(error) => {
            assert_eq!(error.code(), "invalid_argument");
            checks::error(&error, &checks::SECRETS);
        }
    }
    match read_audio_source(value) {
        Ok(source) => {
            checks::web(&source.url);
            assert!(is_web_url(&source.url));
        }
        Err(error) => checks::error(&error, &checks::SECRETS),
    }
}
