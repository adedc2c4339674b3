//! Where requests go, and whether a key may go there.

use crate::error::Error;
use crate::text::joined;

/// The one path of both requests.
const PATH: &str = "/v2/generate/audio";

/// A URL, taken apart by the platform.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// With its colon: `https:`.
    pub protocol: String,
    /// Normalised, without the port; an IPv6 address in brackets.
    pub hostname: String,
    /// Scheme, host and port.
    pub origin: String,
    /// From its first slash.
    pub pathname: String,
    /// What stands before an `@`, or is empty.
    pub credentials: String,
    /// From its question mark or hash, or empty.
    pub rest: String,
}

/// A place to send requests to.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Scheme, host and port: what the gate is kept for.
    pub origin: String,
    /// Whether it is this machine.
    pub loopback: bool,
    url: String,
}

impl Endpoint {
    /// Checks a resolved `baseUrl`.
    ///
    /// # Errors
    /// `invalid_argument` for anything but http(s), for credentials, a query or a fragment in it,
    /// for a key over plain http to another machine, and for the service itself without a key.
    pub fn new(parts: &Parts, keyed: bool) -> Result<Self, Error> {
        let refuse = |why: &str| Err(Error::invalid(joined(&["`baseUrl` ", why])));
        let secure = parts.protocol == "https:";
        if !secure && parts.protocol != "http:" {
            return refuse("is not an http(s) URL");
        }
        if !parts.credentials.is_empty() {
            return refuse("carries credentials; expected the key in `apiKey`, or a proxy that adds it");
        }
        if !parts.rest.is_empty() {
            return refuse("carries a query or a fragment; expected an origin and a path");
        }
        let loopback = is_loopback(&parts.hostname);
        if keyed && !secure && !loopback {
            return refuse("is plain http to another machine, where a key could be read on its way; expected https");
        }
        if !keyed && parts.hostname == "api.aimlapi.com" {
            return Err(Error::invalid(
                "`apiKey` is missing; expected a key for the service itself, or a `baseUrl` of a proxy that adds it"
                    .into(),
            ));
        }
        let mut path = parts.pathname.as_str();
        while let Some(shorter) = path.strip_suffix('/') {
            path = shorter;
        }
        let url = joined(&[parts.origin.as_str(), path, PATH]);
        Ok(Self { origin: parts.origin.clone(), loopback, url })
    }

    /// Where a task is created.
    pub fn create(&self) -> String {
        self.url.clone()
    }

    /// Where a task is asked for. Ids hold colons and slashes.
    pub fn status(&self, id: &str) -> String {
        let mut url = joined(&[&self.url, "?generation_id="]);
        for byte in id.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                url.push(char::from(byte));
            } else {
                url.push('%');
                for digit in [byte >> 4, byte & 15] {
                    url.push(char::from(if digit < 10 { b'0' + digit } else { b'A' - 10 + digit }));
                }
            }
        }
        url
    }
}

/// Whether the name is this machine's own: `localhost`, 127.0.0.0/8 or `[::1]`.
fn is_loopback(hostname: &str) -> bool {
    hostname == "localhost"
        || hostname == "[::1]"
        || hostname
            .strip_prefix("127.")
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}
