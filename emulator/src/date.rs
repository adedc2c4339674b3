//! Times in the formats of the service.

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// Formats epoch milliseconds as ISO 8601: `2026-11-22T14:05:09.120Z`.
pub(crate) fn format_iso(epoch_ms: u64) -> String {
    let ms = i64::try_from(epoch_ms).unwrap_or(i64::MAX);
    format!("{:.3}", Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX))
}

/// Parses ISO 8601 into epoch milliseconds; UTC if there is no offset.
pub(crate) fn parse_iso(text: &str) -> Option<u64> {
    let with_offset = text.parse::<Timestamp>();
    let at = with_offset.or_else(|_| Offset::UTC.to_timestamp(text.parse::<DateTime>()?)).ok()?;
    u64::try_from(at.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_epoch_a_leap_day_and_the_end_of_a_year_survive_a_round_trip() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_709_210_096_789, "2024-02-29T12:34:56.789Z"),
            (1_798_761_599_999, "2026-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(format_iso(ms), text);
            assert_eq!(parse_iso(text), Some(ms));
        }
    }

    #[test]
    fn the_largest_time_does_not_overflow() {
        assert!(format_iso(u64::MAX).ends_with('Z'));
    }

    #[test]
    fn a_time_without_an_offset_is_in_utc() {
        let noon = 1_782_907_200_000;
        for text in ["2026-07-01T12:00:00Z", "2026-07-01T12:00", "2026-07-01 12:00:00", "2026-07-01T14:00:00+02:00"] {
            assert_eq!(parse_iso(text), Some(noon), "{text}");
        }
        assert_eq!(parse_iso("2026-07-01"), Some(noon - 12 * 3_600_000));
        for text in ["", "yesterday", "2026-02-30", "1782907200000", "1969-12-31T00:00:00Z"] {
            assert_eq!(parse_iso(text), None, "{text}");
        }
    }
}
