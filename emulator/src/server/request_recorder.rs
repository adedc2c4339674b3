//! Writes one request's progress into the ledger.

use std::sync::Arc;

use axum::http::{HeaderMap, Method, Uri};

use super::{
    App,
    fault::Fault,
    ledger::{Ledger, RequestRecord},
};

/// Records one request. Dropped before [`RequestRecorder::end`], it records that the client aborted.
#[derive(Debug)]
pub(crate) struct RequestRecorder {
    app: Arc<App>,
    epoch: u64,
    seq: u64,
    ended: bool,
}

impl RequestRecorder {
    /// Adds a request to the ledger.
    pub(crate) fn start(app: &Arc<App>, method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let mut state = app.state();
        let at = state.clock.since_reset_ms();
        let seq = state.ledger.add(at, method, uri, headers);
        Self { app: app.clone(), epoch: state.ledger.epoch(), seq, ended: false }
    }

    /// Records which fault the plan applied.
    pub(crate) fn fault(&self, fault: Fault) {
        self.update_ledger(|ledger, seq| ledger.set_fault(seq, fault));
    }

    /// Records the status of the response.
    pub(crate) fn status(&self, status: u16) {
        self.update_record(|record, _| record.status = Some(status));
    }

    /// Records which generation a submit created.
    pub(crate) fn created(&self, id: &str) {
        self.update_ledger(|ledger, seq| ledger.set_generation(seq, id));
    }

    /// Records that as much of the response as was planned has been sent.
    pub(crate) fn end(&mut self) {
        if !self.ended {
            self.ended = true;
            self.update_record(|record, at| record.ended = Some(at));
        }
    }

    fn update_record(&self, update: impl FnOnce(&mut RequestRecord, u64)) {
        let at = self.app.state().clock.since_reset_ms();
        self.update_ledger(|ledger, seq| {
            if let Some(record) = ledger.record_mut(seq) {
                update(record, at);
            }
        });
    }

    fn update_ledger(&self, update: impl FnOnce(&mut Ledger, u64)) {
        let mut state = self.app.state();
        if state.ledger.epoch() == self.epoch {
            update(&mut state.ledger, self.seq);
        }
    }
}

impl Drop for RequestRecorder {
    fn drop(&mut self) {
        if !self.ended {
            self.update_record(|record, at| {
                record.ended = Some(at);
                record.aborted = true;
            });
        }
    }
}
