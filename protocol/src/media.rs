//! What a file is, by its first bytes and by its length.

use crate::error::Download;

/// How many bytes of a file are looked at.
pub const SIGNATURE: usize = 64;

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

/// A file whose transfer has come to its end, and what is known of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrived<'a> {
    /// The HTTP status of its reply, a 2xx.
    pub status: u16,
    /// Its `Content-Type`, as sent.
    pub label: &'a str,
    /// Its first bytes, as many as [`SIGNATURE`] if there are so many.
    pub start: &'a [u8],
    /// How many bytes have arrived.
    pub loaded: u32,
    /// How many the service says that the file has.
    pub file_size: Option<f64>,
    /// The `Content-Length`, unless a content encoding may have changed it.
    pub content_length: Option<u32>,
}

impl Arrived<'_> {
    /// The media type of what arrived whole, empty where it is not known.
    ///
    /// # Errors
    /// What is missing: audio, or the rest of it.
    pub fn check(&self) -> Result<&'static str, Download> {
        let partial = matches!(self.status, 204..=206);
        let text = self.start.iter().find(|byte| !b" \t\r\n\xEF\xBB\xBF".contains(byte));
        let kind = content_type(self.start);
        if partial || self.loaded == 0 || kind.is_none() && (is_text(self.label) || matches!(text, Some(b'<' | b'{'))) {
            return Err(Download::NotAudio);
        }
        if self.is_whole() { Ok(kind.unwrap_or_default()) } else { Err(Download::Cut) }
    }

    /// The file itself knows best, then the service. What is longer than announced is whole.
    fn is_whole(&self) -> bool {
        match (riff_length(self.start), self.file_size) {
            (Some(length), _) => self.loaded >= length,
            (None, Some(size)) => f64::from(self.loaded) >= size,
            (None, None) => self.content_length.is_none_or(|length| self.loaded >= length),
        }
    }
}

fn is_text(label: &str) -> bool {
    label.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/"))
}

/// How long a RIFF file says that it is, unless it was written as a stream of unknown length.
fn riff_length(start: &[u8]) -> Option<u32> {
    /// What writers of streams put there is no less.
    const UNKNOWN: u32 = 0x7FFF_0000;
    let [b'R', b'I', b'F', b'F', a, b, c, d, ..] = *start else { return None };
    let length = u32::from_le_bytes([a, b, c, d]);
    (length > 0 && length < UNKNOWN).then(|| length.saturating_add(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(length: u32) -> Vec<u8> {
        [b"RIFF".as_slice(), &length.to_le_bytes(), b"WAVEfmt "].concat()
    }

    fn of(start: &[u8], loaded: u32) -> Arrived<'_> {
        Arrived { status: 200, start, loaded, ..Arrived::default() }
    }

    #[test]
    fn a_riff_file_is_whole_by_its_own_length_whatever_the_transfer_announced() {
        let start = wav(992);
        let announced = Arrived { content_length: Some(1_053), file_size: Some(1_100.0), ..of(&start, 1_000) };
        assert_eq!(announced.check(), Ok("audio/wav"));
        let cut = Arrived { content_length: Some(999), file_size: Some(999.0), ..of(&start, 999) };
        assert_eq!(cut.check(), Err(Download::Cut));
    }

    #[test]
    fn a_riff_file_of_unknown_length_is_judged_by_what_the_service_says() {
        for unknown in [0, u32::MAX, 0x7FFF_FFFF] {
            let start = wav(unknown);
            assert_eq!(Arrived { file_size: Some(500.0), ..of(&start, 500) }.check(), Ok("audio/wav"));
            assert_eq!(Arrived { file_size: Some(501.0), ..of(&start, 500) }.check(), Err(Download::Cut));
            assert_eq!(of(&start, 500).check(), Ok("audio/wav"));
        }
    }

    #[test]
    fn a_content_length_counts_where_nothing_better_is_known() {
        assert_eq!(Arrived { content_length: Some(501), ..of(b"fLaC", 500) }.check(), Err(Download::Cut));
        assert_eq!(Arrived { content_length: Some(400), ..of(b"fLaC", 500) }.check(), Ok("audio/flac"));
        assert_eq!(of(b"\x01\x02", 2).check(), Ok(""));
    }

    #[test]
    fn a_page_nothing_and_a_part_are_no_audio() {
        for start in [b"<!doctype html>".as_slice(), b"\xEF\xBB\xBF\n <html>", b"{\"error\":1}"] {
            assert_eq!(of(start, 15).check(), Err(Download::NotAudio));
        }
        assert_eq!(of(b"", 0).check(), Err(Download::NotAudio));
        assert_eq!(Arrived { label: "Text/plain", ..of(b"gone", 4) }.check(), Err(Download::NotAudio));
        assert_eq!(Arrived { label: "text/plain", ..of(b"OggS", 4) }.check(), Ok("audio/ogg"));
        for status in [204, 205, 206] {
            assert_eq!(Arrived { status, ..of(b"OggS", 4) }.check(), Err(Download::NotAudio));
        }
    }
}
