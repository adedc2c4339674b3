//! What was seen on the wire.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use emulator::{Job, Key, generation_id, is_client_request_id};
use serde_json::{Value, json};

use super::{App, fault::Fault};

/// Requests kept, and bytes of what they said; the oldest make room.
const KEPT: usize = 100_000;
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// Every request since the last reset, but for the oldest.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Which reset's: an exchange that outlives one must not write into the next.
    epoch: u64,
    dropped: u64,
    entries: VecDeque<Entry>,
    bytes: usize,
}

/// One request, as seen. Never a key, nor any other header's value but the ids and what a preflight asks.
#[derive(Debug)]
struct Entry {
    at: u64,
    method: Method,
    // Copies: a `Uri` may hold on to all that was read with it.
    path: Box<str>,
    query: Box<str>,
    headers: Box<str>,
    asked_headers: Option<String>,
    key: Key,
    client_request_id: Option<Box<str>>,
    idempotency_key: Option<Box<str>>,
    /// What a poll asked for, and what a submit created.
    generation_id: Option<Box<str>>,
    status: Option<u16>,
    fault: Option<Fault>,
    ended: Option<u64>,
    aborted: bool,
    /// About as many bytes as it takes.
    bytes: usize,
}

impl Ledger {
    pub(crate) fn clear(&mut self) {
        *self = Self { epoch: self.epoch + 1, ..Self::default() };
    }

    /// Notes a request, and returns its sequence number.
    fn open(&mut self, at: u64, method: &Method, uri: &Uri, headers: &HeaderMap) -> u64 {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        self.push(Entry {
            at,
            method: method.clone(),
            path: uri.path().into(),
            query: uri.query().unwrap_or_default().into(),
            headers: names.join(" ").into(),
            asked_headers: (method == Method::OPTIONS)
                .then(|| text(header::ACCESS_CONTROL_REQUEST_HEADERS.as_str()).map(str::to_owned))
                .flatten(),
            key: Key::from_authorization(text(header::AUTHORIZATION.as_str())),
            client_request_id: text("x-client-request-id").filter(|id| is_client_request_id(id)).map(Into::into),
            idempotency_key: text("idempotency-key").map(Into::into),
            generation_id: uri.query().and_then(generation_id).map(Into::into),
            status: None,
            fault: None,
            ended: None,
            aborted: false,
            bytes: 0,
        });
        self.dropped + self.entries.len() as u64
    }

    fn push(&mut self, mut entry: Entry) {
        entry.bytes = entry.length();
        self.bytes += entry.bytes;
        self.entries.push_back(entry);
        while self.entries.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some(oldest) = self.entries.pop_front() else { return };
            self.bytes -= oldest.bytes;
            self.dropped += 1;
        }
    }

    fn set_generation(&mut self, seq: u64, id: &str) {
        let Some(entry) = self.entry(seq) else { return };
        entry.generation_id = Some(id.into());
        entry.bytes += id.len();
        self.bytes += id.len();
    }

    fn set_fault(&mut self, seq: u64, fault: Fault) {
        let Some(entry) = self.entry(seq) else { return };
        let length = serde_json::to_string(&fault).map_or(0, |text| text.len());
        entry.fault = Some(fault);
        entry.bytes += length;
        self.bytes += length;
    }

    fn entry(&mut self, seq: u64) -> Option<&mut Entry> {
        let at = seq.checked_sub(self.dropped + 1)?;
        self.entries.get_mut(usize::try_from(at).ok()?)
    }

    /// How many preflights of each path are among them.
    pub(crate) fn preflights(&self) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| entry.method == Method::OPTIONS) {
            *counts.entry(&*entry.path).or_default() += 1;
        }
        counts
    }

    pub(crate) fn to_json(&self) -> Value {
        (self.dropped + 1..).zip(&self.entries).map(|(seq, entry)| entry.to_json(seq)).collect()
    }
}

impl Entry {
    fn length(&self) -> usize {
        let ids = [&self.client_request_id, &self.idempotency_key, &self.generation_id];
        let ids: usize = ids.into_iter().flatten().map(|id| id.len()).sum();
        let asked = self.asked_headers.as_deref().map_or(0, str::len);
        size_of::<Self>() + self.path.len() + self.query.len() + self.headers.len() + ids + asked
    }

