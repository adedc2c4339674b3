//! A cache of rendered audio files.

use std::collections::VecDeque;

use bytes::Bytes;
use emulator::audio::Track;
use tokio::sync::Mutex;

/// About 42 MB of clips of the usual length.
const CAPACITY: usize = 8;

/// The most recently rendered tracks. A track is rendered when it is first downloaded; other downloads wait.
#[derive(Debug, Default)]
pub(crate) struct TrackCache(Mutex<VecDeque<(Track, Bytes)>>);

impl TrackCache {
    /// The bytes of the WAV file, rendered unless they are cached.
    pub(crate) async fn bytes(&self, track: Track) -> Bytes {
        let mut cache = self.0.lock().await;
        if let Some((_, bytes)) = cache.iter().find(|(cached, _)| *cached == track) {
            return bytes.clone();
        }
        let to_render = track.clone();
        let rendered = tokio::task::spawn_blocking(move || to_render.render()).await;
        let bytes = Bytes::from(rendered.unwrap_or_default());
        cache.truncate(CAPACITY - 1);
        cache.push_front((track, bytes.clone()));
        bytes
    }
}
