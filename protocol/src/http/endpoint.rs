//! Where requests go, and whether a key may go there.

use super::submit_body::push_hex;
use crate::model::error::Error;
use crate::model::options::Recovery;
use crate::model::text::concat;

/// The path of submits and polls.
const PATH: &str = "/v2/generate/audio";

/// The base of all requests of a client; the default is for downloads, which do not use it.
#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    /// Scheme, host and port; gates are kept per origin.
    pub origin: String,
    /// Whether it is this machine.
    pub loopback: bool,
    url: String,
}

impl Endpoint {
    /// Checks a `baseUrl` as the platform's `URL.href` gives it: absolute and normalised. `page_origin` is the
    /// origin against which a relative one was resolved, empty for an absolute one.
    ///
    /// # Errors
    /// `invalid_argument` for anything but http(s), for credentials, a query or a fragment in it,
    /// for a key over plain http to another machine, for the service itself without a key, and for
    /// `recovery: 'server'` there.
    pub fn new(href: &str, page_origin: &str, keyed: bool, recovery: Option<Recovery>) -> Result<Self, Error> {
        let refuse = |why: &str| Err(Error::invalid(concat(&["`baseUrl` ", why])));
        let secure = href.starts_with("https://");
        let rest = href.strip_prefix("https://").or_else(|| href.strip_prefix("http://")).unwrap_or_default();
        let authority = until(rest, b"/?#");
        if authority.is_empty() {
            return refuse("is not an http(s) URL");
        }
        if authority.bytes().any(|byte| byte == b'@') {
            return refuse("carries credentials; expected the key in `apiKey`, or a proxy that adds it");
        }
        if until(rest, b"?#") != rest {
            return refuse("carries a query or a fragment; expected an origin and a path");
        }
        let origin = href.get(..href.len() - rest.len() + authority.len()).unwrap_or(href);
        if !page_origin.is_empty() && origin != page_origin {
            return refuse("leaves the page's own origin; expected a path, or an absolute URL");
        }
        let hostname = until(authority, b":");
        let loopback = is_loopback(hostname) || authority == "[::1]" || authority.starts_with("[::1]:");
        if keyed && !secure && !loopback {
            return refuse("is plain http to another machine, which leaves the key readable; expected https");
        }
        let service = hostname == "api.aimlapi.com";
        if !keyed && service {
            return Err(Error::invalid(
                "`apiKey` is missing; expected a key for the service itself, or a `baseUrl` of a proxy that adds it"
                    .into(),
            ));
        }
        if service && recovery == Some(Recovery::Server) {
            return refuse("is the service itself; `recovery` 'server' expects a server of your own");
        }
        let mut base = href;
        while let Some(shorter) = base.strip_suffix('/') {
            base = shorter;
        }
        // The documentation's examples include the path, or part of it.
        for end in if service { ["/generate/audio", "/v2", "/v1"].as_slice() } else { &[] } {
            base = base.strip_suffix(end).unwrap_or(base);
        }
        Ok(Self { origin: origin.into(), loopback, url: concat(&[base, PATH]) })
    }

    /// The look-up of a submit at the package's own server.
    pub fn lookup_url(&self, key: &str) -> String {
        concat(&[&self.url, "?idempotency_key=", key])
    }

    /// A page of the service's logs, newest first: of the last hour, or of the last seven days.
    pub fn logs_url(&self, page: usize, days: bool) -> String {
        let base = self.url.strip_suffix(PATH).unwrap_or_default();
        let period = if days { "7d" } else { "1h" };
        let offset = ["0", "100", "200", "300", "400"].get(page).unwrap_or(&"0");
        concat(&[base, "/v2/logs?period=", period, "&limit=100&offset=", offset])
    }

    /// Where submits go.
    pub fn submit_url(&self) -> String {
        self.url.clone()
    }

    /// Where a generation is polled. Ids contain colons and slashes.
    pub fn poll_url(&self, id: &str) -> String {
        let mut url = concat(&[&self.url, "?generation_id="]);
        for byte in id.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                url.push(char::from(byte));
            } else {
                url.push('%');
                push_hex(&mut url, byte);
            }
        }
        url
    }
}

/// The text before the first of these ASCII bytes; all of it if there is none.
fn until<'a>(text: &'a str, ends: &[u8]) -> &'a str {
    let end = text.bytes().position(|byte| ends.contains(&byte));
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Whether the host is this machine: `localhost`, a subdomain of it, or 127.0.0.0/8.
fn is_loopback(hostname: &str) -> bool {
    hostname == "localhost"
        || hostname.ends_with(".localhost")
        || hostname
            .strip_prefix("127.")
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}
