//! Rendered tracks, kept for the next download.

use std::collections::VecDeque;

use bytes::Bytes;
use emulator::audio::Track;
use tokio::sync::Mutex;

/// About 42 MB of clips of the usual length.
const KEPT: usize = 8;

/// The cache. A track is rendered at its first download; others wait meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Tracks(Mutex<VecDeque<(Track, Bytes)>>);

impl Tracks {
    pub(crate) async fn bytes(&self, track: Track) -> Bytes {
        let mut kept = self.0.lock().await;
        if let Some((_, bytes)) = kept.iter().find(|(known, _)| *known == track) {
            return bytes.clone();
        }
        let rendering = track.clone();
        let rendered = tokio::task::spawn_blocking(move || rendering.render()).await;
        let bytes = Bytes::from(rendered.unwrap_or_default());
        kept.truncate(KEPT - 1);
        kept.push_front((track, bytes.clone()));
        bytes
    }
}
