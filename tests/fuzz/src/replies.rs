//! Replies of the service: any JSON text, and the calls that get it.

use protocol::{Action, Body, ErrorBody, Event, Goal, Redactor, Reply, StatusBody};
use serde_json::Value;

use crate::calls::Driver;
use crate::checks;

/// Every status that is treated differently.
const STATUSES: [u16; 11] = [200, 201, 0, 302, 400, 401, 403, 404, 408, 429, 503];

pub(crate) fn run(input: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(input) else { return };
    let body = Some(&value);
    let keys = [checks::key()];
    let redactor = Redactor { keys: &keys };
    status_body(&StatusBody::read(&body, redactor));
    error_body(&ErrorBody::read(&body, redactor));
    any_status_body(&StatusBody::read(&body, Redactor::default()));
    for goal in [Goal::Generate, Goal::Submit, Goal::Check, Goal::Wait, Goal::Recover] {
        for status in STATUSES {
            run_call(goal, status, body);
        }
    }
}

fn status_body(status_body: &StatusBody) {
    any_status_body(status_body);
    checks::without(&[checks::KEY], &format!("{:?} {:?}", status_body.status, status_body.error));
}

fn any_status_body(status_body: &StatusBody) {
    assert!(status_body.id.as_ref().is_none_or(|id| (1..=1_024).contains(&id.len())));
    assert!(status_body.error.as_ref().is_none_or(|words| (1..=401).contains(&words.chars().count())));
    if let Some(audio) = &status_body.audio {
        checks::is_playable(&audio.url);
    }
}

fn error_body(error_body: &ErrorBody) {
    assert!(error_body.message.chars().count() <= 401);
    checks::without(&[checks::KEY], &error_body.message);
}

/// A call of that goal, with this reply to every request.
fn run_call(goal: Goal, status: u16, body: Option<&Value>) {
    let mut driver = Driver::new(goal);
    let mut action = driver.step::<Option<&Value>>(Event::Start { offline: false });
    for _ in 0..24 {
        let event = match action {
            Action::Settle(_) | Action::SettleFile(_) | Action::SettleAbsent => return,
            Action::Wait => {
                driver.pass_timeout();
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
        action = driver.step(event);
    }
}
