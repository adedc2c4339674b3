//! What the service answers: any text that is JSON, then the call that it answers.

use protocol::call::{Event, Goal, Next};
use protocol::reply::{Body, Complaint, Reply, Report};
use protocol::secret::Redactor;
use serde_json::Value;

use crate::calls::Driver;
use crate::checks;

/// Every status that is treated in a way of its own.
const STATUSES: [u16; 11] = [200, 201, 0, 302, 400, 401, 403, 404, 408, 429, 503];

pub(crate) fn run(input: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(input) else { return };
    let body = Some(&value);
    let keys = [checks::key()];
    let redactor = Redactor { keys: &keys };
    report(&Report::read(&body, redactor));
    complaint(&Complaint::read(&body, redactor));
    report_of_a_stranger(&Report::read(&body, Redactor::default()));
    for goal in [Goal::Generate, Goal::Submit, Goal::Check, Goal::Wait, Goal::Recover] {
        for status in STATUSES {
            answered(goal, status, body);
        }
    }
}

fn report(report: &Report) {
    report_of_a_stranger(report);
    checks::without(&[checks::KEY], &format!("{:?} {:?}", report.word, report.error));
}

fn report_of_a_stranger(report: &Report) {
    assert!(report.id.as_ref().is_none_or(|id| (1..=1_024).contains(&id.len())));
    assert!(report.error.as_ref().is_none_or(|words| (1..=401).contains(&words.chars().count())));
    if let Some(audio) = &report.audio {
        checks::web(&audio.url);
    }
}

fn complaint(complaint: &Complaint) {
    assert!(complaint.words.chars().count() <= 401);
    checks::without(&[checks::KEY], &complaint.words);
}

/// The call of that goal, given this answer to every request that it makes.
fn answered(goal: Goal, status: u16, body: Option<&Value>) {
    let mut driver = Driver::new(goal);
    let mut next = driver.step::<Option<&Value>>(Event::Begin { offline: false });
    for _ in 0..24 {
        let event = match next {
            Next::Settle(_) | Next::SettleAbsent => return,
            Next::Sleep(span) => {
                driver.pass(span);
                Event::Elapsed
            }
            Next::AskKey { .. } => Event::Key(checks::key()),
            Next::Enter => Event::Entered { offline: false },
            Next::Post | Next::Get | Next::LookUp => Event::Reply(Reply {
                status,
                redirect: matches!(status, 0 | 302),
                body: Body::Json(body),
                retry_after: None,
                inference_id: None,
                cacheable: false,
            }),
            Next::Store | Next::Announce => Event::Stored,
            Next::Report => Event::Reported,
        };
        next = driver.step(event);
    }
}
