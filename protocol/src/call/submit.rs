//! What the reply to a POST means. Only a refusal is ever sent again.

use super::{Call, Goal, Next, Patience, Request, State, Turn};
use crate::cadence;
use crate::error::{Failure, Unknown};
use crate::generation::{Generation, Status};
use crate::json::Json;
use crate::options::Pace;
use crate::reply::{Body, Complaint, Reply, Report, Word};
use crate::text::brief;
use crate::time::{Dice, Now};

impl Call {
    pub(super) fn posted<J: Json>(&mut self, reply: &Reply<J>, turn: &mut Turn<'_, impl Dice>) -> Next {
        let complaint = self.heed(reply, turn);
        match reply.status {
            200..=299 => match &reply.body {
                Body::Json(body) => {
                    let report = Report::read(body, self.hidden());
                    self.accepted(report, turn)
                }
                Body::Text | Body::Broken => self.fail(Failure::SubmitUnknown(Unknown::Unreadable)),
            },
            401 => self.unauthorized(Request::Post, complaint.words),
            429 => {
                self.limited = Some(complaint.words);
                if self.deadline.left(turn.now) <= self.lead(Request::Post) {
                    self.patience = Patience::LastTry;
                }
                self.attempt(Request::Post, turn)
            }
            _ if reply.redirect => self.fail(Failure::Redirected),
            400..=499 => self.fail(complaint.refusal(reply.status)),
            _ => self.fail(Failure::SubmitUnknown(Unknown::Fault)),
        }
    }

    fn accepted(&mut self, mut report: Report, turn: &mut Turn<'_, impl Dice>) -> Next {
        let Some(id) = report.id.take() else { return self.fail(Failure::NoId) };
        let mut generation = Generation::new(id, turn.now);
        generation.request.clone_from(&self.request);
        let wait = cadence::plan(self.pace, &mut generation, turn.now, turn.shared, turn.dice);
        generation.next_check_at = Some(match self.pace {
            Pace::Adaptive => turn.now.wall.saturating_add(wait),
            Pace::Every(_) => turn.now.wall,
        });
        if report.word == Word::Missing {
            report.word = Word::Queued;
        }
        generation.learn(report);
        self.generation = Some(generation);
        self.credentials.refused = None;
        self.patience = Patience::Usual;
        if self.goal == Goal::Generate {
            self.state = State::Storing;
            return Next::Store;
        }
        self.settle()
    }

    /// Tells the gate of this reply, keeps what an error would tell of it, and reads its complaint.
    pub(super) fn heed<J: Json>(&mut self, reply: &Reply<J>, turn: &mut Turn<'_, impl Dice>) -> Complaint {
        if reply.status == 429 {
            turn.shared.gate.close(turn.now, reply.wait(turn.now), turn.dice);
        } else {
            turn.shared.gate.passed(turn.now);
        }
        self.http_status = Some(reply.status).filter(|status| *status > 0);
        let mut complaint = match &reply.body {
            Body::Json(body) if !(200..300).contains(&reply.status) => Complaint::read(body, self.hidden()),
            _ => Complaint::default(),
        };
        self.request_id = complaint.request_id.take().or_else(|| {
            let name = reply.inference_id.as_ref()?;
            Some(brief(&self.hidden().scrub(name)))
        });
        complaint
    }
}

impl<J> Reply<J> {
    pub(super) fn wait(&self, now: Now) -> Option<u64> {
        self.retry_after.as_ref().and_then(|retry| retry.wait(now.wall))
    }
}

impl Complaint {
    /// What a 4xx other than 401, 404 on a poll, and 429 means.
    pub(super) fn refusal(self, status: u16) -> Failure {
        match status {
            403 if self.out_of_credits => Failure::OutOfCredits(self.words),
            403 => Failure::Forbidden(self.words),
            _ => Failure::Rejected(self.words),
        }
    }
}

impl Generation {
    /// Takes in a good reply. The status alone decides.
    pub(super) fn learn(&mut self, report: Report) {
        self.faults = 0;
        self.misses = 0;
        self.fault = None;
        self.credits_used = report.credits_used.or(self.credits_used);
        self.usd_spent = report.usd_spent.or(self.usd_spent);
        if let Word::Unknown(_) | Word::Missing = report.word {
            self.unknowns = self.unknowns.saturating_add(1);
            return;
        }
        self.unknowns = 0;
        match (report.word, report.audio) {
            (Word::Completed, None) => {
                self.blanks = self.blanks.saturating_add(1);
                return;
            }
            (Word::Completed, Some(audio)) => {
                self.status = Status::Completed;
                self.audio = Some(crate::generation::AudioFile { generation_id: self.id.clone(), ..audio });
                self.next_check_at = None;
            }
            (Word::Failed, _) => {
                self.status = Status::Error;
                self.error = report.error;
                self.next_check_at = None;
            }
            (Word::Generating, _) => self.status = Status::Generating,
            (Word::Queued | Word::Missing | Word::Unknown(_), _) => self.status = Status::Queued,
        }
        self.blanks = 0;
    }
}
