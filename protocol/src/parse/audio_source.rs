//! What a download is given.

use super::untrusted::{Kind, Untrusted};
use super::web_url::{carries_credentials, read_web_url};
use crate::model::audio_source::AudioSource;
use crate::model::error::Error;

/// Reads the URL of a file, and its size in bytes if known, from an `AudioFile`, a snapshot, a `URL` object or a string.
///
/// # Errors
/// `invalid_argument` for anything but an http(s) URL, and for credentials in it.
pub fn read_audio_source<V: Untrusted>(audio: &V) -> Result<AudioSource, Error> {
    let file = audio.get("audio");
    let size = [audio.get("fileSize"), file.get("fileSize")].iter().find_map(Untrusted::as_number);
    let url = if audio.kind() == Kind::Object {
        [audio.get("url"), audio.get("href"), file.get("url")].iter().find_map(Untrusted::as_string)
    } else {
        audio.as_string()
    };
    match url.as_deref().and_then(read_web_url) {
        Some(url) if carries_credentials(&url) => Err(Error::invalid("the audio's URL carries credentials".into())),
        Some(url) => Ok(AudioSource { url, file_size: size }),
        None => Err(Error::invalid(
            "the audio is no http(s) URL and has none; expected an AudioFile, a completed generation or a URL".into(),
        )),
    }
}
