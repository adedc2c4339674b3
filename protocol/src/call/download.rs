//! Downloads: one request, without a key, a gate or a repetition.

use super::{Action, Call, Event};
use crate::model::error::{DownloadFailure, Failure};

impl Call {
    /// What came of the request for a file.
    pub(super) fn on_file_event<V>(&mut self, event: &Event<V>) -> Action {
        let failure = match *event {
            Event::FileReceived { content_type: Ok(content_type), .. } => {
                self.end();
                return Action::SettleFile(content_type);
            }
            Event::FileReceived { status, content_type: Err(why) } => {
                self.http_status = Some(status).filter(|status| *status > 0);
                Failure::DownloadFailed(why)
            }
            Event::FileTruncated => Failure::DownloadFailed(DownloadFailure::Truncated),
            Event::NetworkError => Failure::DownloadFailed(DownloadFailure::Network),
            Event::Timeout | Event::ReplyTruncated(_) => Failure::Deadline,
            _ => return self.on_invalid_event(),
        };
        self.fail(failure)
    }
}
