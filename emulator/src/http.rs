//! HTTP requests and responses, independent of any HTTP library.

use std::{borrow::Cow, ops::Range};

use serde_json::Value;

use crate::audio::Track;

/// An HTTP request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The path, without the query.
    pub path: &'a str,
    /// The query, percent-encoded, without the question mark.
    pub query: &'a str,
    /// The headers; names in any case.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// The first header with this name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }

    /// The id that the client gave the request, `X-Client-Request-Id`; none if it is malformed.
    pub fn client_request_id(&self) -> Option<&'a str> {
        self.header("x-client-request-id").filter(|id| is_client_request_id(id))
    }
}

/// Whether the service accepts this value of `X-Client-Request-Id`.
pub fn is_client_request_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
}

/// A response header; the name in lower case.
pub type Header = (&'static str, Cow<'static, str>);

/// An HTTP response.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers, without `content-length`.
    pub headers: Vec<Header>,
    /// The body, not yet serialised.
    pub body: Body,
}

impl Response {
    /// The first header with this name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| &**value)
    }
}

/// A response body.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// No body.
    Empty,
    /// Plain text.
    Text(&'static str),
    /// JSON.
    Json(Value),
    /// These bytes of the track's WAV file, not yet rendered.
    Track(Track, Range<u64>),
}

/// The decoded `generation_id` of a query.
pub fn generation_id(query: &str) -> Option<Cow<'_, str>> {
    parameters(query, "generation_id").next().filter(|id| !id.is_empty())
}

/// The decoded values of a query parameter, in order.
pub(crate) fn parameters<'a>(query: &'a str, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(move |(known, _)| *known == name).map(|(_, value)| percent_decode(value))
}

fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%').then(|| after.first_chunk::<2>()).flatten();
        let escaped = escaped.and_then(|digits| str::from_utf8(digits).ok());
        let escaped = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(if first == b'+' { b' ' } else { first }));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generation_id_of_a_query_is_decoded() {
        for (query, id) in [
            ("generation_id=a-b", Some("a-b")),
            ("x=1&generation_id=a%3Ab%2fc&generation_id=d", Some("a:b/c")),
            ("generation_id=a:b/c", Some("a:b/c")),
            ("generation_id=a+b%", Some("a b%")),
            ("generation_id=%zz%4", Some("%zz%4")),
            ("generation_id=", None),
            ("id=a", None),
            ("", None),
        ] {
            assert_eq!(generation_id(query).as_deref(), id, "{query}");
        }
    }

    #[test]
    fn a_client_request_id_has_a_fixed_alphabet_and_a_maximum_length() {
        let (longest, longer) = ("a".repeat(128), "a".repeat(129));
        for good in ["a", "order-8f21c4", "A.z_0:9-", &longest] {
            assert!(is_client_request_id(good), "{good}");
        }
        for bad in ["", " ", "a b", "a/b", "é", "a,b", &longer] {
            assert!(!is_client_request_id(bad), "{bad}");
        }
    }
}
