//! The `Retry-After` header, the first bytes of a file, and where a document ends.

use arbitrary::{Result, Unstructured};
use protocol::{DocumentScanner, ReceivedFile, RetryAfter, SIGNATURE_LENGTH, content_type};

const HOUR: u64 = 3_600_000;

pub(crate) fn run(input: &[u8]) {
    if let Some(media) = content_type(input) {
        assert!(media.starts_with("audio/"));
        assert_eq!(
            content_type(input.get(..SIGNATURE_LENGTH).unwrap_or(input)),
            Some(media),
            "it reads more than SIGNATURE_LENGTH bytes"
        );
    }
    document(input);
    // An input that is too short for a header has been tried as a file.
    let _ = header(Unstructured::new(input));
}

/// The end does not depend on how the bytes are split, and is found for every JSON object.
fn document(input: &[u8]) {
    let whole = DocumentScanner::default().feed(input);
    let mut scanner = DocumentScanner::default();
    let mut ends = input.iter().enumerate().filter_map(|(before, byte)| Some(before + scanner.feed(&[*byte])?));
    assert_eq!((ends.next(), ends.next()), (whole, None), "it depends on how the bytes are split");
    if let Ok(serde_json::Value::Object(_)) = serde_json::from_slice(input) {
        assert_eq!(whole, Some(input.trim_ascii_end().len()), "an object whose end is not seen");
    }
}

fn header(mut input: Unstructured<'_>) -> Result<()> {
    let wall = input.arbitrary()?;
    let date = input.arbitrary()?;
    let mut file = ReceivedFile {
        status: 200,
        ended: true,
        loaded: input.arbitrary()?,
        start: input.bytes(12)?.to_vec(),
        ..ReceivedFile::default()
    };
    file.content_length = Some(input.arbitrary()?);
    if file.check().is_ok() {
        file.loaded = file.loaded.saturating_add(1);
        assert!(file.check().is_ok(), "a file is not whole because it is longer");
        file.file_size = Some(f64::INFINITY);
        assert!(file.check().is_err() || file.start.starts_with(b"RIFF"), "shorter than the service says");
    }
    let text: String = std::str::from_utf8(input.take_rest()).unwrap_or("120").into();
    let seconds = text.trim_ascii().parse::<u64>().ok().filter(|_| !text.trim_ascii().starts_with('+'));
    let wait = RetryAfter { text, date }.wait(wall);
    assert!(wait.is_none_or(|wait| wait <= HOUR));
    if let Some(seconds) = seconds {
        assert_eq!(wait, Some((seconds.min(3_600)) * 1_000));
    }
    Ok(())
}
