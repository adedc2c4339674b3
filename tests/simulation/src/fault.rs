//! What can go wrong with one request.

use crate::chance::Chance;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Whether the service gets it.
    pub(crate) reaches: bool,
    /// What the client gets.
    pub(crate) then: Then,
}

/// What the client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// What the service says.
    Normal,
    /// The same, in a stream that stays open.
    Open,
    /// A network error.
    Lost,
    /// The same, before the body was read: a stream that was not sent.
    Unread,
    /// Nothing, ever.
    Silent,
    /// A reply cut in its body.
    Cut,
    /// A page of HTML with this status.
    Page(u16),
    /// A JSON error with this status.
    Error(u16),
    /// 429.
    Limited(Wait),
    /// A redirect; 0 where the browser hides its status.
    Redirect(u16),
    /// A status that is not documented.
    Strange,
    /// `completed`, without an http(s) URL.
    Blank,
    /// Good JSON without what is needed.
    Empty,
    /// `queued`, with `audio_file` and `error` filled in.
    Decoy,
    /// The service's status, in a sibling endpoint's word.
    Sibling,
}

/// The `Retry-After` of a 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// None that can be read.
    Hidden,
    /// In seconds.
    Seconds(u32),
    /// As a date, so many seconds from the service's now; perhaps past.
    Date(i32),
    /// Nonsense.
    Junk,
}

/// The faults that befall runs of requests: an outage.
pub(crate) const OUTAGES: [Then; 10] = [
    Then::Lost,
    Then::Silent,
    Then::Page(502),
    Then::Page(524),
    Then::Error(503),
    Then::Limited(Wait::Hidden),
    Then::Limited(Wait::Seconds(20)),
    Then::Page(403),
    Then::Error(404),
    Then::Strange,
];

/// The statuses by which a body is refused for being a stream.
pub(crate) const STREAM_REFUSALS: [u16; 5] = [400, 411, 413, 415, 501];

impl Then {
    /// Whether it bends what the service says, and nothing else.
    pub(crate) fn bends(self) -> bool {
        matches!(self, Self::Open | Self::Strange | Self::Blank | Self::Empty | Self::Decoy | Self::Sibling)
    }
}

impl Fault {
    /// None.
    pub(crate) const NONE: Self = Self { reaches: true, then: Then::Normal };

    /// A random one.
    pub(crate) fn draw(create: bool, chance: &mut Chance) -> Self {
        let then = match chance.within(0, 16) {
            0 | 1 => Then::Lost,
            2 => Then::Silent,
            3 => Then::Cut,
            4 => Then::Page(chance.pick(&[
                200, 204, 400, 401, 403, 404, 408, 413, 422, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524,
                525, 526, 530, 100, 0, 600, 999,
            ])),
            5 | 6 => Then::Error(chance.pick(&[500, 501, 502, 503, 504, 524, 529])),
            7 => Then::Error(chance.pick(&[400, 402, 403, 404, 405, 408, 409, 410, 413, 415, 422, 425, 426, 451])),
            8 => Then::Error(404),
            9 | 10 => Then::Limited(match chance.within(0, 5) {
                0 => Wait::Seconds(0),
                1 | 2 => Wait::Seconds(u32::try_from(chance.span(1, 12)).unwrap_or(1)),
                3 => Wait::Date(i32::try_from(chance.span(1, 10)).unwrap_or(1) - 5),
                4 => Wait::Junk,
                _ => Wait::Hidden,
            }),
            11 => Then::Redirect(chance.pick(&[0, 301, 302, 303, 307, 308, 304])),
            12 => Then::Strange,
            13 => Then::Blank,
            15 => Then::Open,
            14 => Then::Empty,
            _ => chance.pick(&[Then::Decoy, Then::Sibling]),
        };
        Self::with(then, create, chance)
    }

    /// This one, before or after the service if it can be either.
    pub(crate) fn with(then: Then, create: bool, chance: &mut Chance) -> Self {
        let reaches = match then {
            Then::Normal
            | Then::Open
            | Then::Cut
            | Then::Strange
            | Then::Blank
            | Then::Empty
            | Then::Decoy
            | Then::Sibling => true,
            Then::Lost | Then::Silent => chance.one_in(2),
            // What refuses a POST has not created anything.
            Then::Page(status) | Then::Error(status) => {
                !(create && status != 408 && (400..500).contains(&status)) && chance.one_in(2)
            }
            Then::Redirect(status) => create && status == 303 && chance.one_in(2),
            Then::Limited(_) | Then::Unread => false,
        };
        Self { reaches, then }
    }

    /// What becomes of it where the body is a stream that is sent.
    pub(crate) fn streamed(self, chance: &mut Chance) -> Self {
        match self.then {
            Then::Lost if !self.reaches && chance.one_in(2) => Self { then: Then::Unread, ..self },
            // What refuses a stream has not created anything.
            Then::Page(status) | Then::Error(status) if STREAM_REFUSALS.contains(&status) => {
                Self { reaches: false, ..self }
            }
            _ => self,
        }
    }
}
