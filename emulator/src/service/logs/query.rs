//! The query parameters of the logs.

use std::{borrow::Cow, ops::RangeInclusive};

use super::Row;
use crate::{date, http::parameters};

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
const MAX_WINDOW_MS: u64 = 92 * DAY_MS;
const MAX_MODELS: usize = 50;

/// Which rows match, and which page of them is requested.
#[derive(Debug, PartialEq)]
pub(super) struct Query<'a> {
    window: RangeInclusive<u64>,
    models: Vec<Cow<'a, str>>,
    statuses: Vec<Cow<'a, str>>,
    pub(super) limit: usize,
    pub(super) offset: usize,
}

impl<'a> Query<'a> {
    /// Parses a query. Unknown parameters are ignored.
    ///
    /// # Errors
    ///
    /// One hint for each invalid parameter.
    pub(super) fn parse(now_ms: u64, query: &'a str) -> Result<Self, Vec<String>> {
        let mut hints = Vec::new();
        let window = parse_window(now_ms, query).unwrap_or_else(|hint| {
            hints.push(hint.to_owned());
            0..=0
        });
        let (limit, offset) = (parse_number(query, "limit", 50), parse_number(query, "offset", 0));
        if !limit.is_some_and(|limit| (1..=100).contains(&limit)) {
            hints.push("limit: Expected an integer from 1 to 100".to_owned());
        }
        if offset.is_none() {
            hints.push("offset: Expected an integer from 0".to_owned());
        }
        let (models, statuses): (Vec<_>, Vec<_>) =
            (parameters(query, "model").collect(), parameters(query, "status").collect());
        if models.len() > MAX_MODELS {
            hints.push(format!("model: Expected at most {MAX_MODELS} values"));
        }
        if !statuses.iter().all(|status| matches!(&**status, "succeeded" | "failed")) {
            hints.push("status: Expected succeeded or failed".to_owned());
        }
        match (limit, offset) {
            (Some(limit), Some(offset)) if hints.is_empty() => Ok(Self { window, models, statuses, limit, offset }),
            _ => Err(hints),
        }
    }

    pub(super) fn matches(&self, row: &Row<'_>) -> bool {
        let alias = row.model.rsplit('/').next().unwrap_or_default();
        let is_among = |wanted: &[Cow<'_, str>], values: &[&str]| {
            wanted.is_empty() || wanted.iter().any(|wanted| values.contains(&&**wanted))
        };
        self.window.contains(&row.created)
            && is_among(&self.models, &[row.model, alias])
            && is_among(&self.statuses, &[row.status()])
    }
}

fn parse_window(now_ms: u64, query: &str) -> Result<RangeInclusive<u64>, &'static str> {
    let first = |name| parameters(query, name).next();
    let (start, end) = match (first("period"), first("start"), first("end")) {
        (Some(period), None, None) => {
            let length = parse_period(&period).ok_or("period: Expected a positive integer followed by h or d")?;
            (now_ms.saturating_sub(length), now_ms)
        }
        (None, Some(start), Some(end)) => (
            date::parse_iso(&start).ok_or("start: Expected an ISO 8601 date")?,
            date::parse_iso(&end).ok_or("end: Expected an ISO 8601 date")?,
        ),
        _ => return Err("Expected either period, or both start and end"),
    };
    match end.checked_sub(start) {
        None => Err("end: Earlier than start"),
        Some(length) if length > MAX_WINDOW_MS => Err("The window exceeds 92 days"),
        Some(_) => Ok(start..=end),
    }
}

/// Parses a period such as `7d` into milliseconds.
fn parse_period(period: &str) -> Option<u64> {
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

/// Parses a number; `default` if the parameter is missing, `None` if it is invalid.
fn parse_number(query: &str, name: &str, default: usize) -> Option<usize> {
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
    fn a_query_has_a_period_or_a_start_and_an_end() {
        for (query, window) in [
            ("period=1h", NOW - HOUR_MS..=NOW),
            ("period=92d", NOW - MAX_WINDOW_MS..=NOW),
            ("start=2026-07-01T11:00:00Z&end=2026-07-01T12:00", NOW - HOUR_MS..=NOW),
            ("start=2026-07-01T12:00:00Z&end=2026-07-01T12:00:00Z", NOW..=NOW),
        ] {
            let read = Query::parse(NOW, query).unwrap();
            assert_eq!((read.window, read.limit, read.offset), (window, 50, 0), "{query}");
        }
        assert_eq!(Query::parse(5, "period=1h").unwrap().window, 0..=5);
    }

    #[test]
    fn every_invalid_parameter_has_a_hint() {
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
            assert_eq!(Query::parse(NOW, query).unwrap_err().len(), count, "{query}");
        }
        let models = "&model=a".repeat(51);
        assert!(Query::parse(NOW, &format!("period=1h{models}")).is_err());
        assert!(Query::parse(NOW, &format!("period=1h{}&unknown=1", &models[8..])).is_ok());
    }
}
