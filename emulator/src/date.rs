//! Times as the service writes and reads them.

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// Epoch milliseconds as ISO 8601: `2026-11-22T14:05:09.120Z`.
pub(crate) fn iso(epoch_ms: u64) -> String {
    let ms = i64::try_from(epoch_ms).unwrap_or(i64::MAX);
    format!("{:.3}", Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX))
}

/// ISO 8601 as epoch milliseconds; in UTC where it names no offset.
pub(crate) fn read(text: &str) -> Option<u64> {
    let with_offset = text.parse::<Timestamp>();
    let at = with_offset.or_else(|_| Offset::UTC.to_timestamp(text.parse::<DateTime>()?)).ok()?;
    u64::try_from(at.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_epoch_a_leap_day_and_a_december() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_709_210_096_789, "2024-02-29T12:34:56.789Z"),
            (1_798_761_599_999, "2026-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(iso(ms), text);
            assert_eq!(read(text), Some(ms));
        }
    }

    #[test]
    fn does_not_overflow_at_the_end_of_time() {
        assert!(iso(u64::MAX).ends_with('Z'));
    }

    #[test]
    fn reads_offsets_and_takes_their_absence_for_utc() {
        let noon = 1_782_907_200_000;
        for text in ["2026-07-01T12:00:00Z", "2026-07-01T12:00", "2026-07-01 12:00:00", "2026-07-01T14:00:00+02:00"] {
            assert_eq!(read(text), Some(noon), "{text}");
        }
        assert_eq!(read("2026-07-01"), Some(noon - 12 * 3_600_000));
        for text in ["", "yesterday", "2026-02-30", "1782907200000", "1969-12-31T00:00:00Z"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
