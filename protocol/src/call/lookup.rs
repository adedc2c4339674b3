//! What became of a submit whose reply nobody heard.
//!
//! A server half is asked by the key until it knows; only where it says that it never saw the key, and
//! has forgotten nothing since the submit was first sent, is the submit sent again. The service's logs
//! are searched for the key; that they do not have it proves nothing.

use super::{Action, Call, Context, DeadlinePhase, Goal, State};
use crate::http::endpoint::Endpoint;
use crate::model::api_key::Redactor;
use crate::model::error::{Error, Failure, UnknownReason};
use crate::model::options::Recovery;
use crate::model::rng::Rng;
use crate::model::text::concat;
use crate::model::time::millis;
use crate::model::time::{Now, Stopwatch};
use crate::parse::status_body::{StatusBody, is_id};
use crate::parse::untrusted::Untrusted;
use crate::policy::backoff::{MIN_INTERVAL, backoff};
use crate::policy::gate::Method;

/// The logs are read this often at most, in milliseconds: they admit 200 requests a minute from all.
const LOGS_INTERVAL: u64 = 20_000;
/// The pages of the logs that one look-up reads, and the rows of a whole one.
const LOGS_PAGES: usize = 5;
const LOGS_ROWS: u32 = 100;
/// The longest back-off of a look-up at a server, in milliseconds.
const MAX_BACKOFF: u64 = 10_000;
/// A server must have forgotten nothing for so much longer than the submit is old, in milliseconds.
const REACH_MARGIN: u64 = 5_000;
/// A `none` that cannot be believed is asked about for so long, in milliseconds: the submit may still
/// arrive.
const NONE_RETRY_WINDOW: u64 = 60_000;

/// The key of a submit, and how its outcome is found out.
#[derive(Debug)]
pub struct Lookup {
    recovery: Recovery,
    key: String,
    /// The key is the caller's own, who can repeat the very call with it.
    pub(super) key_from_caller: bool,
    /// When the submit was first sent, as far as that is known.
    first_sent: Option<Stopwatch>,
    /// Why its outcome is not known, if it is not.
    unknown_reason: Option<UnknownReason>,
    /// Consecutive look-ups.
    attempts: u32,
    /// The page of the logs to read next.
    page: usize,
    /// When a look-up was last sent.
    last_sent: Option<Stopwatch>,
    /// By its answer to the last look-up, the server has forgotten nothing since the submit was first sent.
    within_reach: bool,
    /// Since when a server says `none` that cannot be believed.
    disbelieved_since: Option<Stopwatch>,
}

impl Lookup {
    /// Of a submit that is sent with that key; `given` tells that it is the caller's own.
    pub fn new(recovery: Recovery, key: String, key_from_caller: bool) -> Self {
        Self {
            recovery,
            key,
            key_from_caller,
            first_sent: None,
            unknown_reason: None,
            attempts: 0,
            page: 0,
            last_sent: None,
            within_reach: false,
            disbelieved_since: None,
        }
    }

    /// Of a submit that another call sent, at that time of day as far as it is known.
    pub fn for_past_submit(recovery: Recovery, key: String, submitted_at: Option<u64>, now: Now) -> Self {
        // A moment that is still to come is another clock's.
        let first_sent =
            submitted_at.filter(|wall| *wall <= now.wall).map(|wall| Stopwatch::start(Now { wall, ..now }));
        Self { first_sent, unknown_reason: Some(UnknownReason::TimedOut), ..Self::new(recovery, key, true) }
    }

    /// The submit leaves.
    pub(super) fn on_submit_sent(&mut self, now: Now) {
        self.first_sent.get_or_insert(Stopwatch::start(now));
    }

    /// A look-up leaves.
    pub(super) fn on_lookup_sent(&mut self, now: Now) {
        self.last_sent = Some(Stopwatch::start(now));
        self.within_reach = false;
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.unknown_reason.is_some()
    }

