//! What must hold in every run, and the record of what did not.

/// A promise of the package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Invariant {
    /// At most one charge for each call, whatever resumes or rightly repeats it included.
    OneCharge,
    /// An accepted job is in the result or on the error.
    JobKept,
    /// Once the client saw the acceptance, the caller holds the id before anything else is sent.
    IdInHand,
    /// Every call settles by its deadline.
    DeadlineKept,
    /// No call is given up before its deadline.
    DeadlineNotEarly,
    /// Every call settles.
    NothingHangs,
    /// Two waiting polls of one job are a second apart.
    PollFloor,
    /// Nothing is sent after a final state or after the call has settled.
    SilentAfterFinal,
    /// The key is where it belongs and nowhere else; so is the prompt.
    KeyKept,
    /// What is called retryable was not charged, and is what the contract calls so.
    RetryableIsFree,
    /// `submit_unknown` exactly when the outcome was unknown, and no POST after it.
    UnknownIsExact,
    /// `maxConcurrent` and the most open requests are never exceeded.
    PermitsKept,
    /// Permits are granted in order of arrival.
    QueueFair,
    /// No waiting call resolves without an http(s) URL.
    UrlValid,
    /// Nothing is sent through a gate that a 429 closed, except a final attempt.
    GateKept,
    /// An abort rejects at once.
    AbortAtOnce,
    /// Every reply leads where the contract says: transient errors are waited out, final ones end the call.
    RepliesObeyed,
    /// A snapshot counts what happened.
    SnapshotTrue,
    /// Every request leaves when its schedule and its gate allow: nobody waits for anything else.
    OnTime,
    /// Submits that are refused again and again come less and less often.
    BacksOff,
    /// A key creates one generation at most, whatever is lost, repeated, resumed, or forgotten by its server.
    OneGenerationPerKey,
    /// A call submits and looks up with one key.
    OneKey,
    /// After an unknown outcome nothing is submitted unless a server says, within its reach, that it never
    /// saw the key.
    NoBlindResend,
    /// `recover` resolves to nothing only if a server that has forgotten nothing says so.
    NoneBelieved,
    /// What a look-up can find is found within one interval between two.
    FoundInTime,
    /// Look-ups back off, and the logs are read every 20 s at most.
    LookupsPaced,
    /// The idempotency key is on the error exactly where the outcome of its submit is unknown.
    KeyOnError,
    /// Every request is what the contract says, byte by byte.
    RequestValid,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Self; 28] = [
        Self::OneCharge,
        Self::JobKept,
        Self::IdInHand,
        Self::DeadlineKept,
        Self::DeadlineNotEarly,
        Self::NothingHangs,
        Self::PollFloor,
        Self::SilentAfterFinal,
        Self::KeyKept,
        Self::RetryableIsFree,
        Self::UnknownIsExact,
        Self::PermitsKept,
        Self::QueueFair,
        Self::UrlValid,
        Self::GateKept,
        Self::AbortAtOnce,
        Self::RepliesObeyed,
        Self::SnapshotTrue,
        Self::OnTime,
        Self::BacksOff,
        Self::OneGenerationPerKey,
        Self::OneKey,
        Self::NoBlindResend,
        Self::NoneBelieved,
        Self::FoundInTime,
        Self::LookupsPaced,
        Self::KeyOnError,
        Self::RequestValid,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneCharge => "one_charge",
            Self::JobKept => "job_kept",
            Self::IdInHand => "id_in_hand",
            Self::DeadlineKept => "deadline_kept",
            Self::DeadlineNotEarly => "deadline_not_early",
            Self::NothingHangs => "nothing_hangs",
            Self::PollFloor => "poll_floor",
            Self::SilentAfterFinal => "silent_after_final",
            Self::KeyKept => "key_kept",
            Self::RetryableIsFree => "retryable_is_free",
            Self::UnknownIsExact => "unknown_is_exact",
            Self::PermitsKept => "permits_kept",
            Self::QueueFair => "queue_fair",
            Self::UrlValid => "url_valid",
            Self::GateKept => "gate_kept",
            Self::AbortAtOnce => "abort_at_once",
            Self::RepliesObeyed => "replies_obeyed",
            Self::SnapshotTrue => "snapshot_true",
            Self::OnTime => "on_time",
            Self::BacksOff => "backs_off",
            Self::OneGenerationPerKey => "one_generation_per_key",
            Self::OneKey => "one_key",
            Self::NoBlindResend => "no_blind_resend",
            Self::NoneBelieved => "none_believed",
            Self::FoundInTime => "found_in_time",
            Self::LookupsPaced => "lookups_paced",
            Self::KeyOnError => "key_on_error",
            Self::RequestValid => "request_valid",
        }
    }
}

/// The invariants that a run broke.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Violations(u32);

impl Violations {
    /// Adds one.
    pub fn add(&mut self, invariant: Invariant) {
        self.0 |= 1 << invariant as u8;
    }

    /// Whether nothing was broken.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this one was.
    pub fn has(self, invariant: Invariant) -> bool {
        self.0 & (1 << invariant as u8) != 0
    }

    /// Those that were.
    pub fn iter(self) -> impl Iterator<Item = Invariant> {
        Invariant::ALL.into_iter().filter(move |invariant| self.has(*invariant))
    }
}
