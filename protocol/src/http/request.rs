//! Whole requests, as they are passed to `fetch`.

use core::fmt;

use super::endpoint::Endpoint;
use super::submit_body::submit_body;
use crate::model::api_key::ApiKey;
use crate::model::request::AudioRequest;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The POST that creates a generation.
    Submit,
    /// The GET that asks for a generation.
    Poll,
    /// The GET that asks what became of a submit.
    Lookup,
    /// The GET of a file.
    Download,
}

/// A request with all that `fetch` is told. Its `Debug` output does not contain the headers, and so no key.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// What it is for.
    pub purpose: Purpose,
    /// The HTTP method.
    pub method: &'static str,
    /// The URL; never contains a key.
    pub url: String,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body, which is JSON.
    pub body: Option<String>,
    /// Whether the body is to be a stream, if the platform can send one: engines cannot repeat it.
    pub stream_body: bool,
    /// The redirect mode.
    pub redirect: &'static str,
    /// The credentials mode: whether cookies are sent.
    pub credentials: &'static str,
    /// The cache mode; `None` is the default, whose name some runtimes do not know.
    pub cache: Option<&'static str>,
}

impl HttpRequest {
    /// The submit of a generation; `idempotency` is the header that carries its key.
    pub(crate) fn submit(
        endpoint: &Endpoint,
        key: Option<&ApiKey>,
        request: &AudioRequest,
        idempotency: Option<(&'static str, String)>,
        stream_body: bool,
    ) -> Self {
        let mut submit = Self::new(Purpose::Submit, endpoint.submit_url(), key, None);
        submit.method = "POST";
        submit.headers.push(("Content-Type", "application/json".into()));
        if let Some(header) = idempotency {
            submit.headers.push(header);
        }
        submit.body = Some(submit_body(request));
        submit.stream_body = stream_body;
        submit
    }

    /// A GET of the service or the caller's own server. Redirects are not followed, since a key is sent.
    pub(crate) fn new(purpose: Purpose, url: String, key: Option<&ApiKey>, cache: Option<&'static str>) -> Self {
        let mut headers = Vec::new();
        if let Some(key) = key {
            headers.push(("Authorization", key.bearer()));
        }
        Self {
            purpose,
            method: "GET",
            url,
            headers,
            body: None,
            stream_body: false,
            redirect: "manual",
            credentials: "same-origin",
            cache,
        }
    }

    /// The GET of a file, without key and cookies; redirects are followed.
    pub(crate) fn download(url: String) -> Self {
        let mut download = Self::new(Purpose::Download, url, None, None);
        download.redirect = "follow";
        download.credentials = "omit";
        download
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}
