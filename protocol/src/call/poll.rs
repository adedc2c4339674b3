//! What came of a GET, which asks for the generation, or for what became of the submit.

use super::{Call, Goal, Next, State, Turn, Verdict};
use crate::backoff::backoff;
use crate::cadence;
use crate::error::Failure;
use crate::gate::Method;
use crate::generation::{Generation, PollError, PollErrorCode};
use crate::json::Json;
use crate::options::SHORT;
use crate::reply::{Body, Reply, Report, Word};
use crate::time::{Dice, Now, Stopwatch};

/// The consecutive 404s that are too many.
const MAX_NOT_FOUND: u32 = 4;
/// The consecutive unknown statuses that are too many.
const MAX_UNKNOWN_STATUS: u32 = 5;
/// The consecutive completions without a URL that are too many.
const MAX_MISSING_URL: u32 = 3;
/// The longest back-off of a poll, in milliseconds.
const LONGEST_BACKOFF: u64 = 30_000;

impl Call {
    pub(super) fn got<J: Json>(&mut self, reply: &Reply<J>, turn: &mut Turn<'_, impl Dice>) -> Next {
        if self.generation.is_some() {
            turn.shared.answered(reply.cacheable);
        }
        let mut complaint = self.heed(reply, Method::Poll, turn);
        self.complaint = core::mem::take(&mut complaint.words);
        if reply.status != 401 {
            self.credentials.refused = None;
        }
        let http = |code| PollError { code, http_status: Some(reply.status).filter(|status| *status > 0) };
        match (reply.status, &reply.body) {
            (200..=299, Body::Json(body)) if self.generation.is_none() => self.looked_up(body, turn),
            (200..=299, Body::Json(body)) => {
                let mut report = Report::read(body, self.redactor());
                if report.word == Word::Missing {
                    self.complaint = report.error.take().unwrap_or_default();
                    return self.faulted(http(PollErrorCode::Body), None, turn);
                }
                self.reported_as(report, turn)
            }
            (200..=299, _) => self.faulted(http(PollErrorCode::Body), None, turn),
            (401, _) => {
                let words = core::mem::take(&mut self.complaint);
                self.verdict(Verdict::Refused(words))
            }
            (404, _) if self.generation.is_some() => self.missed(turn),
            (429, _) => self.faulted(http(PollErrorCode::RateLimited), reply.wait(turn.now), turn),
            _ if reply.redirect => self.verdict(Verdict::Failed(Failure::Redirected, String::new())),
            (408 | 425, _) => self.faulted(http(PollErrorCode::Http), reply.wait(turn.now), turn),
            (status @ 400..=499, body) if matches!(body, Body::Json(_)) || self.is_barred(status) => {
                let words = core::mem::take(&mut self.complaint);
                self.verdict(Verdict::Failed(complaint.refusal(status), words))
            }
            _ => self.faulted(http(PollErrorCode::Http), reply.wait(turn.now), turn),
        }
    }

    /// The request under way failed without a reply.
    pub(super) fn lost(&mut self, turn: &mut Turn<'_, impl Dice>) -> Next {
        turn.shared.lost();
        self.http_status = None;
        self.complaint.clear();
        self.faulted(PollError { code: PollErrorCode::Network, http_status: None }, None, turn)
    }

    /// The GET has had its time, or the call has.
    pub(super) fn unanswered(&mut self, since: Stopwatch, turn: &mut Turn<'_, impl Dice>) -> Next {
        self.http_status = None;
        self.complaint.clear();
        if self.generation.is_none() {
            return self.look_up_later(None, turn);
        }
        // A check's own time is as long as a GET's: one that had nearly all of it is a fault like any other.
        let had_its_time =
            self.goal == Goal::Check && since.elapsed(turn.now).saturating_add(super::wait::SLEPT) >= SHORT;
        if self.deadline.left(turn.now) == 0 && !had_its_time {
            return self.expire(self.slept(turn.now), turn);
        }
        self.faulted(PollError { code: PollErrorCode::Timeout, http_status: None }, None, turn)
    }