    fn to_json(&self, seq: u64) -> Value {
        let headers: Vec<_> = self.headers.split_whitespace().collect();
        let mut json = json!({
            "seq": seq,
            "at": self.at,
            "method": self.method.as_str(),
            "path": &*self.path,
            "query": &*self.query,
            "headers": headers,
            "key": self.key.as_str(),
            "client_request_id": self.client_request_id,
            "idempotency_key": self.idempotency_key,
            "generation_id": self.generation_id,
            "status": self.status,
            "fault": self.fault,
            "ended": self.ended,
            "aborted": self.aborted,
        });
        if let (Some(asked), Some(json)) = (&self.asked_headers, json.as_object_mut()) {
            json.insert("access-control-request-headers".into(), asked.as_str().into());
        }
        json
    }
}

/// A job, as the ledger tells of it.
pub(crate) fn job_to_json(job: &Job, now_ms: u64, epoch_ms: u64) -> Value {
    json!({
        "id": &*job.id,
        "accepted_at": job.accepted_at.saturating_sub(epoch_ms),
        "ends_at": job.ends_at.saturating_sub(epoch_ms),
        "charged": job.charged(now_ms),
        "polls": job.polls,
        "client_request_id": job.client_request_id.as_deref(),
        "status": job.status(now_ms).as_str(),
        "prompt": &*job.prompt,
        "seconds_start": job.seconds_start,
        "seconds_total": job.seconds_total,
        "steps": job.steps,
    })
}

/// An open entry. Dropped before [`Watch::end`], it is an exchange the client gave up.
#[derive(Debug)]
pub(crate) struct Watch {
    app: Arc<App>,
    epoch: u64,
    seq: u64,
    ended: bool,
}

impl Watch {
    pub(crate) fn open(app: &Arc<App>, method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let mut state = app.state();
        let at = state.clock.ms();
        let seq = state.ledger.open(at, method, uri, headers);
        Self { app: app.clone(), epoch: state.ledger.epoch, seq, ended: false }
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.write(|ledger, seq| ledger.set_fault(seq, fault));
    }

    pub(crate) fn status(&self, status: u16) {
        self.note(|entry, _| entry.status = Some(status));
    }

    /// The service has accepted a submit.
    pub(crate) fn created(&self, id: &str) {
        self.write(|ledger, seq| ledger.set_generation(seq, id));
    }

    /// The reply is out, as far as there was to be one.
    pub(crate) fn end(&mut self) {
        if !self.ended {
            self.ended = true;
            self.note(|entry, at| entry.ended = Some(at));
        }
    }

    fn note(&self, write: impl FnOnce(&mut Entry, u64)) {
        let at = self.app.state().clock.ms();
        self.write(|ledger, seq| {
            if let Some(entry) = ledger.entry(seq) {
                write(entry, at);
            }
        });
    }

    fn write(&self, write: impl FnOnce(&mut Ledger, u64)) {
        let mut state = self.app.state();
        if state.ledger.epoch == self.epoch {
            write(&mut state.ledger, self.seq);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.ended {
            self.note(|entry, at| {
                entry.ended = Some(at);
                entry.aborted = true;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_requests_make_room_by_number_and_by_length() {
        for (query, kept) in [(1, KEPT), (60_000, KEPT_BYTES / 60_000)] {
            let mut ledger = Ledger::default();
            let uri: Uri = format!("/x?{}", "a".repeat(query)).parse().unwrap();
            let many = kept as u64 + 10;
            for at in 0..many {
                let seq = ledger.open(at, &Method::GET, &uri, &HeaderMap::new());
                assert_eq!(ledger.entry(seq).map(|entry| entry.at), Some(at));
            }
            assert!(ledger.entries.len() <= kept && ledger.entries.len() > kept - 30, "{}", ledger.entries.len());
            assert!(ledger.bytes <= KEPT_BYTES && ledger.entry(1).is_none());
            assert_eq!(ledger.dropped + ledger.entries.len() as u64, many);
        }
    }

    #[test]
    fn what_is_written_later_counts_too() {
        let mut ledger = Ledger::default();
        for at in 0..80 {
            let seq = ledger.open(at, &Method::GET, &Uri::from_static("/"), &HeaderMap::new());
            ledger.set_fault(seq, Fault { body: Some("a".repeat(1_000_000).into()), ..Fault::default() });
            ledger.set_generation(seq, "an id");
        }
        assert!(ledger.entries.len() < 70, "{}", ledger.entries.len());
        assert_eq!(ledger.bytes, ledger.entries.iter().map(|entry| entry.bytes).sum::<usize>());
    }
}
