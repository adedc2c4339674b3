//! What came of a GET.

use super::{Call, Goal, Next, Request, State, Turn, Verdict};
use crate::backoff::backoff;
use crate::cadence;
use crate::error::Failure;
use crate::generation::{Fault, FaultCode, Generation};
use crate::json::Json;
use crate::options::SHORT;
use crate::reply::{Body, Complaint, Reply, Report, Word};
use crate::time::{Dice, Now, Stopwatch};

/// The 404s running that are too many.
const MOST_MISSES: u32 = 4;
/// The unknown statuses running that are too many.
const MOST_UNKNOWNS: u32 = 5;
/// The completions running without a URL that are too many.
const MOST_BLANKS: u32 = 3;
/// The longest back-off of a poll, in milliseconds.
const LONGEST_BACKOFF: u64 = 30_000;

impl Call {
    pub(super) fn got<J: Json>(&mut self, reply: &Reply<J>, turn: &mut Turn<'_, impl Dice>) -> Next {
        let complaint = self.heed(reply, turn);
        if reply.status != 401 {
            self.credentials.refused = None;
        }
        let http = |code| Fault { code, http_status: Some(reply.status).filter(|status| *status > 0) };
        match (reply.status, &reply.body) {
            (200..=299, Body::Json(body)) => {
                let report = Report::read(body, self.hidden());
                match report.word {
                    Word::Missing => self.faulted(http(FaultCode::Body), None, turn),
                    _ => self.reported_as(report, turn),
                }
            }
            (200..=299, _) => self.faulted(http(FaultCode::Body), None, turn),
            (401, _) => self.verdict(Verdict::Refused(complaint.words)),
            (404, _) => self.missed(turn),
            (429, _) => self.faulted(http(FaultCode::RateLimited), reply.wait(turn.now), turn),
            _ if reply.redirect => self.verdict(Verdict::Failed(Failure::Redirected)),
            (408 | 425, _) => self.faulted(http(FaultCode::Http), reply.wait(turn.now), turn),
            (status @ 400..=499, Body::Json(_)) => self.verdict(Verdict::Failed(Complaint::refusal(complaint, status))),
            _ => self.faulted(http(FaultCode::Http), reply.wait(turn.now), turn),
        }
    }

    /// The request under way failed without a reply.
    pub(super) fn lost(&mut self, turn: &mut Turn<'_, impl Dice>) -> Next {
        self.http_status = None;
        self.faulted(Fault { code: FaultCode::Network, http_status: None }, None, turn)
    }

    /// The GET has had its time, or the call has.
    pub(super) fn unanswered(&mut self, since: Stopwatch, turn: &mut Turn<'_, impl Dice>) -> Next {
        self.http_status = None;
        // A check's own time is as long as a GET's: one that had nearly all of it is a fault like any other.
        let had_its_time =
            self.goal == Goal::Check && since.elapsed(turn.now).saturating_add(super::wait::SLEPT) >= SHORT;
        if self.deadline.left(turn.now) == 0 && !had_its_time {
            return self.expire(self.slept(turn.now), turn);
        }
        self.faulted(Fault { code: FaultCode::Timeout, http_status: None }, None, turn)
    }

    fn faulted(&mut self, fault: Fault, asked: Option<u64>, turn: &mut Turn<'_, impl Dice>) -> Next {
        let Some(generation) = &mut self.generation else { return self.expire(false, turn) };
        generation.faults = generation.faults.saturating_add(1);
        generation.fault = Some(fault);
        let wait = backoff(generation.faults, LONGEST_BACKOFF, turn.dice);
        let wait = wait.max(asked.unwrap_or(0)).max(turn.shared.gate.queue(turn.now, turn.dice));
        self.again_in(wait, turn.now)
    }

    fn missed(&mut self, turn: &mut Turn<'_, impl Dice>) -> Next {
        let mut misses = 0;
        if let Some(generation) = &mut self.generation {
            generation.misses = generation.misses.saturating_add(1);
            generation.fault = Some(Fault { code: FaultCode::Http, http_status: Some(404) });
            misses = generation.misses;
        }
        if misses >= MOST_MISSES {
            return self.verdict(Verdict::Failed(Failure::NotFound));
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
        let Generation { unknowns, blanks, status, .. } = *generation;
        match word {
            Word::Unknown(word) if unknowns >= MOST_UNKNOWNS => {
                self.verdict(Verdict::Failed(Failure::UnknownStatus(word)))
            }
            Word::Completed if blanks >= MOST_BLANKS => self.verdict(Verdict::Failed(Failure::NoUrl)),
            _ if status.is_final() => self.verdict(Verdict::Final),
            _ if blanks > 0 => {
                let wait = backoff(blanks, LONGEST_BACKOFF, turn.dice);
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

    /// A waiting call tells its caller first; a check settles at once.
    fn verdict(&mut self, verdict: Verdict) -> Next {
        if self.goal != Goal::Check {
            self.state = State::Reporting(verdict);
            return Next::Report;
        }
        match verdict {
            Verdict::Failed(failure) => self.fail(failure),
            Verdict::Refused(words) => self.unauthorized(Request::Get, words),
            Verdict::Pending(_) | Verdict::Final => self.settle(),
        }
    }

    pub(super) fn reported(&mut self, turn: &mut Turn<'_, impl Dice>) -> Next {
        match core::mem::replace(&mut self.state, State::New) {
            State::Reporting(Verdict::Pending(wait)) => self.rest(wait, turn),
            State::Reporting(Verdict::Failed(failure)) => self.fail(failure),
            State::Reporting(Verdict::Refused(words)) => self.unauthorized(Request::Get, words),
            _ => self.settle(),
        }
    }
}
