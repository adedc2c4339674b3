//! What became of a submit whose reply nobody heard.
//!
//! A server half is asked by the key until it knows; only where it says that it never saw the key, and
//! has forgotten nothing since the submit was first sent, is the submit sent again. The service's logs
//! are searched for the key; that they do not have it proves nothing.

use super::{Call, Goal, Next, Patience, State, Turn};
use crate::backoff::{FLOOR, backoff};
use crate::endpoint::Endpoint;
use crate::error::{Error, Failure, Unknown};
use crate::gate::Method;
use crate::json::Json;
use crate::options::{Recovery, millis};
use crate::reply::{Report, is_id};
use crate::secret::Redactor;
use crate::text::joined;
use crate::time::{Dice, Now, Stopwatch};

/// The logs are read this often at most, in milliseconds: they admit 200 requests a minute from all.
const LOGS_INTERVAL: u64 = 20_000;
/// The pages of the logs that one look-up reads, and the rows of a whole one.
const LOGS_PAGES: usize = 5;
const LOGS_ROWS: u32 = 100;
/// The longest back-off of a look-up at a server, in milliseconds.
const LONGEST_BACKOFF: u64 = 10_000;
/// A server must have forgotten nothing for so much longer than the submit is old, in milliseconds.
const REACH_MARGIN: u64 = 5_000;
/// A `none` that cannot be believed is asked about for so long, in milliseconds: the submit may still
/// arrive.
const DOUBT: u64 = 60_000;

/// The key of a submit, and how its outcome is found out.
#[derive(Debug)]
pub struct Lookup {
    recovery: Recovery,
    key: String,
    /// The key is the caller's own, who can repeat the very call with it.
    pub(super) given: bool,
    /// When the submit was first sent, as far as that is known.
    sent: Option<Stopwatch>,
    /// Why its outcome is not known, if it is not.
    unknown: Option<Unknown>,
    /// Consecutive look-ups.
    attempts: u32,
    /// The page of the logs to read next.
    page: usize,
    /// When a look-up was last sent.
    last: Option<Stopwatch>,
    /// By its answer to the last look-up, the server has forgotten nothing since the submit was first sent.
    covered: bool,
    /// Since when a server says `none` that cannot be believed.
    doubt: Option<Stopwatch>,
}

impl Lookup {
    /// Of a submit that is sent with that key; `given` tells that it is the caller's own.
    pub fn new(recovery: Recovery, key: String, given: bool) -> Self {
        Self {
            recovery,
            key,
            given,
            sent: None,
            unknown: None,
            attempts: 0,
            page: 0,
            last: None,
            covered: false,
            doubt: None,
        }
    }

    /// Of a submit that another call sent, at that time of day as far as it is known.
    pub fn of_past(recovery: Recovery, key: String, submitted_at: Option<u64>, now: Now) -> Self {
        // A moment that is still to come is another clock's.
        let sent = submitted_at.filter(|wall| *wall <= now.wall).map(|wall| Stopwatch::start(Now { wall, ..now }));
        Self { sent, unknown: Some(Unknown::TimedOut), ..Self::new(recovery, key, true) }
    }

    /// The submit leaves.
    pub(super) fn send(&mut self, now: Now) {
        self.sent.get_or_insert(Stopwatch::start(now));
    }

    /// A look-up leaves.
    pub(super) fn look(&mut self, now: Now) {
        self.last = Some(Stopwatch::start(now));
        self.covered = false;
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.unknown.is_some()
    }

    /// Milliseconds until it may be looked up again.
    pub(super) fn floor_left(&self, now: Now) -> u64 {
        let floor = match self.recovery {
            _ if self.page > 0 => 0,
            Recovery::Server => FLOOR,
            Recovery::Logs => LOGS_INTERVAL,
        };
        self.last.map_or(0, |last| floor.saturating_sub(last.steadily(now)))
    }

    /// What a call that ends so, and has no generation, tells of its submit.
    pub(super) fn told(&self, failure: Failure) -> Failure {
        match (failure, self.unknown) {
            (Failure::SubmitUnknown(_), _) | (_, None) => failure,
            (Failure::Aborted { .. }, _) => Failure::Aborted { posting: true },
            (_, Some(why)) => Failure::SubmitUnknown(why),
        }
    }

    /// Adds to an error what can be done where the outcome stays unknown.
    pub(super) fn explain(&self, error: &mut Error) {
        let unknown = matches!(error.failure, Failure::SubmitUnknown(_));
        if unknown || matches!(error.failure, Failure::Aborted { posting: true }) {
            error.idempotency_key = Some(self.key.clone());
            error.retryable = unknown && self.given && self.covered;
        }
    }
}

/// What a reply to a look-up says.
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and never for long")]
enum Answer {
    /// The submit was accepted, and this is known of the generation.
    Found(Report),
    /// It never arrived.
    Absent,
    /// The logs have another page.
    NextPage,
    /// Nothing yet.
    Later,
    /// Nothing, and no later one will say more.
    Useless,
}

impl Lookup {
    fn is_named<J: Json>(&self, object: &J, name: &str) -> bool {
        object.text_at(name).as_ref() == Some(&self.key)
    }

