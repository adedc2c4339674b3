use protocol::{DownloadFailure, Error, Event, Failure, Generation, Goal, PollInterval, Reply, UnknownReason};
use serde_json::json;

use crate::driver::{
    ID, KEY, PROMPT, TestDriver, TestValue, accepted, after, at, completed, page, redirect, reply, request, status,
    submit_call, untrusted,
};

/// Every variant with its code and whether it may be repeated where nothing is known of the call.
///
/// The match has no wildcard inside the crate; here, `#[non_exhaustive]` asks for one, so the
/// number of codes is checked instead.
fn all() -> Vec<(Failure, &'static str, bool)> {
    vec![
        (Failure::InvalidArgument, "invalid_argument", false),
        (Failure::CredentialsFailed, "credentials_failed", true),
        (Failure::Unauthorized, "unauthorized", false),
        (Failure::OutOfCredits, "out_of_credits", false),
        (Failure::Forbidden, "forbidden", false),
        (Failure::Rejected, "rejected", false),
        (Failure::Redirected, "rejected", false),
        (Failure::RateLimited, "rate_limited", true),
        (Failure::Offline, "offline", true),
        (Failure::SubmitUnknown(UnknownReason::Network), "submit_unknown", false),
        (Failure::SubmitUnknown(UnknownReason::ServerError), "submit_unknown", false),
        (Failure::SubmitUnknown(UnknownReason::Unreadable), "submit_unknown", false),
        (Failure::SubmitUnknown(UnknownReason::TimedOut), "submit_unknown", false),
        (Failure::NotFound, "not_found", false),
        (Failure::GenerationFailed, "generation_failed", false),
        (Failure::UnknownStatus, "unknown_status", false),
        (Failure::NoId, "bad_reply", false),
        (Failure::NoUrl, "bad_reply", false),
        (Failure::Deadline, "deadline", true),
        (Failure::OnSubmittingFailed, "callback_failed", false),
        (Failure::OnSubmittedFailed, "callback_failed", false),
        (Failure::DownloadFailed(DownloadFailure::Network), "download_failed", true),
        (Failure::DownloadFailed(DownloadFailure::Status), "download_failed", true),
        (Failure::DownloadFailed(DownloadFailure::Truncated), "download_failed", true),
        (Failure::DownloadFailed(DownloadFailure::NotAudio), "download_failed", true),
        (Failure::Aborted { submit_in_flight: true }, "aborted", false),
        (Failure::Aborted { submit_in_flight: false }, "aborted", true),
        (Failure::Unsupported, "unsupported", false),
    ]
}

#[test]
fn every_failure_has_a_stable_code_and_retryable() {
    for (failure, code, retryable) in all() {
        let error = Error::with(failure, "their words".into());
        assert_eq!((error.code(), error.retryable), (code, retryable), "{error:?}");
    }
    let mut codes: Vec<_> = all().into_iter().map(|(_, code, _)| code).collect();
    codes.dedup();
    assert_eq!(codes.len(), 18, "one for each row of the contract's table");
}

#[test]
fn every_message_is_one_line_without_key_or_prompt() {
    for (failure, code, _) in all() {
        let mut error = Error::with(failure, "their words".into());
        for known in [false, true] {
            error.generation =
                known.then(|| Box::new(Generation { request: Some(request()), ..Generation::new(ID.into(), at(0)) }));
            let message = error.message();
            assert!(!message.starts_with(|first: char| first.is_uppercase()), "{code}: {message}");
            assert!(!message.ends_with('.') && !message.contains('\n'), "{code}: {message}");
            assert!(message.len() > 15 && !message.contains("  "), "{code}: {message}");
            assert!(!message.contains(KEY) && !message.contains(PROMPT), "{code}: {message}");
            assert_eq!(message, error.to_string());
        }
    }
}

