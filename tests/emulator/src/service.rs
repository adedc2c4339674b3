//! The service itself: its jobs, and what it answers.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};

use fastrand::Rng;
use serde_json::Value;

use crate::{
    Body, CREDITS_PER_STEP, Config, Fate, FileRange, Header, Job, Key, Refusal, Reply, Request, Response, Status,
    Submission, audio::Track, file::file_path, http::generation_id, id, job, reply::usd_text,
};

/// The one path of both endpoints.
pub const ENDPOINT: &str = "/v2/generate/audio";

const EXPOSED: &str = "x-inference-id, x-client-request-id, x-aimlapi-credits-used, x-aimlapi-usd-spent";
const EXPOSED_TOO: &str = "x-inference-id, x-client-request-id, x-aimlapi-credits-used, \
     x-aimlapi-usd-spent, retry-after";

/// Jobs kept, and bytes of their prompts; the oldest that have ended make room.
const MOST_JOBS: usize = 10_000;
const MOST_PROMPTS: usize = 64 * 1024 * 1024;

/// The stand-in. Pure: it knows no time but what it is given, and no chance but its seed's.
#[derive(Debug)]
pub struct Service {
    /// What becomes of the next submit's job, if it is accepted; used once.
    pub next_fate: Fate,
    config: Config,
    rng: Rng,
    jobs: Vec<Job>,
    /// Bytes of the jobs' prompts.
    prompts: usize,
    by_id: HashMap<Arc<str>, usize, BuildHasherDefault<Fnv>>,
}

impl Service {
    /// A service without jobs.
    pub fn new(config: Config) -> Self {
        let rng = Rng::with_seed(config.seed);
        Self { next_fate: Fate::default(), config, rng, jobs: Vec::new(), prompts: 0, by_id: HashMap::default() }
    }

    /// Forgets everything, and goes on with these settings; cheaper than another service.
    pub fn reset(&mut self, config: Config) {
        self.next_fate = Fate::default();
        self.rng = Rng::with_seed(config.seed);
        self.config = config;
        self.jobs.clear();
        self.prompts = 0;
        self.by_id.clear();
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The jobs, in order of acceptance: the last 10,000, or fewer where prompts are long.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// A job by its id.
    pub fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.get(*self.by_id.get(id)?)
    }

    /// A job, to give it another [`Outcome`](crate::Outcome) or other times.
    pub fn job_mut(&mut self, id: &str) -> Option<&mut Job> {
        self.jobs.get_mut(*self.by_id.get(id)?)
    }

    /// A submit: accepted and charged, or refused.
    ///
    /// # Errors
    ///
    /// A [`Refusal`], after which nothing is billed; 429 where no more jobs can be kept, all being
    /// under way.
    pub fn submit(&mut self, now_ms: u64, key: Key, request: &Submission<'_>) -> Result<Reply<'_>, Refusal> {
        let fate = std::mem::take(&mut self.next_fate);
        if matches!(key, Key::Other | Key::None) {
            return Err(Refusal::Unauthorized);
        }
        let hints = request.hints();
        if !hints.is_empty() {
            return Err(Refusal::Invalid(hints));
        }
        key.admit()?;
        self.make_room(now_ms)?;
        let whole = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
        let steps = whole(request.steps).unwrap_or(100);
        let id: Arc<str> = id::generation(&mut self.rng, self.config.ids).into();
        let (queued, total) = job::durations(&mut self.rng, steps, self.config.speed);
        self.by_id.insert(id.clone(), self.jobs.len());
        self.prompts += request.prompt.len();
        let mut job = Job {
            id,
            prompt: request.prompt.into(),
            seconds_start: whole(request.seconds_start),
            seconds_total: whole(request.seconds_total).unwrap_or(30),
            steps,
            accepted_at: now_ms,
            begins_at: now_ms.saturating_add(queued),
            ends_at: now_ms.saturating_add(total),
            credits: CREDITS_PER_STEP * u64::from(steps),
            polls: 0,
            outcome: fate.outcome,
            file: self.rng.u64(..),
        };
        if fate.at_once {
            job.finish(now_ms);
        }
        self.jobs.push(job);
        let accepted = self.jobs.last().ok_or(Refusal::Status(500))?;
        Ok(Reply { job: accepted, status: accepted.status(now_ms), submitted: true })
    }

    /// A poll: the job's status.
    ///
    /// # Errors
    ///
    /// A [`Refusal`]: of the key, or of an id never given out.
    pub fn poll(&mut self, now_ms: u64, key: Key, id: &str) -> Result<Reply<'_>, Refusal> {
        key.admit()?;
        let job = self.job_mut(id).ok_or(Refusal::UnknownGeneration)?;
        job.polls = job.polls.saturating_add(1);
        Ok(Reply { job, status: job.status(now_ms), submitted: false })
    }

    /// Any request at all, preflights and files included.
    pub fn handle(&mut self, now_ms: u64, request: &Request<'_>) -> Response {
        if request.method == "OPTIONS" {
            return preflight(request);
        }
        if request.path.starts_with("/files/") && matches!(request.method, "GET" | "HEAD") {
            return self.file(now_ms, request);
        }
        let key = Key::from_authorization(request.header("authorization"));
        let base = self.base(request);
        let ids = self.config.ids;
        let result = match (request.method, request.path) {
            ("POST", ENDPOINT) => {
                let status = self.config.accepted;
                self.submit_body(now_ms, key, request).map(|reply| (status, reply))
            }
            ("GET", ENDPOINT) => match generation_id(request.query) {
                Some(id) => self.poll(now_ms, key, &id).map(|reply| (200, reply)),
                None => key.admit().and(Err(Refusal::UnknownGeneration)),
            },
            (method, path) => Err(Refusal::UnknownPath(format!("{method} {path}"))),
        };
        match result {
            Ok((status, reply)) => {
                let credits = reply.submitted.then_some(reply.job.credits);
                let body = Body::Json(reply.to_json(&base, ids));
                let mut headers = self.json_headers();
                if let Some(credits) = credits {
                    headers.push(("x-aimlapi-credits-used", credits.to_string().into()));
                    headers.push(("x-aimlapi-usd-spent", usd_text(credits).into()));
                }
                Response { status, headers, body }
            }
            Err(refusal) => self.refuse(now_ms, request.path, &refusal),
        }
    }