    /// A server half's word.
    fn read_state<J: Json>(&mut self, body: &J, now: Now, redactor: Redactor<'_>) -> Answer {
        if !self.is_named(body, "idempotencyKey") {
            return Answer::Useless;
        }
        let reach = body.get("reach").number().map_or(0, millis);
        let covered = self.sent.is_some_and(|sent| reach >= sent.elapsed(now).saturating_add(REACH_MARGIN));
        let answer = match body.text_at("state").as_deref() {
            Some("accepted") => return Answer::Found(Report::read(&body.get("reply"), redactor)),
            Some("none") if covered => Answer::Absent,
            Some("none") if self.doubt.get_or_insert(Stopwatch::start(now)).elapsed(now) >= DOUBT => Answer::Useless,
            Some("none" | "sending" | "unknown") => Answer::Later,
            _ => return Answer::Useless,
        };
        self.covered = covered;
        answer
    }

    /// A page of the logs.
    fn read_logs<J: Json>(&mut self, body: &J) -> Answer {
        let rows = body.get("data");
        for index in 0..LOGS_ROWS {
            let row = rows.at(index);
            if row.is_absent() {
                return Answer::Later;
            }
            // A submit that was refused has a row too, with an id that is no generation's.
            let refused = row.text_at("status").as_deref() == Some("failed");
            if self.is_named(&row, "client_request_id")
                && !refused
                && let Some(id) = row.text_at("inference_id").filter(|id| is_id(id))
            {
                return Answer::Found(Report { id: Some(id), ..Report::default() });
            }
        }
        self.page += 1;
        if self.page < LOGS_PAGES { Answer::NextPage } else { Answer::Later }
    }
}

impl Call {
    /// The name and value of the header by which the submit is known again.
    pub fn submit_header(&self) -> Option<(&'static str, String)> {
        self.lookup.as_ref().map(|lookup| match lookup.recovery {
            Recovery::Server => ("Idempotency-Key", joined(&["\"", &lookup.key, "\""])),
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
            Some(Lookup { recovery: Recovery::Logs, page, .. }) => endpoint.logs(*page, self.goal == Goal::Recover),
            lookup => endpoint.lookup(lookup.map_or("", |lookup| &lookup.key)),
        }
    }

    /// Nobody can know yet what became of the submit.
    pub(super) fn outcome_unknown(&mut self, why: Unknown, asked: Option<u64>, turn: &mut Turn<'_, impl Dice>) -> Next {
        let Some(lookup) = &mut self.lookup else { return self.fail(Failure::SubmitUnknown(why)) };
        lookup.unknown.get_or_insert(why);
        lookup.attempts = 0;
        self.limited = None;
        self.look_up_later(asked, turn)
    }

    /// Looks the submit up after a while, which is no shorter than a reply `asked` for.
    pub(super) fn look_up_later(&mut self, asked: Option<u64>, turn: &mut Turn<'_, impl Dice>) -> Next {
        let Some(lookup) = &mut self.lookup else { return self.expire(false, turn) };
        lookup.page = 0;
        self.credentials.refused = None;
        lookup.attempts = lookup.attempts.saturating_add(1);
        let wait = match lookup.recovery {
            Recovery::Server => backoff(lookup.attempts, LONGEST_BACKOFF, turn.dice),
            Recovery::Logs => LOGS_INTERVAL + turn.dice.below(FLOOR),
        };
        self.rest(wait.max(asked.unwrap_or(0)), turn)
    }

    /// What a good reply to a look-up says.
    pub(super) fn looked_up<J: Json>(&mut self, body: &J, turn: &mut Turn<'_, impl Dice>) -> Next {
        let Some(lookup) = &mut self.lookup else { return self.expire(false, turn) };
        let answer = match lookup.recovery {
            Recovery::Logs => lookup.read_logs(body),
            Recovery::Server => lookup.read_state(body, turn.now, Redactor { keys: &self.credentials.keys }),
        };
        match answer {
            Answer::Found(report) if report.id.is_some() => {
                let sent = lookup.sent.map_or(u64::MAX, |sent| sent.wall());
                self.take_on(report, sent, turn);
                self.accepted()
            }
            Answer::Absent if self.goal == Goal::Recover => {
                self.state = State::Settled;
                Next::SettleAbsent
            }
            // Its time is over: nothing more is sent.
            Answer::Absent if self.patience != Patience::Overtime => self.attempt(Method::Submit, turn),
            Answer::NextPage => self.attempt(Method::Poll, turn),
            Answer::Later => self.look_up_later(None, turn),
            Answer::Found(_) | Answer::Absent | Answer::Useless => {
                self.http_status = None;
                self.fail(Failure::Rejected)
            }
        }
    }

    /// Whether that status ends the reading of the logs whatever the body says: the key may not.
    pub(super) fn is_barred(&self, status: u16) -> bool {
        let logs = self.lookup.as_ref().is_some_and(|lookup| lookup.recovery == Recovery::Logs);
        logs && self.generation.is_none() && matches!(status, 403 | 404)
    }
}