#[test]
fn messages_say_what_the_failure_may_have_cost() {
    for (failure, word) in [
        (Failure::SubmitUnknown(UnknownReason::ServerError), "billed"),
        (Failure::NoId, "billed"),
        (Failure::Aborted { submit_in_flight: true }, "billed"),
        (Failure::Aborted { submit_in_flight: false }, "nothing was spent"),
        (Failure::Deadline, "nothing was spent"),
        (Failure::Offline, "nothing was spent"),
        (Failure::RateLimited, "nothing was spent"),
        (Failure::GenerationFailed, "not billed"),
        (Failure::InvalidArgument, "nothing was sent"),
        (Failure::Unauthorized, "nothing was spent"),
    ] {
        let message = Error::of(failure).message();
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn messages_say_how_to_resume_a_generation_that_goes_on() {
    for failure in [
        Failure::Deadline,
        Failure::Aborted { submit_in_flight: false },
        Failure::OnSubmittedFailed,
        Failure::NotFound,
        Failure::NoUrl,
        Failure::UnknownStatus,
        Failure::Unauthorized,
        Failure::CredentialsFailed,
    ] {
        let mut error = Error::of(failure);
        error.generation = Some(Box::new(Generation::new(ID.into(), at(0))));
        let message = error.message();
        assert!(message.contains("waitFor") && !message.contains("nothing was spent"), "{message}");
    }
}

#[test]
fn messages_quote_the_service_in_backticks() {
    let error = Error::with(Failure::Rejected, "steps must be whole".into());
    assert!(error.message().contains(": `steps must be whole`"));
    assert!(!Error::of(Failure::Rejected).message().contains('`'));
}

#[test]
fn debug_output_never_contains_a_key() {
    let secret = crate::driver::api_key(KEY);
    assert_eq!(format!("{secret:?}"), "ApiKey");
    let options = json!({"apiKey": KEY});
    let read = protocol::ClientOptions::read(&untrusted(options), false).unwrap();
    assert!(!format!("{:?}", read.key).contains(KEY));
}

/// A call of each kind with a request in flight: generate and submit their POST, generate also its first GET,
/// check and waitFor their GET.
fn calls_in_flight() -> [(&'static str, TestDriver); 5] {
    let mut polling = TestDriver::generate(600_000);
    polling.reply(accepted());
    [
        ("generate", TestDriver::generate(600_000)),
        ("submit", TestDriver::submitting(Goal::Submit, 600_000)),
        ("generate, polling", polling),
        ("check", TestDriver::check(5_000)),
        ("waitFor", TestDriver::wait(600_000)),
    ]
}

/// The error's code and whether it is retryable; none if the call resolved.
type End = Option<(&'static str, bool)>;

/// Gives the call the same reply until it ends.
fn ends_with(mut driver: TestDriver, reply_to_all: &Reply<TestValue>) -> End {
    for _ in 0..400 {
        match &driver.action {
            protocol::Action::Settle(Ok(_)) => return None,
            protocol::Action::Settle(Err(error)) => return Some((error.code(), error.retryable)),
            protocol::Action::Wait => drop(driver.sleep()),
            _ => drop(driver.reply(reply_to_all.clone())),
        }
    }
    panic!("no end: {driver:?}");
}

/// The code and `retryable` of each kind of call, in the order of `calls_in_flight`, if the service always
/// replies the same.
#[test]
fn errors_follow_the_contract_for_every_reply() {
    let same = |code: &'static str| [Some((code, false)); 5];
    let transient = |submitted: Option<(&'static str, bool)>| {
        [submitted, submitted, Some(("deadline", false)), None, Some(("deadline", true))]
    };
    let unknown = Some(("submit_unknown", false));
    let rows: [(Reply<TestValue>, [End; 5]); 20] = [
        (page(401), same("unauthorized")),
        (reply(401, json!({"message": "m"})), same("unauthorized")),
        (reply(403, json!({"message": "out of credits"})), same("out_of_credits")),
        (reply(403, json!({"message": "m"})), same("forbidden")),
        (reply(400, json!({"message": "m"})), same("rejected")),
        (redirect(0), same("rejected")),
        (redirect(308), same("rejected")),
        (page(403), transient(Some(("forbidden", false)))),
        (page(400), transient(Some(("rejected", false)))),
        (page(408), transient(unknown)),
        (reply(425, json!({"message": "m"})), transient(Some(("rejected", false)))),
        (
            page(404),
            [
                Some(("rejected", false)),
                Some(("rejected", false)),
                Some(("not_found", false)),
                None,
                Some(("not_found", false)),
            ],
        ),
        (after("20", page(429)), transient(Some(("rate_limited", true)))),
        (reply(500, json!({"message": "m"})), transient(unknown)),
        (page(502), transient(unknown)),
        (page(503), transient(unknown)),
        (page(504), transient(unknown)),
        (page(524), transient(unknown)),
        (page(200), transient(unknown)),
        (
            status("failed"),
            [
                Some(("generation_failed", true)),
                Some(("generation_failed", false)),
                Some(("generation_failed", true)),
                Some(("generation_failed", false)),
                Some(("generation_failed", false)),
            ],
        ),
    ];
    for (reply_to_all, wanted) in rows {
        for ((call, driver), wanted) in calls_in_flight().into_iter().zip(wanted) {
            assert_eq!(ends_with(driver, &reply_to_all), wanted, "{call}: {reply_to_all:?}");
        }
    }
    let unknown_status =
        [Some(("unknown_status", false)), None, Some(("unknown_status", false)), None, Some(("unknown_status", false))];
    let no_url = [Some(("bad_reply", false)), None, Some(("bad_reply", false)), None, Some(("bad_reply", false))];
    for (reply_to_all, wanted) in
        [(status("odd"), unknown_status), (status("completed"), no_url), (completed(), [None; 5])]
    {
        for ((call, driver), wanted) in calls_in_flight().into_iter().zip(wanted) {
            assert_eq!(ends_with(driver, &reply_to_all), wanted, "{call}: {reply_to_all:?}");
        }
    }
}

#[test]
fn errors_follow_the_contract_where_no_reply_comes() {
    for (call, mut driver) in calls_in_flight() {
        let posting = matches!(call, "generate" | "submit");
        let polling = call == "generate, polling";
        let error = driver.abort();
        assert_eq!((error.code(), error.retryable), ("aborted", !posting && !polling), "{call}");
    }
    for (call, mut driver) in calls_in_flight() {
        match call {
            "generate" | "submit" => {
                driver.network_error();
                assert_eq!((driver.error().code(), driver.error().retryable), ("submit_unknown", false), "{call}");
            }
            "check" => {
                driver.time_out();
                assert_eq!((driver.error().code(), driver.error().retryable), ("deadline", true), "{call}");
            }
            _ => {}
        }
    }
    for goal in [Goal::Generate, Goal::Submit] {
        let mut driver = TestDriver::new(submit_call(goal, 600_000, PollInterval::Adaptive));
        driver.step(Event::Start { offline: true });
        assert_eq!((driver.error().code(), driver.error().retryable), ("offline", true));
    }
}