    /// The reply that tells of a refusal.
    pub fn refuse(&mut self, now_ms: u64, path: &str, refusal: &Refusal) -> Response {
        let headers = self.json_headers();
        let request_id = headers.last().map_or("", |(_, value)| value);
        let body = refusal.to_json(self.config.errors, now_ms, path, request_id);
        Response { status: refusal.status(), headers, body: Body::Json(body) }
    }

    /// Forgets half of the jobs that have ended, the oldest, where no more can be kept.
    fn make_room(&mut self, now_ms: u64) -> Result<(), Refusal> {
        if self.jobs.len() < MOST_JOBS && self.prompts < MOST_PROMPTS {
            return Ok(());
        }
        let ended = self.jobs.iter().filter(|job| job.is_final(now_ms)).count();
        let mut excess = ended.div_ceil(2);
        if excess == 0 {
            return Err(Refusal::Status(429));
        }
        self.jobs.retain(|job| {
            let is_dropped = excess > 0 && job.is_final(now_ms);
            excess -= usize::from(is_dropped);
            !is_dropped
        });
        self.prompts = self.jobs.iter().map(|job| job.prompt.len()).sum();
        self.by_id = self.jobs.iter().enumerate().map(|(at, job)| (job.id.clone(), at)).collect();
        Ok(())
    }

    fn submit_body(&mut self, now_ms: u64, key: Key, request: &Request<'_>) -> Result<Reply<'_>, Refusal> {
        let media = request.header("content-type").and_then(|text| text.split(';').next());
        let is_json = media.is_some_and(|media| media.trim() == "application/json");
        // As the service does, another type is taken for no body at all.
        let body = if is_json { serde_json::from_slice(request.body) } else { Ok(Value::Null) };
        let body = body.map_err(|error| vec![error.to_string()]);
        match body.as_ref().map_err(Vec::clone).and_then(Submission::read) {
            Ok(submission) => self.submit(now_ms, key, &submission),
            Err(_) if matches!(key, Key::Other | Key::None) => Err(Refusal::Unauthorized),
            Err(hints) => Err(Refusal::Invalid(hints)),
        }
    }

    fn file(&self, now_ms: u64, request: &Request<'_>) -> Response {
        let is_at = |job: &&Job| job.status(now_ms) == Status::Completed && file_path(job) == request.path;
        let token = request.path.split('/').nth(2);
        let token = token.and_then(|token| u64::from_str_radix(token, 16).ok());
        let job = self.jobs.iter().filter(|job| Some(job.file) == token).find(is_at);
        let mut headers: Vec<Header> = vec![("access-control-allow-origin", "*".into())];
        let Some(job) = job else {
            headers.push(("content-type", "text/plain".into()));
            return Response { status: 404, headers, body: Body::Text("Not Found") };
        };
        let track = Track { prompt: job.prompt.clone(), seconds: job.seconds_total };
        let size = track.size();
        headers.push(("content-type", "application/octet-stream".into()));
        headers.push(("accept-ranges", "bytes".into()));
        let (status, body) = match FileRange::read(request.header("range"), size) {
            FileRange::Whole => (200, Body::Track(track, 0..size)),
            FileRange::Part(part) => {
                let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
                headers.push(("content-range", range.into()));
                (206, Body::Track(track, part))
            }
            FileRange::Unsatisfiable => {
                headers.push(("content-range", format!("bytes */{size}").into()));
                (416, Body::Empty)
            }
        };
        Response { status, headers, body }
    }

    /// The headers of every JSON reply; the last is the reply's own id.
    fn json_headers(&mut self) -> Vec<Header> {
        let exposed = if self.config.expose_retry_after { EXPOSED_TOO } else { EXPOSED };
        let mut headers = Vec::with_capacity(6);
        headers.push(("access-control-allow-origin", "*".into()));
        headers.push(("access-control-expose-headers", exposed.into()));
        headers.push(("content-type", "application/json; charset=utf-8".into()));
        headers.push(("x-inference-id", id::uuid(&mut self.rng, "").into()));
        headers
    }

    fn base(&self, request: &Request<'_>) -> String {
        match &self.config.public_url {
            Some(url) => url.clone(),
            None => format!("http://{}", request.header("host").unwrap_or("127.0.0.1")),
        }
    }
}

/// Admits `authorization` and `content-type`, whatever was asked for.
fn preflight(request: &Request<'_>) -> Response {
    let mut headers: Vec<Header> = vec![
        ("access-control-allow-origin", "*".into()),
        ("access-control-allow-methods", "GET, POST, OPTIONS".into()),
        ("access-control-allow-headers", "authorization, content-type".into()),
    ];
    // Chromium asks this before a page from elsewhere may reach a host of this machine.
    if request.header("access-control-request-private-network") == Some("true") {
        headers.push(("access-control-allow-private-network", "true".into()));
    }
    Response { status: 204, headers, body: Body::Empty }
}

/// FNV-1a: ids are random already, and a seeded run must not differ from the next.
#[derive(Debug)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests;
