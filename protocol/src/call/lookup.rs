//! Finding out what became of a submit whose reply was lost.
//!
//! The package's own server is asked by the key until it knows. Only if it never saw the key, and has
//! forgotten nothing since the submit was first sent, is the submit sent again. The service's logs are
//! searched for the key; its absence proves nothing.

use super::{Action, Call, Context};
use crate::http::endpoint::Endpoint;
use crate::model::api_key::Redactor;
use crate::model::error::{Failure, UnknownReason};
use crate::model::goal::Goal;
use crate::model::options::Recovery;
use crate::model::rng::Rng;
use crate::model::text::concat;
use crate::model::time::{Now, Stopwatch, millis};
use crate::parse::status_body::{StatusBody, is_id};
use crate::parse::untrusted::Untrusted;
use crate::policy::backoff::{MIN_INTERVAL, backoff};
use crate::policy::gate::Method;

/// The shortest interval between two searches of the logs, in milliseconds: the service admits 200 a minute.
const LOGS_INTERVAL: u64 = 20_000;
/// How many pages of the logs one search reads, and the rows of a full page.
const LOGS_PAGES: usize = 5;
const LOGS_ROWS: u32 = 100;
/// The longest back-off of a look-up at a server, in milliseconds.
const MAX_BACKOFF: u64 = 10_000;
/// A server's reach must exceed the age of the submit by so much, in milliseconds.
const REACH_MARGIN: u64 = 5_000;
/// A `none` of insufficient reach is looked up again for so long, in milliseconds: the submit may still
/// arrive.
const NONE_RETRY_WINDOW: u64 = 60_000;

/// The idempotency key of a submit, and what is known of its outcome.
#[derive(Debug)]
pub struct Lookup {
    recovery: Recovery,
    key: String,
    /// The key is the caller's own, who can repeat the call with it.
    pub(super) key_from_caller: bool,
    /// When the submit was first sent, as far as that is known.
    first_sent: Option<Stopwatch>,
    /// Why its outcome is unknown, if it is.
    unknown_reason: Option<UnknownReason>,
    /// Consecutive look-ups.
    attempts: u32,
    /// The page of the logs to read next.
    page: usize,
    /// When a look-up was last sent.
    last_sent: Option<Stopwatch>,
    /// By its last reply, the server has forgotten nothing since the submit was first sent.
    within_reach: bool,
    /// Since when the server has replied with a `none` of insufficient reach.
    disbelieved_since: Option<Stopwatch>,
}

impl Lookup {
    /// The look-up of a submit that this call sends.
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

    /// The look-up of an earlier call's submit, first sent at `submitted_at` (epoch ms), if that is known.
    pub fn for_past_submit(recovery: Recovery, key: String, submitted_at: Option<u64>, now: Now) -> Self {
        // A time in the future comes from another clock.
        let first_sent =
            submitted_at.filter(|wall| *wall <= now.wall).map(|wall| Stopwatch::start(Now { wall, ..now }));
        Self { first_sent, unknown_reason: Some(UnknownReason::TimedOut), ..Self::new(recovery, key, true) }
    }

    /// The submit is being sent.
    pub(super) fn on_submit_sent(&mut self, now: Now) {
        self.first_sent.get_or_insert(Stopwatch::start(now));
    }

    /// A look-up is being sent.
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

    /// The failure of a call that ends without a generation: an unknown outcome takes precedence.
    pub(super) fn adjust(&self, failure: Failure) -> Failure {
        match (failure, self.unknown_reason) {
            (Failure::SubmitUnknown(_), _) | (_, None) => failure,
            (Failure::Aborted { .. }, _) => Failure::Aborted { submit_in_flight: true },
            (_, Some(why)) => Failure::SubmitUnknown(why),
        }
    }

    /// The key, if it can tell more after this failure.
    pub(super) fn key_for(&self, failure: Failure) -> Option<String> {
        matches!(failure, Failure::SubmitUnknown(_) | Failure::Aborted { submit_in_flight: true })
            .then(|| self.key.clone())
    }

