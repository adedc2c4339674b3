use proptest::prelude::*;
use protocol::endpoint::{Endpoint, Parts};

fn parts(protocol: &str, hostname: &str) -> Parts {
    Parts {
        protocol: protocol.into(),
        hostname: hostname.into(),
        origin: [protocol, "//", hostname].concat(),
        pathname: "/".into(),
        ..Parts::default()
    }
}

#[test]
fn sends_to_the_one_path_below_the_base() {
    for (pathname, url) in [
        ("/", "https://api.aimlapi.com/v2/generate/audio"),
        ("/api", "https://api.aimlapi.com/api/v2/generate/audio"),
        ("/api/", "https://api.aimlapi.com/api/v2/generate/audio"),
        ("//", "https://api.aimlapi.com/v2/generate/audio"),
    ] {
        let endpoint = Endpoint::new(&Parts { pathname: pathname.into(), ..parts("https:", "api.aimlapi.com") }, true);
        let endpoint = endpoint.unwrap();
        assert_eq!(endpoint.create(), url);
        assert_eq!(endpoint.status("a"), [url, "?generation_id=a"].concat());
    }
}

#[test]
fn encodes_the_id() {
    let endpoint = Endpoint::new(&parts("https:", "a"), true).unwrap();
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
    let with = |change: fn(&mut Parts)| {
        let mut parts = parts("https:", "example.com");
        change(&mut parts);
        Endpoint::new(&parts, true).map(|endpoint| endpoint.origin).map_err(|error| (error.code(), error.message()))
    };
    for refused in [
        with(|parts| parts.protocol = "ftp:".into()),
        with(|parts| parts.protocol = "file:".into()),
        with(|parts| parts.credentials = "user:pass".into()),
        with(|parts| parts.rest = "?a=b".into()),
        with(|parts| parts.protocol = "http:".into()),
    ] {
        let (code, message) = refused.unwrap_err();
        assert_eq!(code, "invalid_argument");
        assert!(message.contains("baseUrl") && !message.contains("pass"), "{message}");
    }
}

#[test]
fn sends_a_key_over_plain_http_to_this_machine_alone() {
    for host in ["localhost", "127.0.0.1", "127.8.9.10", "[::1]"] {
        let endpoint = Endpoint::new(&parts("http:", host), true).unwrap();
        assert!(endpoint.loopback, "{host}");
    }
    for host in
        ["example.com", "localhost.example.com", "evil.localhost", "127.evil.com", "128.0.0.1", "[::2]", "10.0.0.1"]
    {
        assert!(Endpoint::new(&parts("http:", host), true).is_err(), "{host}");
        assert!(!Endpoint::new(&parts("http:", host), false).unwrap().loopback, "{host}");
        assert!(Endpoint::new(&parts("https:", host), true).is_ok(), "{host}");
    }
}

#[test]
fn needs_a_key_for_the_service_itself_and_none_for_a_proxy() {
    let error = Endpoint::new(&parts("https:", "api.aimlapi.com"), false).unwrap_err();
    assert!(error.message().contains("apiKey"));
    assert!(Endpoint::new(&parts("https:", "proxy.example.com"), false).is_ok());
}

proptest! {
    #[test]
    fn writes_any_id_as_one_query_value(id in any::<String>()) {
        let endpoint = Endpoint::new(&parts("https:", "a"), true).unwrap();
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
