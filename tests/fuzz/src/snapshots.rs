//! Snapshots that were stored by this or another version, and perhaps edited by hand.

use std::cell::Cell;

use arbitrary::{Arbitrary, Unstructured};
use protocol::{Generation, Now, Untrusted, is_web_url, read_audio_source};
use serde_json::Value;

use crate::checks;
use crate::foreign::{Foreign, ForeignView};
use crate::shapes;

const NOW: Now = Now { wall: 1_795_000_000_000, monotonic: 5_000 };

/// JSON text is read as such; any other input makes a value that JSON cannot express, or a changed snapshot.
pub(crate) fn run(input: &[u8]) {
    if let Ok(value) = serde_json::from_slice::<Value>(input) {
        return read(&Some(&value));
    }
    let mut input = Unstructured::new(input);
    let Ok(value) = tampered(&mut input).or_else(|_| Foreign::arbitrary(&mut input)) else { return };
    read(&ForeignView::new(&value));
    read(&ForeignView::with_changing_getters(&value, &Cell::new(0)));
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
            let written = checks::to_json(&generation);
            let again = Generation::read(&Some(&written), NOW).map(|again| checks::to_json(&again));
            assert_eq!(again.as_ref(), Ok(&written), "reading and writing change the snapshot each time");
        }
        Err(error) => {
            assert_eq!(error.code(), "invalid_argument");
            checks::error(&error, &checks::SECRETS);
        }
    }
    match read_audio_source(value) {
        Ok(source) => {
            checks::is_playable(&source.url);
            assert!(is_web_url(&source.url));
        }
        Err(error) => checks::error(&error, &checks::SECRETS),
    }
}
