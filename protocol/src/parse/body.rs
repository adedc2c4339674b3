//! Collecting the body of a reply.

use super::document::DocumentScanner;

/// The longest body that is read, in bytes.
pub(crate) const MAX_BODY: usize = 1 << 20;

/// Collects the pieces of a body up to the end of its JSON document, or up to 1 MiB.
#[derive(Clone, Debug, Default)]
pub struct BodyReader {
    bytes: Vec<u8>,
    scanner: DocumentScanner,
}

impl BodyReader {
    /// Appends a piece. Returns whether the document is complete: nothing that follows changes its meaning.
    pub fn push(&mut self, piece: &[u8]) -> bool {
        let before = self.bytes.len();
        let end = self.scanner.feed(piece);
        self.bytes.extend(piece);
        if let Some(end) = end {
            self.bytes.truncate(before.saturating_add(end));
        }
        end.is_some()
    }

    /// Whether the body is longer than is read.
    pub fn is_too_long(&self) -> bool {
        self.bytes.len() > MAX_BODY
    }

    /// Takes the bytes of the document, or of the whole body.
    pub fn take(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_ends_with_its_document() {
        let mut reader = BodyReader::default();
        assert!(!reader.push(b" {\"a\":"));
        assert!(reader.push(b"1} and more"));
        assert_eq!(reader.take(), b" {\"a\":1}");
    }

    #[test]
    fn a_body_is_read_up_to_a_mebibyte() {
        let mut reader = BodyReader::default();
        reader.push(&vec![b' '; 1 << 20]);
        assert!(!reader.is_too_long());
        reader.push(b" ");
        assert!(reader.is_too_long());
    }
}
