//! What is downloaded.

/// A file to download.
#[derive(Clone, Debug, PartialEq)]
pub struct AudioSource {
    /// Its http(s) URL.
    pub url: String,
    /// Its size in bytes, if it is known.
    pub file_size: Option<f64>,
}
