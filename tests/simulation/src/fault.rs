//! What can go wrong with one request.

use crate::sim_rng::SimRng;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Whether the service gets it.
    pub(crate) reaches: bool,
    /// What the client gets.
    pub(crate) effect: FaultEffect,
}

/// What the client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultEffect {
    /// What the service says.
    Normal,
    /// The same, in a stream that stays open.
    StreamStaysOpen,
    /// A network error.
    NetworkError,
    /// The same, before the body was read: a stream that was not sent.
    BodyNeverRead,
    /// Nothing, ever.
    NoReply,
    /// A reply cut in its body.
    TruncatedBody,
    /// A page of HTML with this status.
    HtmlPage(u16),
    /// A JSON error with this status.
    JsonError(u16),
    /// 429.
    RateLimited(RetryAfterHeader),
    /// A redirect; 0 where the browser hides its status.
    Redirect(u16),
    /// A status that is not documented.
    UndocumentedStatus,
    /// `completed`, without an http(s) URL.
    CompletedWithoutUrl,
    /// Good JSON without what is needed.
    UselessJson,
    /// `queued`, with `audio_file` and `error` filled in.
    MisleadingFields,
    /// The service's status, as a similar endpoint spells it.
    SiblingStatus,
}

/// The `Retry-After` of a 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryAfterHeader {
    /// None that can be read.
    Absent,
    /// In seconds.
    Seconds(u32),
    /// As a date, so many seconds from the service's now; perhaps past.
    Date(i32),
    /// Nonsense.
    Invalid,
}

/// The faults of an outage, which all requests meet.
pub(crate) const OUTAGES: [FaultEffect; 10] = [
    FaultEffect::NetworkError,
    FaultEffect::NoReply,
    FaultEffect::HtmlPage(502),
    FaultEffect::HtmlPage(524),
    FaultEffect::JsonError(503),
    FaultEffect::RateLimited(RetryAfterHeader::Absent),
    FaultEffect::RateLimited(RetryAfterHeader::Seconds(20)),
    FaultEffect::HtmlPage(403),
    FaultEffect::JsonError(404),
    FaultEffect::UndocumentedStatus,
];

/// The statuses by which a body is refused for being a stream.
pub(crate) const STREAM_REFUSALS: [u16; 5] = [400, 411, 413, 415, 501];

impl FaultEffect {
    /// Whether it alters what the service says, and nothing else.
    pub(crate) fn alters_content(self) -> bool {
        matches!(
            self,
            Self::StreamStaysOpen
                | Self::UndocumentedStatus
                | Self::CompletedWithoutUrl
                | Self::UselessJson
                | Self::MisleadingFields
                | Self::SiblingStatus
        )
    }
}

impl Fault {
    /// None.
    pub(crate) const NONE: Self = Self { reaches: true, effect: FaultEffect::Normal };

    /// A random one.
    pub(crate) fn draw(create: bool, rng: &mut SimRng) -> Self {
        let effect = match rng.within(0, 16) {
            0 | 1 => FaultEffect::NetworkError,
            2 => FaultEffect::NoReply,
            3 => FaultEffect::TruncatedBody,
            4 => FaultEffect::HtmlPage(rng.pick(&[
                200, 204, 400, 401, 403, 404, 408, 413, 422, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524,
                525, 526, 530, 100, 0, 600, 999,
            ])),
            5 | 6 => FaultEffect::JsonError(rng.pick(&[500, 501, 502, 503, 504, 524, 529])),
            7 => FaultEffect::JsonError(
                rng.pick(&[400, 402, 403, 404, 405, 408, 409, 410, 413, 415, 422, 425, 426, 451]),
            ),
            8 => FaultEffect::JsonError(404),
            9 | 10 => FaultEffect::RateLimited(match rng.within(0, 5) {
                0 => RetryAfterHeader::Seconds(0),
                1 | 2 => RetryAfterHeader::Seconds(u32::try_from(rng.span(1, 12)).unwrap_or(1)),
                3 => RetryAfterHeader::Date(i32::try_from(rng.span(1, 10)).unwrap_or(1) - 5),
                4 => RetryAfterHeader::Invalid,
                _ => RetryAfterHeader::Absent,
            }),
            11 => FaultEffect::Redirect(rng.pick(&[0, 301, 302, 303, 307, 308, 304])),
            12 => FaultEffect::UndocumentedStatus,
            13 => FaultEffect::CompletedWithoutUrl,
            15 => FaultEffect::StreamStaysOpen,
            14 => FaultEffect::UselessJson,
            _ => rng.pick(&[FaultEffect::MisleadingFields, FaultEffect::SiblingStatus]),
        };
        Self::with(effect, create, rng)
    }

    /// This one, before or after the service if it can be either.
    pub(crate) fn with(effect: FaultEffect, create: bool, rng: &mut SimRng) -> Self {
        let reaches = match effect {
            FaultEffect::Normal
            | FaultEffect::StreamStaysOpen
            | FaultEffect::TruncatedBody
            | FaultEffect::UndocumentedStatus
            | FaultEffect::CompletedWithoutUrl
            | FaultEffect::UselessJson
            | FaultEffect::MisleadingFields
            | FaultEffect::SiblingStatus => true,
            FaultEffect::NetworkError | FaultEffect::NoReply => rng.one_in(2),
            // What refuses a POST has not created anything.
            FaultEffect::HtmlPage(status) | FaultEffect::JsonError(status) => {
                !(create && status != 408 && (400..500).contains(&status)) && rng.one_in(2)
            }
            FaultEffect::Redirect(status) => create && status == 303 && rng.one_in(2),
            FaultEffect::RateLimited(_) | FaultEffect::BodyNeverRead => false,
        };
        Self { reaches, effect }
    }

    /// What becomes of it where the body is a stream that is sent.
    pub(crate) fn streamed(self, rng: &mut SimRng) -> Self {
        match self.effect {
            FaultEffect::NetworkError if !self.reaches && rng.one_in(2) => {
                Self { effect: FaultEffect::BodyNeverRead, ..self }
            }
            // What refuses a stream has not created anything.
            FaultEffect::HtmlPage(status) | FaultEffect::JsonError(status) if STREAM_REFUSALS.contains(&status) => {
                Self { reaches: false, ..self }
            }
            _ => self,
        }
    }
}