    /// Milliseconds until it may be looked up again.
    pub(super) fn min_interval_left(&self, now: Now) -> u64 {
        let floor = match self.recovery {
            _ if self.page > 0 => 0,
            Recovery::Server => MIN_INTERVAL,
            Recovery::Logs => LOGS_INTERVAL,
        };
        self.last_sent.map_or(0, |last| floor.saturating_sub(last.elapsed_monotonic(now)))
    }

    /// What a call that ends so, and has no generation, tells of its submit.
    pub(super) fn adjust(&self, failure: Failure) -> Failure {
        match (failure, self.unknown_reason) {
            (Failure::SubmitUnknown(_), _) | (_, None) => failure,
            (Failure::Aborted { .. }, _) => Failure::Aborted { submit_in_flight: true },
            (_, Some(why)) => Failure::SubmitUnknown(why),
        }
    }

    /// Adds to an error what can be done where the outcome stays unknown.
    pub(super) fn annotate(&self, error: &mut Error) {
        let unknown = matches!(error.failure, Failure::SubmitUnknown(_));
        if unknown || matches!(error.failure, Failure::Aborted { submit_in_flight: true }) {
            error.idempotency_key = Some(self.key.clone());
            error.retryable = unknown && self.key_from_caller && self.within_reach;
        }
    }
}

/// What a reply to a look-up says.
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and never for long")]
enum LookupReply {
    /// The submit was accepted, and this is known of the generation.
    Accepted(StatusBody),
    /// It never arrived.
    NeverArrived,
    /// The logs have another page.
    NextPage,
    /// Nothing yet.
    NotYetKnown,
    /// Nothing, and no later one will say more.
    Unusable,
}

impl Lookup {
    fn names_key<V: Untrusted>(&self, object: &V, name: &str) -> bool {
        object.string_at(name).as_ref() == Some(&self.key)
    }

    /// A server half's word.
    fn read_state<V: Untrusted>(&mut self, body: &V, now: Now, redactor: Redactor<'_>) -> LookupReply {
        if !self.names_key(body, "idempotencyKey") {
            return LookupReply::Unusable;
        }
        let reach = body.get("reach").as_number().map_or(0, millis);
        let within_reach = self.first_sent.is_some_and(|sent| reach >= sent.elapsed(now).saturating_add(REACH_MARGIN));
        let answer = match body.string_at("state").as_deref() {
            Some("accepted") => return LookupReply::Accepted(StatusBody::read(&body.get("reply"), redactor)),
            Some("none") if within_reach => LookupReply::NeverArrived,
            Some("none")
                if self.disbelieved_since.get_or_insert(Stopwatch::start(now)).elapsed(now) >= NONE_RETRY_WINDOW =>
            {
                LookupReply::Unusable
            }
            Some("none" | "sending" | "unknown") => LookupReply::NotYetKnown,
            _ => return LookupReply::Unusable,
        };
        self.within_reach = within_reach;
        answer
    }

    /// A page of the logs.
    fn read_logs<V: Untrusted>(&mut self, body: &V) -> LookupReply {
        let rows = body.get("data");
        for index in 0..LOGS_ROWS {
            let row = rows.at(index);
            if row.is_absent() {
                return LookupReply::NotYetKnown;
            }
            // A submit that was refused has a row too, with an id that is no generation's.
            let refused = row.string_at("status").as_deref() == Some("failed");
            if self.names_key(&row, "client_request_id")
                && !refused
                && let Some(id) = row.string_at("inference_id").filter(|id| is_id(id))
            {
                return LookupReply::Accepted(StatusBody { id: Some(id), ..StatusBody::default() });
            }
        }
        self.page += 1;
        if self.page < LOGS_PAGES { LookupReply::NextPage } else { LookupReply::NotYetKnown }
    }
}

