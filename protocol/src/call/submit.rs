//! What the reply to a POST means. Only a refusal is ever sent again.

use super::{Call, Goal, Next, Patience, State, Turn};
use crate::cadence;
use crate::error::{Failure, Unknown};
use crate::gate::Method;
use crate::generation::{Generation, Status};
use crate::json::Json;
use crate::options::Pace;
use crate::reply::{Body, Complaint, Reply, Report, Word, said};
use crate::time::{Dice, Now};

impl Call {
    pub(super) fn posted<J: Json>(&mut self, reply: &Reply<J>, turn: &mut Turn<'_, impl Dice>) -> Next {
        let complaint = self.heed(reply, Method::Submit, turn);
        match reply.status {
            200..=299 if self.accept(reply, turn) => self.accepted(),
            200..=299 => match &reply.body {
                Body::Json(body) if self.lookup.is_none() => {
                    let words = said(body, self.redactor()).unwrap_or_default();
                    self.fail_with(Failure::NoId, words)
                }
                _ => self.outcome_unknown(Unknown::Unreadable, None, turn),
            },
            // It may be the stream that is refused.
            400 | 411 | 413 | 415 | 501 if self.blames_stream() => self.attempt(Method::Submit, turn),
            401 => self.unauthorized(Method::Submit, complaint.words),
            429 => {
                self.limited = Some(complaint.words);
                if self.deadline.left(turn.now) <= self.lead(Method::Submit) {
                    self.patience = Patience::LastTry;
                }
                self.attempt(Method::Submit, turn)
            }
            // Servers that time out go on working; and what follows this redirect was done already.
            303 | 408 => self.outcome_unknown(Unknown::Fault, reply.wait(turn.now), turn),
            // The server half's word for a submit with the same key that has not been answered yet.
            409 if self.lookup.is_some() => self.outcome_unknown(Unknown::Fault, reply.wait(turn.now), turn),
            _ if reply.redirect => self.fail(Failure::Redirected),
            400..=499 => self.fail_with(complaint.refusal(reply.status), complaint.words),
            _ => self.outcome_unknown(Unknown::Fault, reply.wait(turn.now), turn),
        }
    }

    /// There is a generation: the caller is told.
    pub(super) fn accepted(&mut self) -> Next {
        if self.goal == Goal::Generate {
            self.state = State::Storing;
            return Next::Store;
        }
        self.settle()
    }

    /// Keeps the generation that a good reply names, in its body or else in its head.
    fn accept<J: Json>(&mut self, reply: &Reply<J>, turn: &mut Turn<'_, impl Dice>) -> bool {
        let mut report = match &reply.body {
            Body::Json(body) => Report::read(body, self.redactor()),
            Body::Text | Body::Broken => Report::default(),
        };
        report.id = report.id.or_else(|| reply.id());
        self.take_on(report, turn.now.wall, turn)
    }

    /// Keeps the generation that was submitted at that time of day, if its id is known.
    pub(super) fn take_on(&mut self, mut report: Report, sent: u64, turn: &mut Turn<'_, impl Dice>) -> bool {
        let Some(id) = report.id.take() else { return false };
        let mut generation = Box::new(Generation::new(id, turn.now));
        generation.submitted_at = sent.min(turn.now.wall);
        generation.request.clone_from(&self.request);
        let wait = cadence::plan(self.pace, &mut generation, turn.now, turn.shared, turn.dice);
        generation.next_check_at = Some(match (self.pace, &self.request) {
            (Pace::Adaptive, Some(_)) => turn.now.wall.saturating_add(wait),
            // Of one that nothing is known of, all may be over.
            _ => turn.now.wall,
        });
        if report.word == Word::Missing {
            report.word = Word::Queued;
        }
        generation.learn(report);
        self.generation = Some(generation);
        self.credentials.refused = None;
        // There is one overtime, also where its look-up finds the generation.
        if self.patience == Patience::LastTry {
            self.patience = Patience::Usual;
        }
        true
    }

    /// The caller aborts in the very moment of a reply that tells what became of the submit.
    pub(super) fn aborted_by<J: Json>(&mut self, reply: &Reply<J>, turn: &mut Turn<'_, impl Dice>) -> Next {
        self.heed(reply, Method::Submit, turn);
        let posting = match reply.status {
            200..=299 => !self.accept(reply, turn),
            // The server half has the key, and says no more.
            409 => self.lookup.is_some(),
            _ => false,
        };
        self.fail(Failure::Aborted { posting })
    }

    /// Tells the gate of this reply, keeps what an error would tell of it, and reads its complaint.
    pub(super) fn heed<J: Json>(
        &mut self,
        reply: &Reply<J>,
        method: Method,
        turn: &mut Turn<'_, impl Dice>,
    ) -> Complaint {
        if method == Method::Poll && self.generation.is_none() {
            // A look-up's replies say nothing of the limits of others.
        } else if reply.status == 429 {
            turn.shared.gates.close(method, turn.now, reply.wait(turn.now), turn.dice);
        } else {
            turn.shared.gates.passed(method, turn.now, self.forced);
        }
        self.http_status = Some(reply.status).filter(|status| *status > 0);
        let mut complaint = match &reply.body {
            Body::Json(body) if !(200..300).contains(&reply.status) => Complaint::read(body, self.redactor()),
            _ => Complaint::default(),
        };
        let named = complaint.request_id.take();
        self.request_id = named.or_else(|| self.redactor().label(reply.inference_id.as_ref()?));
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
    pub(super) fn refusal(&self, status: u16) -> Failure {
        match status {
            403 if self.out_of_credits => Failure::OutOfCredits,
            403 => Failure::Forbidden,
            _ => Failure::Rejected,
        }
    }
}

impl Generation {
    /// Takes in a good reply. The status alone decides.
    pub(super) fn learn(&mut self, report: Report) {
        self.polling.errors = 0;
        self.polling.not_found = 0;
        self.polling.last_error = None;
        self.credits_used = report.credits_used.or(self.credits_used);
        self.usd_spent = report.usd_spent.or(self.usd_spent);
        if let Word::Unknown(_) | Word::Missing = report.word {
            self.polling.unknown_status = self.polling.unknown_status.saturating_add(1);
            return;
        }
        self.polling.unknown_status = 0;
        match (report.word, report.audio) {
            (Word::Completed, None) => {
                self.polling.missing_url = self.polling.missing_url.saturating_add(1);
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
        self.polling.missing_url = 0;
    }
}
