//! HTTP as far as the service needs it, without a socket.

use std::{borrow::Cow, ops::Range};

use serde_json::Value;

use crate::audio::Track;

/// What the client sent.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// In capitals.
    pub method: &'a str,
    /// Without the query.
    pub path: &'a str,
    /// As it came: without the question mark, percent-encoded.
    pub query: &'a str,
    /// Names in any case.
    pub headers: &'a [(&'a str, &'a str)],
    /// As it came.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }

    /// The client's own id of this request: `X-Client-Request-Id`. A malformed one is as none.
    pub fn client_request_id(&self) -> Option<&'a str> {
        self.header("x-client-request-id").filter(|id| is_client_request_id(id))
    }
}

/// Is this a value of `X-Client-Request-Id` that the service takes?
pub fn is_client_request_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
}

/// A header of a reply; the name in lower case.
pub type Header = (&'static str, Cow<'static, str>);

/// What the service answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Without `content-length`, which is the host's.
    pub headers: Vec<Header>,
    /// Kept as values, so that a host without sockets need not write them out.
    pub body: Body,
}

impl Response {
    /// The first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| &**value)
    }
}

/// A reply's body.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// None.
    Empty,
    /// Plain text.
    Text(&'static str),
    /// JSON.
    Json(Value),
    /// These bytes of this track's WAV file, still to be rendered.
    Track(Track, Range<u64>),
}

/// The `generation_id` of a query, decoded.
pub fn generation_id(query: &str) -> Option<Cow<'_, str>> {
    parameters(query, "generation_id").next().filter(|id| !id.is_empty())
}

/// The values of a query's parameter, decoded, in their order.
pub(crate) fn parameters<'a>(query: &'a str, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(move |(known, _)| *known == name).map(|(_, value)| decode(value))
}

fn decode(text: &str) -> Cow<'_, str> {
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
    fn finds_the_id_in_a_query_and_decodes_it() {
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
    fn takes_a_client_request_id_of_its_alphabet_and_length_alone() {
        let (longest, longer) = ("a".repeat(128), "a".repeat(129));
        for good in ["a", "order-8f21c4", "A.z_0:9-", &longest] {
            assert!(is_client_request_id(good), "{good}");
        }
        for bad in ["", " ", "a b", "a/b", "é", "a,b", &longer] {
            assert!(!is_client_request_id(bad), "{bad}");
        }
    }
}
