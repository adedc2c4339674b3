//! The names and sizes of the audio files, and range requests.

use std::ops::Range;

use crate::{Generation, audio::Track};

/// The path of a generation's audio file: `/files/<random>/<name>.wav`.
pub fn file_path(generation: &Generation) -> String {
    format!("/files/{:016x}/{}", generation.file, file_name(generation))
}

pub(crate) fn file_name(generation: &Generation) -> String {
    format!("tmp{:08x}.wav", generation.file.rotate_left(29) & 0xFFFF_FFFF)
}

pub(crate) fn file_size(seconds_total: u32) -> u64 {
    Track::size_of(seconds_total)
}

/// The range that a `Range` header requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileRange {
    /// The whole file: without the header, or with one that is not supported, as RFC 9110 requires.
    Whole,
    /// Status 206: these bytes.
    Part(Range<u64>),
    /// Status 416: the range lies outside the file.
    Unsatisfiable,
}

impl FileRange {
    /// Parses a `Range` header for a file of `size` bytes.
    pub fn parse(header: Option<&str>, size: u64) -> Self {
        let Some(ranges) = header.and_then(|text| text.trim().strip_prefix("bytes=")) else {
            return Self::Whole;
        };
        let Some((first, last)) = ranges.split_once('-') else {
            return Self::Whole;
        };
        let (first, last) = (first.trim(), last.trim());
        let range = match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
            (Ok(first), Err(_)) if last.is_empty() => first..size,
            (Err(_), Ok(count)) if first.is_empty() => size.saturating_sub(count)..size,
            _ => return Self::Whole,
        };
        if range.start < range.end { Self::Part(range) } else { Self::Unsatisfiable }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_of_a_range_are_parsed() {
        for (header, wanted) in [
            ("bytes=0-9", 0..10),
            ("bytes=90-", 90..100),
            ("bytes=90-1000", 90..100),
            ("bytes=-1", 99..100),
            ("bytes=-1000", 0..100),
        ] {
            assert_eq!(FileRange::parse(Some(header), 100), FileRange::Part(wanted), "{header}");
        }
    }

    #[test]
    fn a_range_beyond_the_end_is_unsatisfiable() {
        for header in ["bytes=100-", "bytes=100-200", "bytes=-0"] {
            assert_eq!(FileRange::parse(Some(header), 100), FileRange::Unsatisfiable, "{header}");
        }
    }

    #[test]
    fn an_unsupported_range_requests_the_whole_file() {
        for header in [None, Some("items=0-1"), Some("bytes=5-1"), Some("bytes=0-1,3-4")] {
            assert_eq!(FileRange::parse(header, 100), FileRange::Whole, "{header:?}");
        }
    }
}