impl Call {
    /// The name and value of the header by which the submit is known again.
    pub fn submit_header(&self) -> Option<(&'static str, String)> {
        self.lookup.as_ref().map(|lookup| match lookup.recovery {
            Recovery::Server => ("Idempotency-Key", concat(&["\"", &lookup.key, "\""])),
            Recovery::Logs => ("X-Client-Request-Id", lookup.key.clone()),
        })
    }

    /// The key of the submit, where it has one.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.lookup.as_ref().map(|lookup| lookup.key.as_str())
    }

    /// Where a look-up goes.
    pub fn lookup_url(&self, endpoint: &Endpoint) -> String {
        match self.lookup.as_deref() {
            Some(Lookup { recovery: Recovery::Logs, page, .. }) => endpoint.logs_url(*page, self.goal == Goal::Recover),
            lookup => endpoint.lookup_url(lookup.map_or("", |lookup| &lookup.key)),
        }
    }

    /// Nobody can know yet what became of the submit.
    pub(super) fn on_outcome_unknown(
        &mut self,
        why: UnknownReason,
        retry_after: Option<u64>,
        context: &mut Context<'_, impl Rng>,
    ) -> Action {
        let Some(lookup) = &mut self.lookup else { return self.fail(Failure::SubmitUnknown(why)) };
        lookup.unknown_reason.get_or_insert(why);
        lookup.attempts = 0;
        self.rate_limit_message = None;
        self.schedule_lookup(retry_after, context)
    }

    /// Looks the submit up after a while, which is no shorter than a reply `asked` for.
    pub(super) fn schedule_lookup(&mut self, retry_after: Option<u64>, context: &mut Context<'_, impl Rng>) -> Action {
        let Some(lookup) = &mut self.lookup else { return self.on_deadline(false, context) };
        lookup.page = 0;
        self.credentials.unauthorized_message = None;
        lookup.attempts = lookup.attempts.saturating_add(1);
        let wait = match lookup.recovery {
            Recovery::Server => backoff(lookup.attempts, MAX_BACKOFF, context.rng),
            Recovery::Logs => LOGS_INTERVAL + context.rng.below(MIN_INTERVAL),
        };
        self.wait_for_poll(wait.max(retry_after.unwrap_or(0)), context)
    }

    /// What a good reply to a look-up says.
    pub(super) fn on_lookup_reply<V: Untrusted>(&mut self, body: &V, context: &mut Context<'_, impl Rng>) -> Action {
        let Some(lookup) = &mut self.lookup else { return self.on_deadline(false, context) };
        let answer = match lookup.recovery {
            Recovery::Logs => lookup.read_logs(body),
            Recovery::Server => lookup.read_state(body, context.now, Redactor { keys: &self.credentials.keys }),
        };
        match answer {
            LookupReply::Accepted(status_body) if status_body.id.is_some() => {
                let sent = lookup.first_sent.map_or(u64::MAX, |sent| sent.wall());
                self.adopt_generation(status_body, sent, context);
                self.on_accepted()
            }
            LookupReply::NeverArrived if self.goal == Goal::Recover => {
                self.state = State::Settled;
                Action::SettleAbsent
            }
            // Its time is over: nothing more is sent.
            LookupReply::NeverArrived if self.deadline_phase != DeadlinePhase::GracePoll => {
                self.prepare_request(Method::Submit, context)
            }
            LookupReply::NextPage => self.prepare_request(Method::Poll, context),
            LookupReply::NotYetKnown => self.schedule_lookup(None, context),
            LookupReply::Accepted(_) | LookupReply::NeverArrived | LookupReply::Unusable => {
                self.http_status = None;
                self.fail(Failure::Rejected)
            }
        }
    }

    /// Whether that status ends the reading of the logs whatever the body says: the key may not.
    pub(super) fn ends_log_search(&self, status: u16) -> bool {
        let logs = self.lookup.as_ref().is_some_and(|lookup| lookup.recovery == Recovery::Logs);
        logs && self.generation.is_none() && matches!(status, 403 | 404)
    }
}
