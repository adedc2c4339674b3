//! A reply of the service, as far as it was read.

use super::status_body::is_id;
use super::untrusted::Untrusted;
use crate::model::text::{contains, parse_digits};
use crate::model::time::millis;

/// One HTTP reply, read as far as it could be.
#[derive(Clone, Debug)]
pub struct Reply<V> {
    /// The HTTP status; 0 for a redirect that the browser hides.
    pub status: u16,
    /// Whether it is a redirect that was not followed.
    pub redirect: bool,
    /// The body.
    pub body: Body<V>,
    /// The `Retry-After` header, where it can be read.
    pub retry_after: Option<RetryAfter>,
    /// The `x-inference-id` header, where it can be read.
    pub inference_id: Option<String>,
    /// Whether a cache may give this reply again, as [`is_cacheable`] tells.
    pub cacheable: bool,
}

/// A reply's body.
#[derive(Clone, Debug)]
pub enum Body<V> {
    /// A whole JSON document has arrived, whatever became of the rest.
    Json(V),
    /// It was read whole, and is something else.
    NotJson,
    /// It broke off, or was longer than 1 MiB.
    Incomplete,
}

impl<V> Reply<V> {
    /// Whether the head alone tells what became of a submit: a refusal, or the id of what was accepted.
    pub(crate) fn settles_submit_outcome(&self) -> bool {
        match self.status {
            200..=299 => matches!(self.body, Body::Json(_)) || self.id().is_some(),
            408 => false,
            status => (400..=499).contains(&status),
        }
    }

    /// The id in the head, which the service documents as the generation's.
    pub(crate) fn id(&self) -> Option<String> {
        self.inference_id.clone().filter(|id| is_id(id))
    }
}

/// Whether a browser's cache may give a reply again without asking the service, by its status and by
/// those of its headers that pages may always read.
///
/// That is not asked of each request, since Chromium sends a preflight before every one that does.
pub fn is_cacheable(status: u16, header: &dyn Fn(&str) -> Option<String>) -> bool {
    status == 410
        || match header("cache-control") {
            Some(control) => !contains(&control, "no-") && !contains(&control, "max-age=0"),
            None => header("expires").is_some() || header("last-modified").is_some(),
        }
}

/// What is known of a reply before its head has arrived.
impl<V> Default for Reply<V> {
    fn default() -> Self {
        Self {
            status: 0,
            redirect: false,
            body: Body::Incomplete,
            retry_after: None,
            inference_id: None,
            cacheable: true,
        }
    }
}

impl<V: Untrusted> Reply<V> {
    /// Reads the head of a reply by its shape, so that mocks work; `header` looks a header up, and `parse_date`
    /// is `Date.parse`. The body of a redirect is not read.
    pub fn read_head(response: &V, header: &dyn Fn(&str) -> Option<String>, parse_date: impl Fn(&str) -> f64) -> Self {
        let status = read_status(response);
        let hidden = response.string_at("type").as_deref() == Some("opaqueredirect");
        let redirect = hidden || (300..400).contains(&status);
        Self {
            status,
            redirect,
            body: if redirect { Body::NotJson } else { Body::Incomplete },
            retry_after: header("retry-after").map(|text| RetryAfter { date: parse_date(&text), text }),
            inference_id: header("x-inference-id"),
            cacheable: is_cacheable(status, header),
        }
    }
}

/// The HTTP status of a reply by its shape, 0 where it has none: a mock may write it as a string, or
/// say no more than that all is `ok`.
pub fn read_status<V: Untrusted>(response: &V) -> u16 {
    let status = response.get("status");
    let written = status.as_string().and_then(|text| parse_digits(&text)).and_then(|status| u16::try_from(status).ok());
    match status.as_integer_in(0, 999).and_then(|status| u16::try_from(status).ok()).or(written) {
        None if status.is_absent() && response.get("ok").is_true() => 200,
        status => status.unwrap_or(0),
    }
}

/// A `Retry-After` header.
#[derive(Clone, Debug)]
pub struct RetryAfter {
    /// As sent: seconds, or a date.
    pub text: String,
    /// As `Date.parse` reads it.
    pub date: f64,
}

impl RetryAfter {
    /// The wait that is asked for, in milliseconds, an hour at most.
    pub fn wait(&self, wall: u64) -> Option<u64> {
        const HOUR: u64 = 3_600_000;
        let text = self.text.trim_ascii();
        if let Some(seconds) = parse_digits(text) {
            return Some(seconds.saturating_mul(1_000).min(HOUR));
        }
        // `Date.parse` makes a date of nearly anything; a header's ends like this.
        (self.date.is_finite() && text.ends_with("GMT")).then(|| millis(self.date).saturating_sub(wall).min(HOUR))
    }
}
