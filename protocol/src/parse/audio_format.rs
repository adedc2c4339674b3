//! Recognising audio files, and whether they are complete.

use super::untrusted::Untrusted;
use crate::model::error::DownloadFailure;
use crate::model::text::parse_digits;

/// How many bytes at the start of a file are inspected.
pub const SIGNATURE_LENGTH: usize = 64;

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

/// A file whose transfer has ended.
#[derive(Clone, Debug, Default)]
pub struct ReceivedFile {
    /// The HTTP status of its reply.
    pub status: u16,
    /// Whether its stream ended by itself.
    pub ended: bool,
    /// Its `Content-Type`, as sent.
    pub label: String,
    /// Its first bytes, up to [`SIGNATURE_LENGTH`].
    pub start: Vec<u8>,
    /// How many bytes have arrived.
    pub loaded: u32,
    /// The size reported by the service.
    pub file_size: Option<f64>,
    /// The `Content-Length`.
    pub total: Option<u32>,
    /// The same, unless a content encoding may have changed it.
    pub content_length: Option<u32>,
}

impl ReceivedFile {
    /// Reads the head of the file's reply. Returns whether there is a body to read.
    pub fn read_head<V: Untrusted>(
        &mut self,
        status: u16,
        response: &V,
        header: &dyn Fn(&str) -> Option<String>,
    ) -> bool {
        self.status = status;
        self.label = header("content-type").unwrap_or_default();
        self.total =
            header("content-length").as_deref().and_then(parse_digits).and_then(|total| u32::try_from(total).ok());
        // In a reply of another origin, the length is readable but not the encoding that changed it.
        let encoded = header("content-encoding").is_some() || response.string_at("type").as_deref() == Some("cors");
        self.content_length = self.total.filter(|_| !encoded);
        (200..300).contains(&status)
    }

    /// The media type of a complete file, empty if it is not known.
    ///
    /// # Errors
    /// If it was refused, is no audio, or incomplete.
    pub fn check(&self) -> Result<&'static str, DownloadFailure> {
        if !(200..300).contains(&self.status) {
            return Err(DownloadFailure::Status);
        }
        if !self.ended {
            return Err(DownloadFailure::Truncated);
        }
        let partial = matches!(self.status, 204..=206);
        let text = self.start.iter().find(|byte| !b" \t\r\n\xEF\xBB\xBF".contains(byte));
        let kind = content_type(&self.start);
        if partial || self.loaded == 0 || kind.is_none() && (is_text(&self.label) || matches!(text, Some(b'<' | b'{')))
        {
            return Err(DownloadFailure::NotAudio);
        }
        if self.is_whole() { Ok(kind.unwrap_or_default()) } else { Err(DownloadFailure::Truncated) }
    }

    /// The file's own header decides, then the service. A file longer than announced is complete.
    fn is_whole(&self) -> bool {
        match (riff_length(&self.start), self.file_size) {
            (Some(length), _) => self.loaded >= length,
            (None, Some(size)) => f64::from(self.loaded) >= size,
            (None, None) => self.content_length.is_none_or(|length| self.loaded >= length),
        }
    }
}

fn is_text(label: &str) -> bool {
    label.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/"))
}

/// The length in the header of a RIFF file, unless it was written as a stream of unknown length.
fn riff_length(start: &[u8]) -> Option<u32> {
    /// Writers of streams put no smaller number there.
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

    fn of(start: &[u8], loaded: u32) -> ReceivedFile {
        ReceivedFile { status: 200, ended: true, start: start.to_vec(), loaded, ..ReceivedFile::default() }
    }

    #[test]
    fn a_riff_file_is_whole_by_its_own_length_whatever_the_transfer_announced() {
        let start = wav(992);
        let announced = ReceivedFile { content_length: Some(1_053), file_size: Some(1_100.0), ..of(&start, 1_000) };
        assert_eq!(announced.check(), Ok("audio/wav"));
        let cut = ReceivedFile { content_length: Some(999), file_size: Some(999.0), ..of(&start, 999) };
        assert_eq!(cut.check(), Err(DownloadFailure::Truncated));
    }

    #[test]
    fn a_riff_file_of_unknown_length_is_judged_by_what_the_service_says() {
        for unknown in [0, u32::MAX, 0x7FFF_FFFF] {
            let start = wav(unknown);
            assert_eq!(ReceivedFile { file_size: Some(500.0), ..of(&start, 500) }.check(), Ok("audio/wav"));
            assert_eq!(
                ReceivedFile { file_size: Some(501.0), ..of(&start, 500) }.check(),
                Err(DownloadFailure::Truncated)
            );
            assert_eq!(of(&start, 500).check(), Ok("audio/wav"));
        }
    }

    #[test]
    fn a_content_length_counts_where_nothing_better_is_known() {
        assert_eq!(
            ReceivedFile { content_length: Some(501), ..of(b"fLaC", 500) }.check(),
            Err(DownloadFailure::Truncated)
        );
        assert_eq!(ReceivedFile { content_length: Some(400), ..of(b"fLaC", 500) }.check(), Ok("audio/flac"));
        assert_eq!(of(b"\x01\x02", 2).check(), Ok(""));
    }

    #[test]
    fn a_page_an_empty_body_and_a_partial_reply_are_no_audio() {
        for start in [b"<!doctype html>".as_slice(), b"\xEF\xBB\xBF\n <html>", b"{\"error\":1}"] {
            assert_eq!(of(start, 15).check(), Err(DownloadFailure::NotAudio));
        }
        assert_eq!(of(b"", 0).check(), Err(DownloadFailure::NotAudio));
        assert_eq!(
            ReceivedFile { label: "Text/plain".into(), ..of(b"gone", 4) }.check(),
            Err(DownloadFailure::NotAudio)
        );
        assert_eq!(ReceivedFile { label: "text/plain".into(), ..of(b"OggS", 4) }.check(), Ok("audio/ogg"));
        for status in [204, 205, 206] {
            assert_eq!(ReceivedFile { status, ..of(b"OggS", 4) }.check(), Err(DownloadFailure::NotAudio));
        }
    }
}
