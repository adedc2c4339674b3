//! The URLs of requests.

use std::net::{Ipv4Addr, Ipv6Addr};

use arbitrary::{Result, Unstructured};
use protocol::Endpoint;

use crate::checks;

pub(crate) fn run(input: &[u8]) {
    // An input that is too short ends the try early.
    let _ = random_endpoint(Unstructured::new(input));
}

fn random_endpoint(mut input: Unstructured<'_>) -> Result<()> {
    const SCHEMES: [&str; 6] = ["https://", "http://", "https:", "file://", "HTTPS://", ""];
    const HOSTS: [&str; 14] = [
        "api.aimlapi.com",
        "localhost",
        "a.localhost",
        "localhost.example",
        "127.0.0.1",
        "127.255.255.254",
        "127.0.0.1.example",
        "127.example",
        "128.0.0.1",
        "[::1]",
        "[::2]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "",
    ];
    let has_key = input.arbitrary()?;
    let page = if input.ratio(1, 4)? { "https://localhost" } else { "" };
    let scheme = *input.choose(&SCHEMES)?;
    let hostname = if input.ratio(1, 3)? { input.arbitrary::<&str>()? } else { *input.choose(&HOSTS)? };
    let credentials = if input.ratio(1, 8)? { [input.arbitrary()?, "@"].concat() } else { String::new() };
    let port = if input.ratio(1, 4)? { ":8080" } else { "" };
    let path = input.arbitrary::<&str>()?;
    let href = [scheme, &credentials, hostname, port, "/", path].concat();
    let id = std::str::from_utf8(input.take_rest()).unwrap_or("a:b/c");
    match Endpoint::new(&href, page, has_key, None) {
        Ok(endpoint) => {
            assert!(page.is_empty() || endpoint.origin == page, "it left the page's origin");
            accepted(&endpoint, &href, has_key, id);
        }
        Err(error) => {
            assert_eq!(error.code(), "invalid_argument");
            checks::error(&error, &checks::SECRETS);
        }
    }
    Ok(())
}

fn accepted(endpoint: &Endpoint, href: &str, has_key: bool, id: &str) {
    let (scheme, rest) = href.split_once("://").unwrap_or_default();
    assert!(["https", "http"].contains(&scheme) && !rest.contains(['?', '#']));
    let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
    assert!(!authority.contains('@'), "credentials");
    assert_eq!(endpoint.origin, [scheme, "://", authority].concat());
    assert!(!has_key || scheme == "https" || endpoint.loopback, "a key over plain http to another machine");
    let hostname = authority.strip_suffix(":8080").unwrap_or(authority);
    assert!(has_key || hostname != "api.aimlapi.com");
    if let Ok(address) = hostname.parse::<Ipv4Addr>() {
        assert_eq!(endpoint.loopback, address.is_loopback());
    }
    if let Some(Ok(address)) = bracketed(hostname).map(str::parse::<Ipv6Addr>) {
        assert!(!endpoint.loopback || address.is_loopback());
    }
    let submit_url = endpoint.submit_url();
    assert!(submit_url.starts_with(&endpoint.origin) && submit_url.ends_with("/v2/generate/audio"));
    let poll_url = endpoint.poll_url(id);
    let query = poll_url.strip_prefix(&submit_url).and_then(|rest| rest.strip_prefix("?generation_id="));
    let query = query.unwrap_or_else(|| checks::panic_with("no status URL", &poll_url));
    assert!(query.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
    assert_eq!(decoded(query), id.as_bytes());
}

fn bracketed(hostname: &str) -> Option<&str> {
    hostname.strip_prefix('[')?.strip_suffix(']')
}

fn decoded(query: &str) -> Vec<u8> {
    let mut bytes = query.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).unwrap_or(u32::MAX);
        plain.push(match byte {
            b'%' => u8::try_from(hex(bytes.next()).saturating_mul(16).saturating_add(hex(bytes.next()))).unwrap_or(0),
            other => other,
        });
    }
    plain
}
