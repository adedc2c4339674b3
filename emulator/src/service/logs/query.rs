//! What is asked of the logs.

use std::{borrow::Cow, ops::RangeInclusive};

use super::Row;
use crate::{date, http::parameters};

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
const LONGEST_MS: u64 = 92 * DAY_MS;
const MOST_MODELS: usize = 50;

/// Which rows, and which of them.
#[derive(Debug, PartialEq)]
pub(super) struct Query<'a> {
    window: RangeInclusive<u64>,
    models: Vec<Cow<'a, str>>,
    statuses: Vec<Cow<'a, str>>,
    pub(super) limit: usize,
    pub(super) offset: usize,
}

impl<'a> Query<'a> {
    /// Reads a query; unknown parameters are ignored.
    ///
    /// # Errors
    ///
    /// One hint for each parameter that makes no sense.
    pub(super) fn read(now_ms: u64, query: &'a str) -> Result<Self, Vec<String>> {
        let mut hints = Vec::new();
        let window = window(now_ms, query).unwrap_or_else(|hint| {
            hints.push(hint.to_owned());
            0..=0
        });
        let (limit, offset) = (number(query, "limit", 50), number(query, "offset", 0));
        if !limit.is_some_and(|limit| (1..=100).contains(&limit)) {
            hints.push("limit: Expected an integer from 1 to 100".to_owned());
        }
        if offset.is_none() {
            hints.push("offset: Expected an integer from 0".to_owned());
        }
        let (models, statuses): (Vec<_>, Vec<_>) =
            (parameters(query, "model").collect(), parameters(query, "status").collect());
        if models.len() > MOST_MODELS {
            hints.push(format!("model: Expected at most {MOST_MODELS} values"));
        }
        if !statuses.iter().all(|status| matches!(&**status, "succeeded" | "failed")) {
            hints.push("status: Expected succeeded or failed".to_owned());
        }
        match (limit, offset) {
            (Some(limit), Some(offset)) if hints.is_empty() => Ok(Self { window, models, statuses, limit, offset }),
            _ => Err(hints),
        }
    }

    pub(super) fn admits(&self, row: &Row<'_>) -> bool {
        let alias = row.model.rsplit('/').next().unwrap_or_default();
        let is_among = |wanted: &[Cow<'_, str>], values: &[&str]| {
            wanted.is_empty() || wanted.iter().any(|wanted| values.contains(&&**wanted))
        };
        self.window.contains(&row.created)
            && is_among(&self.models, &[row.model, alias])
            && is_among(&self.statuses, &[row.status()])
    }
}

fn window(now_ms: u64, query: &str) -> Result<RangeInclusive<u64>, &'static str> {
    let one = |name| parameters(query, name).next();
    let (start, end) = match (one("period"), one("start"), one("end")) {
        (Some(period), None, None) => {
            let length = length(&period).ok_or("period: Expected a positive integer followed by h or d")?;
            (now_ms.saturating_sub(length), now_ms)
        }
        (None, Some(start), Some(end)) => (
            date::read(&start).ok_or("start: Expected an ISO 8601 date")?,
            date::read(&end).ok_or("end: Expected an ISO 8601 date")?,
        ),
        _ => return Err("Expected either period, or both start and end"),
    };
    match end.checked_sub(start) {
        None => Err("end: Earlier than start"),
        Some(length) if length > LONGEST_MS => Err("The window exceeds 92 days"),
        Some(_) => Ok(start..=end),
    }
}

/// A period in milliseconds.
fn length(period: &str) -> Option<u64> {
    let (count, unit) = period.split_at_checked(period.len().checked_sub(1)?)?;
    let unit = match unit {
        "h" => HOUR_MS,
        "d" => DAY_MS,
        _ => return None,
    };
    let is_count = count.bytes().all(|byte| byte.is_ascii_digit());
    let count = is_count.then(|| count.parse::<u64>().ok()).flatten().filter(|count| *count > 0)?;
    Some(count.saturating_mul(unit))
}

/// A whole number, where there is one.
fn number(query: &str, name: &str, default: usize) -> Option<usize> {
    match parameters(query, name).next() {
        None => Some(default),
        Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_782_907_200_000;

    #[test]
    fn reads_a_period_or_a_start_and_an_end() {
        for (query, window) in [
            ("period=1h", NOW - HOUR_MS..=NOW),
            ("period=92d", NOW - LONGEST_MS..=NOW),
            ("start=2026-07-01T11:00:00Z&end=2026-07-01T12:00", NOW - HOUR_MS..=NOW),
            ("start=2026-07-01T12:00:00Z&end=2026-07-01T12:00:00Z", NOW..=NOW),
        ] {
            let read = Query::read(NOW, query).unwrap();
            assert_eq!((read.window, read.limit, read.offset), (window, 50, 0), "{query}");
        }
        assert_eq!(Query::read(5, "period=1h").unwrap().window, 0..=5);
    }

    #[test]
    fn names_every_parameter_that_makes_no_sense() {
        for (query, count) in [
            ("", 1),
            ("period=", 1),
            ("period=h", 1),
            ("period=0h", 1),
            ("period=1.5h", 1),
            ("period=-1h", 1),
            ("period=+1h", 1),
            ("period=7", 1),
            ("period=1w", 1),
            ("period=93d", 1),
            ("period=99999999999999999999d", 1),
            ("period=9999999999999999999d", 1),
            ("period=1h&start=2026-07-01T00:00:00Z&end=2026-07-02T00:00:00Z", 1),
            ("start=2026-07-01T00:00:00Z", 1),
            ("end=2026-07-01T00:00:00Z", 1),
            ("start=monday&end=2026-07-01T00:00:00Z", 1),
            ("start=2026-07-02T00:00:00Z&end=2026-07-01T00:00:00Z", 1),
            ("start=2026-01-01T00:00:00Z&end=2026-07-01T00:00:00Z", 1),
            ("period=1h&limit=0", 1),
            ("period=1h&limit=101", 1),
            ("period=1h&limit=ten", 1),
            ("period=1h&offset=-1", 1),
            ("period=1h&status=succeeded,failed", 1),
            ("limit=0&offset=x&status=done", 4),
        ] {
            assert_eq!(Query::read(NOW, query).unwrap_err().len(), count, "{query}");
        }
        let models = "&model=a".repeat(51);
        assert!(Query::read(NOW, &format!("period=1h{models}")).is_err());
        assert!(Query::read(NOW, &format!("period=1h{}&unknown=1", &models[8..])).is_ok());
    }
}
