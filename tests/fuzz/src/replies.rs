//! What the service answers: any text that is JSON, then the call that it answers.

use protocol::{Action, Body, ErrorBody, Event, Goal, Redactor, Reply, StatusBody};
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
    status_body(&StatusBody::read(&body, redactor));
    error_body(&ErrorBody::read(&body, redactor));
    report_of_a_stranger(&StatusBody::read(&body, Redactor::default()));
    for goal in [Goal::Generate, Goal::Submit, Goal::Check, Goal::Wait, Goal::Recover] {
        for status in STATUSES {
            answered(goal, status, body);
        }
    }
}

fn status_body(status_body: &StatusBody) {
    report_of_a_stranger(status_body);
    checks::without(&[checks::KEY], &format!("{:?} {:?}", status_body.status, status_body.error));
}

fn report_of_a_stranger(status_body: &StatusBody) {
    assert!(status_body.id.as_ref().is_none_or(|id| (1..=1_024).contains(&id.len())));
    assert!(status_body.error.as_ref().is_none_or(|words| (1..=401).contains(&words.chars().count())));
    if let Some(audio) = &status_body.audio {
        checks::web(&audio.url);
    }
}

fn error_body(error_body: &ErrorBody) {
    assert!(error_body.message.chars().count() <= 401);
    checks::without(&[checks::KEY], &error_body.message);
}

/// The call of that goal, given this answer to every request that it makes.
fn answered(goal: Goal, status: u16, body: Option<&Value>) {
    let mut driver = Driver::new(goal);
    let mut next = driver.step::<Option<&Value>>(Event::Start { offline: false });
    for _ in 0..24 {
        let event = match next {
            Action::Settle(_) | Action::SettleFile(_) | Action::SettleAbsent => return,
            Action::Wait(span) => {
                driver.pass(span);
                Event::Timeout
            }
            Action::RequestKey { .. } => Event::KeyReceived(checks::key()),
            Action::AcquirePermit => Event::PermitAcquired { offline: false },
            Action::Send(_) => Event::Reply(Reply {
                status,
                redirect: matches!(status, 0 | 302),
                body: Body::Json(body),
                retry_after: None,
                inference_id: None,
                cacheable: false,
            }),
            Action::CallOnSubmitted | Action::CallOnSubmitting => Event::CallbackResolved,
            Action::CallOnStatus => Event::OnStatusReturned,
        };
        next = driver.step(event);
    }
}
