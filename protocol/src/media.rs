//! What a file is, by its first bytes and by its length.

/// How many bytes [`content_type`] looks at.
pub const SIGNATURE: usize = 12;

/// The media type of an audio file. The service labels its WAVs `application/octet-stream`.
pub fn content_type(start: &[u8]) -> Option<&'static str> {
    if start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WAVE") {
        return Some("audio/wav");
    }
    if start.starts_with(b"fLaC") {
        return Some("audio/flac");
    }
    if start.starts_with(b"OggS") {
        return Some("audio/ogg");
    }
    // An MP3 opens with an ID3 tag, or with the eleven set bits of a frame of layer III.
    let frame = matches!(start, [0xFF, second, ..] if second & 0xE6 == 0xE2);
    (start.starts_with(b"ID3") || frame).then_some("audio/mpeg")
}

/// Whether all of a file has arrived. A transfer that was compressed is longer than announced;
/// one that is shorter was cut, though not every engine says so.
pub fn is_whole(loaded: u32, announced: Option<u32>) -> bool {
    announced.is_none_or(|announced| loaded >= announced)
}