    fn faulted(&mut self, error: PollError, asked: Option<u64>, turn: &mut Turn<'_, impl Dice>) -> Next {
        let Some(generation) = &mut self.generation else { return self.look_up_later(asked, turn) };
        let polling = &mut generation.polling;
        polling.errors = polling.errors.saturating_add(1);
        polling.last_error = Some(error);
        let mut wait = backoff(polling.errors, LONGEST_BACKOFF, turn.dice).max(asked.unwrap_or(0));
        if error.code == PollErrorCode::RateLimited {
            wait = wait.saturating_add(turn.shared.gates.spread_poll(turn.dice));
        }
        self.again_in(wait, turn.now)
    }

    fn missed(&mut self, turn: &mut Turn<'_, impl Dice>) -> Next {
        let mut misses = 0;
        if let Some(generation) = &mut self.generation {
            generation.polling.not_found = generation.polling.not_found.saturating_add(1);
            generation.polling.last_error = Some(PollError { code: PollErrorCode::Http, http_status: Some(404) });
            misses = generation.polling.not_found;
        }
        if misses >= MAX_NOT_FOUND {
            return self.verdict(Verdict::Failed(Failure::NotFound, String::new()));
        }
        let wait = backoff(misses, LONGEST_BACKOFF, turn.dice);
        self.again_in(wait, turn.now)
    }

    fn reported_as(&mut self, report: Report, turn: &mut Turn<'_, impl Dice>) -> Next {
        let Some(generation) = &mut self.generation else { return self.settle() };
        if report.word == Word::Completed && report.audio.is_some() {
            cadence::learn(self.pace, generation, turn.now, &mut turn.shared.estimate);
        }
        let word = report.word.clone();
        generation.learn(report);
        let Generation { polling, status, .. } = **generation;
        match word {
            Word::Unknown(word) if polling.unknown_status >= MAX_UNKNOWN_STATUS => {
                self.verdict(Verdict::Failed(Failure::UnknownStatus, word))
            }
            Word::Completed if polling.missing_url >= MAX_MISSING_URL => {
                self.verdict(Verdict::Failed(Failure::NoUrl, String::new()))
            }
            _ if status.is_final() => self.verdict(Verdict::Final),
            _ if polling.missing_url > 0 => {
                let wait = backoff(polling.missing_url, LONGEST_BACKOFF, turn.dice);
                self.again_in(wait, turn.now)
            }
            _ => {
                let wait = cadence::plan(self.pace, generation, turn.now, turn.shared, turn.dice);
                self.again_in(wait, turn.now)
            }
        }
    }

    fn again_in(&mut self, wait: u64, now: Now) -> Next {
        if let Some(generation) = &mut self.generation {
            generation.next_check_at = Some(now.wall.saturating_add(wait));
        }
        self.verdict(Verdict::Pending(wait))
    }

    /// A waiting call tells its caller first, unless there is no generation yet; a check settles at once.
    fn verdict(&mut self, verdict: Verdict) -> Next {
        if self.goal != Goal::Check && self.generation.is_some() {
            self.state = State::Reporting(verdict);
            return Next::Report;
        }
        match verdict {
            Verdict::Failed(failure, words) => self.fail_with(failure, words),
            Verdict::Refused(words) => self.unauthorized(Method::Poll, words),
            Verdict::Pending(_) | Verdict::Final => self.settle(),
        }
    }

    pub(super) fn reported(&mut self, turn: &mut Turn<'_, impl Dice>) -> Next {
        match core::mem::replace(&mut self.state, State::New) {
            State::Reporting(Verdict::Pending(wait)) => self.rest(wait, turn),
            State::Reporting(Verdict::Failed(failure, words)) => self.fail_with(failure, words),
            State::Reporting(Verdict::Refused(words)) => self.unauthorized(Method::Poll, words),
            _ => self.settle(),
        }
    }
}
