//! Mutants: mistakes to plant, one at a time, between the state machine and its driver: those of competing
//! packages, and those that are easiest to make. They show that the simulation can fail. Nothing of this is
//! shipped.

mod lookup;
mod step;

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// The POST is sent again after a 5xx.
    ResendOnServerError,
    /// The POST is sent again after a network error.
    ResendOnNetworkError,
    /// The POST is given up after 20 s and sent again.
    ResendOnTimeout,
    /// The POST is sent again after a reply that cannot be read.
    ResendOnUnreadable,
    /// A resume submits again.
    ResumeBySubmitting,
    /// The error of an abort has no generation.
    DropIdOnAbort,
    /// The error of an HTTP status has no generation.
    DropIdOnHttpError,
    /// The error of a deadline has no generation.
    DropIdOnDeadline,
    /// `onSubmitted` is not called before the result.
    SkipOnSubmitted,
    /// Unknown statuses are waited out.
    UnboundedUnknownStatus,
    /// 404s are waited out.
    Unbounded404s,
    /// Everything is waited for without a deadline.
    NoDeadline,
    /// The deadline is a timer that does not notice a sleep.
    DeadlineIgnoresSleep,
    /// The call gives up after a minute.
    DeadlineTooEarly,
    /// `Retry-After` is not read.
    IgnoreRetryAfter,
    /// Every call has a gate of its own.
    GatePerCall,
    /// Waking and resuming may poll at once.
    IgnorePollFloor,
    /// One more poll after the final one.
    PollAfterFinal,
    /// The first passing fault of a poll ends the call.
    FirstTransientErrorRejects,
    /// `error` filled in means failed, whatever the status says.
    BelieveErrorField,
    /// Messages of the service are not redacted.
    KeyInMessage,
    /// `submit_unknown` is called retryable.
    UnknownIsRetryable,
    /// An abort waits for the POST to end.
    AbortWaitsForPost,
    /// A POST that was refused with a 401 is sent again with the same key.
    UnauthorizedForever,
    /// `completed` is believed without a URL.
    BelieveMissingUrl,
    /// Requests do not wait for a permit.
    NoPermits,
    /// Permits are granted to the last in the queue.
    JumpQueue,
    /// An outcome that is not known is called a network failure that cost nothing.
    UnknownIsOffline,
    /// The snapshot does not count polls.
    ForgetChecks,
    /// A 429 to a submit pauses polls too.
    OneGate,
    /// The back-off of refused submits does not grow.
    FlatBackoff,
    /// A final attempt that the service answers leaves the gate closed.
    GateStaysClosed,
    /// The id in the head of a reply is not read.
    IgnoreHeaderId,
    /// A whole document in a stream that stays open is thrown away.
    IgnoreOpenDocument,
    /// A 408 to a submit is taken for a refusal.
    TimeoutIsRefusal,
    /// What has arrived of a reply when the caller aborts is thrown away.
    AbortDropsReply,
    /// A submit whose outcome look-ups do not tell is sent again.
    ResendUndecided,
    /// A submit that is sent again has another key.
    NewKeyOnResend,
    /// A `none` is believed whatever its reach.
    TrustShortReach,
    /// A 404 to a look-up is taken for `none`.
    TrustNotFound,
    /// A submit that the logs do not show is sent again.
    TrustAbsenceInLogs,
    /// A refusal after an unknown outcome says that nothing was spent.
    ForgetUnknown,
    /// Look-ups do not back off.
    FlatLookups,
    /// The logs are read every five seconds.
    HurriedLogs,
    /// `recover` believes a `none` without knowing when the submit was sent.
    AbsentWithoutTime,
    /// The idempotency key is not on the error.
    DropKey,
    /// `submit_unknown` with a key is called retryable whatever the reach.
    RetryableUncovered,
    /// The logs are read no further than their first page.
    OnePageOfLogs,
    /// One look-up that does not tell ends the call.
    GiveUpLookup,
    /// A look-up that names the generation is taken for one that does not tell.
    IgnoreAccepted,
    /// A `none` within its reach is taken for a look-up that does not tell.
    IgnoreNone,
    /// Look-ups come forty seconds apart.
    LazyLookups,
    /// A submit is waited for longer than a minute.
    PatientSubmit,
    /// A 409 to a submit is taken for a refusal.
    ConflictIsRefusal,
    /// A stream that was lost is sent again, though it had been read.
    ResendReadStream,
    /// A stream that was refused as such is sent again as a stream.
    ResendAsStream,
    /// A body that is refused is sent again though it was no stream.
    BlameStreamForAll,
    /// Redirects of polls are followed, with the key.
    FollowRedirects,
    /// Downloads carry the API key.
    KeyOnDownload,
    /// A file that ends early is taken for a whole one.
    BelieveTruncatedFile,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 60] = [
        Self::ResendOnServerError,
        Self::ResendOnNetworkError,
        Self::ResendOnTimeout,
        Self::ResendOnUnreadable,
        Self::ResumeBySubmitting,
        Self::DropIdOnAbort,
        Self::DropIdOnHttpError,
        Self::DropIdOnDeadline,
        Self::SkipOnSubmitted,
        Self::UnboundedUnknownStatus,
        Self::Unbounded404s,
        Self::NoDeadline,
        Self::DeadlineIgnoresSleep,
        Self::DeadlineTooEarly,
        Self::IgnoreRetryAfter,
        Self::GatePerCall,
        Self::IgnorePollFloor,
        Self::PollAfterFinal,
        Self::FirstTransientErrorRejects,
        Self::BelieveErrorField,
        Self::KeyInMessage,
        Self::UnknownIsRetryable,
        Self::AbortWaitsForPost,
        Self::UnauthorizedForever,
        Self::BelieveMissingUrl,
        Self::NoPermits,
        Self::JumpQueue,
        Self::UnknownIsOffline,
        Self::ForgetChecks,
        Self::OneGate,
        Self::FlatBackoff,
        Self::GateStaysClosed,
        Self::IgnoreHeaderId,
        Self::IgnoreOpenDocument,
        Self::TimeoutIsRefusal,
        Self::AbortDropsReply,
        Self::ResendUndecided,
        Self::NewKeyOnResend,
        Self::TrustShortReach,
        Self::TrustNotFound,
        Self::TrustAbsenceInLogs,
        Self::ForgetUnknown,
        Self::FlatLookups,
        Self::HurriedLogs,
        Self::AbsentWithoutTime,
        Self::DropKey,
        Self::RetryableUncovered,
        Self::OnePageOfLogs,
        Self::GiveUpLookup,
        Self::IgnoreAccepted,
        Self::IgnoreNone,
        Self::LazyLookups,
        Self::PatientSubmit,
        Self::ConflictIsRefusal,
        Self::ResendReadStream,
        Self::ResendAsStream,
        Self::BlameStreamForAll,
        Self::FollowRedirects,
        Self::KeyOnDownload,
        Self::BelieveTruncatedFile,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::ResendOnServerError => "resend-on-5xx",
            Self::ResendOnNetworkError => "resend-on-network-error",
            Self::ResendOnTimeout => "resend-on-timeout",
            Self::ResendOnUnreadable => "resend-on-unreadable",
            Self::ResumeBySubmitting => "resume-by-submitting",
            Self::DropIdOnAbort => "drop-id-on-abort",
            Self::DropIdOnHttpError => "drop-id-on-http-error",
            Self::DropIdOnDeadline => "drop-id-on-deadline",
            Self::SkipOnSubmitted => "skip-on-submitted",
            Self::UnboundedUnknownStatus => "unbounded-unknown-status",
            Self::Unbounded404s => "unbounded-404",
            Self::NoDeadline => "no-deadline",
            Self::DeadlineIgnoresSleep => "deadline-ignores-sleep",
            Self::DeadlineTooEarly => "deadline-too-early",
            Self::IgnoreRetryAfter => "ignore-retry-after",
            Self::GatePerCall => "gate-per-call",
            Self::IgnorePollFloor => "ignore-poll-floor",
            Self::PollAfterFinal => "poll-after-final",
            Self::FirstTransientErrorRejects => "first-transient-error-rejects",
            Self::BelieveErrorField => "believe-error-field",
            Self::KeyInMessage => "key-in-message",
            Self::UnknownIsRetryable => "unknown-is-retryable",
            Self::AbortWaitsForPost => "abort-waits-for-post",
            Self::UnauthorizedForever => "unauthorized-forever",
            Self::BelieveMissingUrl => "believe-missing-url",
            Self::NoPermits => "no-permits",
            Self::JumpQueue => "jump-queue",
            Self::UnknownIsOffline => "unknown-is-offline",
            Self::ForgetChecks => "forget-checks",
            Self::OneGate => "one-gate",
            Self::FlatBackoff => "flat-backoff",
            Self::GateStaysClosed => "gate-stays-closed",
            Self::IgnoreHeaderId => "ignore-header-id",
            Self::IgnoreOpenDocument => "ignore-open-document",
            Self::TimeoutIsRefusal => "timeout-is-refusal",
            Self::AbortDropsReply => "abort-drops-reply",
            Self::ResendUndecided => "resend-undecided",
            Self::NewKeyOnResend => "new-key-on-resend",
            Self::TrustShortReach => "trust-short-reach",
            Self::TrustNotFound => "trust-not-found",
            Self::TrustAbsenceInLogs => "trust-absence-in-logs",
            Self::ForgetUnknown => "forget-unknown",
            Self::FlatLookups => "flat-lookups",
            Self::HurriedLogs => "hurried-logs",
            Self::AbsentWithoutTime => "absent-without-time",
            Self::DropKey => "drop-key",
            Self::RetryableUncovered => "retryable-uncovered",
            Self::OnePageOfLogs => "one-page-of-logs",
            Self::GiveUpLookup => "give-up-lookup",
            Self::IgnoreAccepted => "ignore-accepted",
            Self::IgnoreNone => "ignore-none",
            Self::LazyLookups => "lazy-lookups",
            Self::PatientSubmit => "patient-submit",
            Self::ConflictIsRefusal => "conflict-is-refusal",
            Self::ResendReadStream => "resend-read-stream",
            Self::ResendAsStream => "resend-as-stream",
            Self::BlameStreamForAll => "blame-stream-for-all",
            Self::FollowRedirects => "follow-redirects",
            Self::KeyOnDownload => "key-on-download",
            Self::BelieveTruncatedFile => "believe-truncated-file",
        }
    }

    /// The mutant of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mutant| mutant.name() == name)
    }
}
