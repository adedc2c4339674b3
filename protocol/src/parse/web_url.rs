//! URLs of audio files.

/// Whether the text is an absolute http(s) URL, as far as an audio URL must be.
pub fn is_web_url(url: &str) -> bool {
    let after = |scheme: &str| {
        let (start, rest) = url.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let host = after("https://").or_else(|| after("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.starts_with(['/', '?', '#']))
        && url.bytes().all(|byte| byte > b' ' && byte != 0x7F)
}

/// The longest URL that is kept, in bytes.
const MAX_URL: usize = 16_384;

/// An http(s) URL as a browser would read it: white space around it and line breaks in it are dropped,
/// spaces encoded. None for anything else.
pub(super) fn read_web_url(text: &str) -> Option<String> {
    let mut url = String::new();
    for letter in text.trim_ascii().chars() {
        match letter {
            '\t' | '\n' | '\r' => {}
            ' ' => url.push_str("%20"),
            letter => url.push(letter),
        }
    }
    (url.len() <= MAX_URL && is_web_url(&url)).then_some(url)
}

/// Whether the authority of a web URL contains user information.
pub(super) fn carries_credentials(url: &str) -> bool {
    let mut bytes = url.bytes().skip(8);
    bytes.find(|byte| b"@/\\?#".contains(byte)) == Some(b'@')
}
