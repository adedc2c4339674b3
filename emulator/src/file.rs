//! The audio files' names and sizes, and which part of one is asked for.

use std::ops::Range;

use crate::{Job, audio::Track};

/// A file's path: `/files/<random>/<name>.wav`.
pub fn file_path(job: &Job) -> String {
    format!("/files/{:016x}/{}", job.file, file_name(job))
}

pub(crate) fn file_name(job: &Job) -> String {
    format!("tmp{:08x}.wav", job.file.rotate_left(29) & 0xFFFF_FFFF)
}

pub(crate) fn file_size(seconds_total: u32) -> u64 {
    Track::size_of(seconds_total)
}

/// What a `Range` header asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileRange {
    /// All of it: no such header, or one that is not understood, as RFC 9110 wants.
    Whole,
    /// 206: these bytes.
    Part(Range<u64>),
    /// 416: nothing that the file has.
    Unsatisfiable,
}

impl FileRange {
    /// Reads a `Range` header for a file of so many bytes.
    pub fn read(header: Option<&str>, size: u64) -> Self {
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
    fn reads_the_three_forms_of_a_range() {
        for (header, wanted) in [
            ("bytes=0-9", 0..10),
            ("bytes=90-", 90..100),
            ("bytes=90-1000", 90..100),
            ("bytes=-1", 99..100),
            ("bytes=-1000", 0..100),
        ] {
            assert_eq!(FileRange::read(Some(header), 100), FileRange::Part(wanted), "{header}");
        }
    }

    #[test]
    fn refuses_what_lies_beyond_the_end() {
        for header in ["bytes=100-", "bytes=100-200", "bytes=-0"] {
            assert_eq!(FileRange::read(Some(header), 100), FileRange::Unsatisfiable, "{header}");
        }
    }

    #[test]
    fn sends_all_for_what_it_does_not_understand() {
        for header in [None, Some("items=0-1"), Some("bytes=5-1"), Some("bytes=0-1,3-4")] {
            assert_eq!(FileRange::read(header, 100), FileRange::Whole, "{header:?}");
        }
    }
}
