use proptest::prelude::*;
use protocol::Endpoint;

#[test]
fn requests_go_to_one_path_below_the_base_url() {
    for (href, url) in [
        ("https://api.aimlapi.com/", "https://api.aimlapi.com/v2/generate/audio"),
        ("https://api.aimlapi.com/api", "https://api.aimlapi.com/api/v2/generate/audio"),
        ("https://api.aimlapi.com/api/", "https://api.aimlapi.com/api/v2/generate/audio"),
        ("https://api.aimlapi.com//", "https://api.aimlapi.com/v2/generate/audio"),
        ("https://a:8080/b@c:d/", "https://a:8080/b@c:d/v2/generate/audio"),
    ] {
        let endpoint = Endpoint::new(href, "", true, None).unwrap();
        assert_eq!(endpoint.submit_url(), url);
        assert_eq!(endpoint.poll_url("a"), [url, "?generation_id=a"].concat());
    }
}

#[test]
fn the_origin_is_scheme_host_and_port() {
    for (href, origin) in [
        ("https://a/", "https://a"),
        ("https://a:8080/b/c", "https://a:8080"),
        ("http://[::1]:3000/api/", "http://[::1]:3000"),
        ("https://a", "https://a"),
    ] {
        assert_eq!(Endpoint::new(href, "", true, None).unwrap().origin, origin);
    }
}

#[test]
fn the_id_is_percent_encoded_in_the_query() {
    let endpoint = Endpoint::new("https://a/", "", true, None).unwrap();
    for (id, encoded) in [
        ("ed58-4:stable-audio", "ed58-4%3Astable-audio"),
        ("U:vendor/model", "U%3Avendor%2Fmodel"),
        ("a&b=c#d?e+f %", "a%26b%3Dc%23d%3Fe%2Bf%20%25"),
        ("é~._", "%C3%A9~._"),
    ] {
        assert_eq!(endpoint.poll_url(id), ["https://a/v2/generate/audio?generation_id=", encoded].concat());
    }
}

#[test]
fn a_base_url_must_be_http_without_credentials_query_or_fragment() {
    for href in [
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https:example.com",
        "https:///v2",
        "",
        "https://user:pass@example.com/",
        "https://pass@example.com/",
        "https://:pass@localhost/",
        "https://example.com/?pass=b",
        "https://example.com/a#pass",
        "https://example.com?pass",
        "http://example.com/",
    ] {
        let error = Endpoint::new(href, "", true, None).unwrap_err();
        let message = error.message();
        assert_eq!(error.code(), "invalid_argument", "{href}");
        assert!(message.contains("baseUrl") && !message.contains("pass"), "{message}");
    }
}

#[test]
fn a_key_travels_over_plain_http_only_to_loopback() {
    for host in ["localhost", "app.localhost", "127.0.0.1", "127.8.9.10", "[::1]"] {
        for port in ["", ":8080"] {
            let endpoint = Endpoint::new(&["http://", host, port, "/"].concat(), "", true, None).unwrap();
            assert!(endpoint.loopback, "{host}");
        }
    }
    for host in [
        "example.com",
        "localhost.example.com",
        "127.evil.com",
        "128.0.0.1",
        "[::2]",
        "[::1:1]",
        "[::1]evil.example",
        "10.0.0.1",
    ] {
        assert!(Endpoint::new(&["http://", host, "/"].concat(), "", true, None).is_err(), "{host}");
        assert!(!Endpoint::new(&["http://", host, "/"].concat(), "", false, None).unwrap().loopback, "{host}");
        assert!(Endpoint::new(&["https://", host, "/"].concat(), "", true, None).is_ok(), "{host}");
    }
}

#[test]
fn the_documented_path_is_dropped_from_the_services_own_address_only() {
    for path in ["/", "/v1", "/v1/", "/v2", "/v2/", "/v2/generate/audio", "/v2/generate/audio/"] {
        let endpoint = Endpoint::new(&["https://api.aimlapi.com", path].concat(), "", true, None).unwrap();
        assert_eq!(endpoint.submit_url(), "https://api.aimlapi.com/v2/generate/audio", "{path}");
    }
    let endpoint = Endpoint::new("https://proxy.example/v2", "", true, None).unwrap();
    assert_eq!(endpoint.submit_url(), "https://proxy.example/v2/v2/generate/audio");
}

#[test]
fn a_relative_base_url_stays_at_the_pages_origin() {
    for page in ["https://app.example", "http://localhost:8080"] {
        let endpoint = Endpoint::new(&[page, "/api"].concat(), page, false, None).unwrap();
        assert_eq!(endpoint.submit_url(), [page, "/api/v2/generate/audio"].concat());
    }
    for href in
        ["https://evil.example/", "https://app.example.evil/", "https://app.example:444/", "http://app.example/"]
    {
        let error = Endpoint::new(href, "https://app.example", false, None).unwrap_err();
        assert!(error.message().contains("leaves the page's own origin"), "{}", error.message());
    }
}

#[test]
fn the_service_itself_needs_a_key_and_a_proxy_does_not() {
    let error = Endpoint::new("https://api.aimlapi.com/", "", false, None).unwrap_err();
    assert!(error.message().contains("apiKey"));
    assert!(Endpoint::new("https://api.aimlapi.com:8443/proxy", "", false, None).is_err());
    assert!(Endpoint::new("https://proxy.example.com/", "", false, None).is_ok());
}

proptest! {
    #[test]
    fn any_id_becomes_one_query_value(id in any::<String>()) {
        let endpoint = Endpoint::new("https://a/", "", true, None).unwrap();
        let url = endpoint.poll_url(&id);
        let value = url.strip_prefix("https://a/v2/generate/audio?generation_id=").unwrap();
        prop_assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        let mut decoded = vec![];
        let mut bytes = value.bytes();
        while let Some(byte) = bytes.next() {
            decoded.push(if byte == b'%' {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            } else {
                byte
            });
        }
        prop_assert_eq!(decoded, id.into_bytes());
    }
}