    /// Whether the caller can repeat the call with the same key without being billed twice.
    pub(super) fn is_repeatable(&self) -> bool {
        self.key_from_caller && self.within_reach
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// The header that carries the key of the submit.
    pub(super) fn header(&self) -> (&'static str, String) {
        match self.recovery {
            Recovery::Server => ("Idempotency-Key", concat(&["\"", &self.key, "\""])),
            Recovery::Logs => ("X-Client-Request-Id", self.key.clone()),
        }
    }

    /// Where the look-up goes. `recover` searches the logs of seven days, since it has no clock of ours.
    pub(super) fn url(&self, endpoint: &Endpoint, recovers: bool) -> String {
        match self.recovery {
            Recovery::Logs => endpoint.logs_url(self.page, recovers),
            Recovery::Server => endpoint.lookup_url(&self.key),
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

    /// The reply of a server half.
    fn read_state<V: Untrusted>(&mut self, body: &V, now: Now, redactor: Redactor<'_>) -> LookupReply {
        if !self.names_key(body, "idempotencyKey") {
            return LookupReply::Unusable;
        }
        let reach = body.get("reach").as_number().map_or(0, millis);
        let within_reach = self.first_sent.is_some_and(|sent| reach >= sent.elapsed(now).saturating_add(REACH_MARGIN));
        let found = match body.string_at("state").as_deref() {
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
        found
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
    /// Nobody can know yet what became of the submit.
    pub(super) fn on_outcome_unknown(
        &mut self,
        why: UnknownReason,
        retry_after: Option<u64>,
        context: &mut Context<'_, impl Rng>,
    ) -> Action {
        let Some(lookup) = self.phase.lookup_mut() else { return self.fail(Failure::SubmitUnknown(why)) };
        lookup.unknown_reason.get_or_insert(why);
        lookup.attempts = 0;
        self.rate_limit_message = None;
        self.schedule_lookup(retry_after, context)
    }

    /// Looks the submit up after a back-off, which is not shorter than `retry_after`.
    pub(super) fn schedule_lookup(&mut self, retry_after: Option<u64>, context: &mut Context<'_, impl Rng>) -> Action {
        let Some(lookup) = self.phase.lookup_mut() else { return self.on_invalid_event() };
        lookup.page = 0;
        lookup.attempts = lookup.attempts.saturating_add(1);
        let wait = match lookup.recovery {
            Recovery::Server => backoff(lookup.attempts, MAX_BACKOFF, context.rng),
            Recovery::Logs => LOGS_INTERVAL + context.rng.below(MIN_INTERVAL),
        };
        self.credentials.allow_renewal();
        self.wait_for_poll(wait.max(retry_after.unwrap_or(0)), context)
    }

    /// A 2xx with a JSON body to a look-up.
    pub(super) fn on_lookup_reply<V: Untrusted>(&mut self, body: &V, context: &mut Context<'_, impl Rng>) -> Action {
        let redactor = self.credentials.redactor();
        let Some(lookup) = self.phase.lookup_mut() else { return self.on_invalid_event() };
        let reply = match lookup.recovery {
            Recovery::Logs => lookup.read_logs(body),
            Recovery::Server => lookup.read_state(body, context.now, redactor),
        };
        match reply {
            LookupReply::Accepted(status_body) if status_body.id.is_some() => {
                let sent = lookup.first_sent.map_or(u64::MAX, |sent| sent.wall());
                self.adopt_generation(status_body, sent, context);
                self.on_accepted()
            }
            LookupReply::NeverArrived if self.goal == Goal::Recover => {
                self.end();
                Action::SettleAbsent
            }
            // Its time is over: nothing more is sent.
            LookupReply::NeverArrived if !self.deadline.is_grace_poll() => {
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

    /// Whether that status ends the search of the logs whatever its body: the key may not read them.
    pub(super) fn ends_log_search(&self, status: u16) -> bool {
        let logs = self.phase.lookup().is_some_and(|lookup| lookup.recovery == Recovery::Logs);
        logs && matches!(status, 403 | 404)
    }
}
