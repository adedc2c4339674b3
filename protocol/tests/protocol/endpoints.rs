use proptest::prelude::*;
use protocol::endpoint::Endpoint;

#[test]
fn sends_to_the_one_path_below_the_base() {
    for (href, url) in [
        ("https://api.aimlapi.com/", "https://api.aimlapi.com/v2/generate/audio"),
        ("https://api.aimlapi.com/api", "https://api.aimlapi.com/api/v2/generate/audio"),
        ("https://api.aimlapi.com/api/", "https://api.aimlapi.com/api/v2/generate/audio"),
        ("https://api.aimlapi.com//", "https://api.aimlapi.com/v2/generate/audio"),
        ("https://a:8080/b@c:d/", "https://a:8080/b@c:d/v2/generate/audio"),
    ] {
        let endpoint = Endpoint::new(href, "", true, None).unwrap();
        assert_eq!(endpoint.create(), url);
        assert_eq!(endpoint.status("a"), [url, "?generation_id=a"].concat());
    }
}

#[test]
fn keeps_the_gate_for_scheme_host_and_port() {
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
fn encodes_the_id() {
    let endpoint = Endpoint::new("https://a/", "", true, None).unwrap();
    for (id, encoded) in [
        ("ed58-4:stable-audio", "ed58-4%3Astable-audio"),
        ("U:vendor/model", "U%3Avendor%2Fmodel"),
        ("a&b=c#d?e+f %", "a%26b%3Dc%23d%3Fe%2Bf%20%25"),
        ("é~._", "%C3%A9~._"),
    ] {
        assert_eq!(endpoint.status(id), ["https://a/v2/generate/audio?generation_id=", encoded].concat());
    }
}

#[test]
fn refuses_what_is_no_http_url_or_carries_too_much() {
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
fn sends_a_key_over_plain_http_to_this_machine_alone() {
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
fn drops_the_documentations_path_from_the_services_own_address_alone() {
    for path in ["/", "/v1", "/v1/", "/v2", "/v2/", "/v2/generate/audio", "/v2/generate/audio/"] {
        let endpoint = Endpoint::new(&["https://api.aimlapi.com", path].concat(), "", true, None).unwrap();
        assert_eq!(endpoint.create(), "https://api.aimlapi.com/v2/generate/audio", "{path}");
    }
    let endpoint = Endpoint::new("https://proxy.example/v2", "", true, None).unwrap();
    assert_eq!(endpoint.create(), "https://proxy.example/v2/v2/generate/audio");
}

#[test]
fn keeps_a_relative_address_at_the_pages_own_origin() {
    for page in ["https://app.example", "http://localhost:8080"] {
        let endpoint = Endpoint::new(&[page, "/api"].concat(), page, false, None).unwrap();
        assert_eq!(endpoint.create(), [page, "/api/v2/generate/audio"].concat());
    }
    for href in
        ["https://evil.example/", "https://app.example.evil/", "https://app.example:444/", "http://app.example/"]
    {
        let error = Endpoint::new(href, "https://app.example", false, None).unwrap_err();
        assert!(error.message().contains("leaves the page's own origin"), "{}", error.message());
    }
}

#[test]
fn needs_a_key_for_the_service_itself_and_none_for_a_proxy() {
    let error = Endpoint::new("https://api.aimlapi.com/", "", false, None).unwrap_err();
    assert!(error.message().contains("apiKey"));
    assert!(Endpoint::new("https://api.aimlapi.com:8443/proxy", "", false, None).is_err());
    assert!(Endpoint::new("https://proxy.example.com/", "", false, None).is_ok());
}

proptest! {
    #[test]
    fn writes_any_id_as_one_query_value(id in any::<String>()) {
        let endpoint = Endpoint::new("https://a/", "", true, None).unwrap();
        let url = endpoint.status(&id);
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
