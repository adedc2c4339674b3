//! The `Retry-After` header, and the first bytes of a file.

use arbitrary::{Result, Unstructured};
use protocol::media::{SIGNATURE, content_type, is_whole};
use protocol::reply::RetryAfter;

const HOUR: u64 = 3_600_000;

pub(crate) fn run(input: &[u8]) {
    if let Some(media) = content_type(input) {
        assert!(media.starts_with("audio/"));
        assert_eq!(content_type(input.get(..SIGNATURE).unwrap_or(input)), Some(media), "it looks further than it says");
    }
    // What does not suffice for a header has been tried as a file.
    let _ = header(Unstructured::new(input));
}

fn header(mut input: Unstructured<'_>) -> Result<()> {
    let wall = input.arbitrary()?;
    let date = input.arbitrary()?;
    let loaded = input.arbitrary()?;
    assert!(is_whole(loaded, Some(loaded)) && is_whole(loaded, None));
    let text: String = std::str::from_utf8(input.take_rest()).unwrap_or("120").into();
    let seconds = text.trim().parse::<u64>().ok().filter(|_| !text.trim().starts_with('+'));
    let wait = RetryAfter { text, date }.wait(wall);
    assert!(wait.is_none_or(|wait| wait <= HOUR));
    if let Some(seconds) = seconds {
        assert_eq!(wait, Some((seconds.min(3_600)) * 1_000));
    }
    Ok(())
}
