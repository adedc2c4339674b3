//! The ledger: every request that arrived, and what became of it.

use std::collections::{BTreeMap, VecDeque};

use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use emulator::{Generation, Key, generation_id, is_client_request_id};
use serde_json::{Value, json};

use super::fault::Fault;

/// How many requests are kept, and how many bytes they may take in all; the oldest are evicted.
const MAX_RECORDS: usize = 100_000;
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The requests since the last reset; the oldest may have been evicted.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Counts resets, so that a request that outlives one does not write into the next ledger.
    epoch: u64,
    evicted: u64,
    records: VecDeque<RequestRecord>,
    bytes: usize,
}

/// One request. Of its headers only the names are kept, and the values of ids and of a preflight's
/// `Access-Control-Request-Headers`: never a key.
#[derive(Debug)]
pub(crate) struct RequestRecord {
    at: u64,
    method: Method,
    // Copied, since a `Uri` keeps the whole buffer that it was parsed from.
    path: Box<str>,
    query: Box<str>,
    headers: Box<str>,
    requested_headers: Option<String>,
    key: Key,
    client_request_id: Option<Box<str>>,
    idempotency_key: Option<Box<str>>,
    /// The generation that a poll asked for, or that a submit created.
    generation_id: Option<Box<str>>,
    pub(crate) status: Option<u16>,
    fault: Option<Fault>,
    pub(crate) ended: Option<u64>,
    pub(crate) aborted: bool,
    /// The approximate size of this record in memory.
    bytes: usize,
}

impl Ledger {
    pub(crate) fn clear(&mut self) {
        *self = Self { epoch: self.epoch + 1, ..Self::default() };
    }

    /// Counts resets.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Adds a request, and returns its sequence number.
    pub(crate) fn add(&mut self, at: u64, method: &Method, uri: &Uri, headers: &HeaderMap) -> u64 {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        self.push(RequestRecord {
            at,
            method: method.clone(),
            path: uri.path().into(),
            query: uri.query().unwrap_or_default().into(),
            headers: names.join(" ").into(),
            requested_headers: (method == Method::OPTIONS)
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
        self.evicted + self.records.len() as u64
    }

    fn push(&mut self, mut record: RequestRecord) {
        record.bytes = record.size();
        self.bytes += record.bytes;
        self.records.push_back(record);
        while self.records.len() > MAX_RECORDS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.records.pop_front() else { return };
            self.bytes -= oldest.bytes;
            self.evicted += 1;
        }
    }

    pub(crate) fn set_generation(&mut self, seq: u64, id: &str) {
        let Some(record) = self.record_mut(seq) else { return };
        record.generation_id = Some(id.into());
        record.bytes += id.len();
        self.bytes += id.len();
    }

    pub(crate) fn set_fault(&mut self, seq: u64, fault: Fault) {
        let Some(record) = self.record_mut(seq) else { return };
        let length = serde_json::to_string(&fault).map_or(0, |text| text.len());
        record.fault = Some(fault);
        record.bytes += length;
        self.bytes += length;
    }

    /// The record of a sequence number, unless it was evicted.
    pub(crate) fn record_mut(&mut self, seq: u64) -> Option<&mut RequestRecord> {
        let at = seq.checked_sub(self.evicted + 1)?;
        self.records.get_mut(usize::try_from(at).ok()?)
    }

    /// The number of preflights for each path.
    pub(crate) fn preflights(&self) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for record in self.records.iter().filter(|record| record.method == Method::OPTIONS) {
            *counts.entry(&*record.path).or_default() += 1;
        }
        counts
    }

    pub(crate) fn to_json(&self) -> Value {
        (self.evicted + 1..).zip(&self.records).map(|(seq, record)| record.to_json(seq)).collect()
    }
}

impl RequestRecord {
    fn size(&self) -> usize {
        let ids = [&self.client_request_id, &self.idempotency_key, &self.generation_id];
        let ids: usize = ids.into_iter().flatten().map(|id| id.len()).sum();
        let requested = self.requested_headers.as_deref().map_or(0, str::len);
        size_of::<Self>() + self.path.len() + self.query.len() + self.headers.len() + ids + requested
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
        if let (Some(requested), Some(json)) = (&self.requested_headers, json.as_object_mut()) {
            json.insert("access-control-request-headers".into(), requested.as_str().into());
        }
        json
    }
}

/// A generation as the ledger shows it.
pub(crate) fn generation_to_json(generation: &Generation, now_ms: u64, epoch_ms: u64) -> Value {
    json!({
        "id": &*generation.id,
        "accepted_at": generation.accepted_at.saturating_sub(epoch_ms),
        "ends_at": generation.ends_at.saturating_sub(epoch_ms),
        "charged": generation.charged(now_ms),
        "polls": generation.polls,
        "client_request_id": generation.client_request_id.as_deref(),
        "status": generation.status(now_ms).as_str(),
        "prompt": &*generation.prompt,
        "seconds_start": generation.seconds_start,
        "seconds_total": generation.seconds_total,
        "steps": generation.steps,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_requests_are_evicted_by_number_and_by_size() {
        for (query, max) in [(1, MAX_RECORDS), (60_000, MAX_BYTES / 60_000)] {
            let mut ledger = Ledger::default();
            let uri: Uri = format!("/x?{}", "a".repeat(query)).parse().unwrap();
            let many = max as u64 + 10;
            for at in 0..many {
                let seq = ledger.add(at, &Method::GET, &uri, &HeaderMap::new());
                assert_eq!(ledger.record_mut(seq).map(|record| record.at), Some(at));
            }
            assert!(ledger.records.len() <= max && ledger.records.len() > max - 30, "{}", ledger.records.len());
            assert!(ledger.bytes <= MAX_BYTES && ledger.record_mut(1).is_none());
            assert_eq!(ledger.evicted + ledger.records.len() as u64, many);
        }
    }

    #[test]
    fn what_is_recorded_later_counts_towards_the_size() {
        let mut ledger = Ledger::default();
        for at in 0..80 {
            let seq = ledger.add(at, &Method::GET, &Uri::from_static("/"), &HeaderMap::new());
            ledger.set_fault(seq, Fault { body: Some("a".repeat(1_000_000).into()), ..Fault::default() });
            ledger.set_generation(seq, "an id");
        }
        assert!(ledger.records.len() < 70, "{}", ledger.records.len());
        assert_eq!(ledger.bytes, ledger.records.iter().map(|record| record.bytes).sum::<usize>());
    }
}
