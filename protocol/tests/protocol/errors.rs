use protocol::call::{Call, Event, Goal};
use protocol::error::{Download, Error, Failure, Unknown};
use protocol::generation::Generation;
use protocol::options::Pace;
use protocol::reply::Reply;
use serde_json::json;

use crate::stand::{
    ID, J, KEY, PROMPT, Stand, accepted, after, at, completed, kept, page, redirect, reply, request, status,
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
        (Failure::SubmitUnknown(Unknown::Network), "submit_unknown", false),
        (Failure::SubmitUnknown(Unknown::Fault), "submit_unknown", false),
        (Failure::SubmitUnknown(Unknown::Unreadable), "submit_unknown", false),
        (Failure::SubmitUnknown(Unknown::TimedOut), "submit_unknown", false),
        (Failure::NotFound, "not_found", false),
        (Failure::GenerationFailed, "generation_failed", false),
        (Failure::UnknownStatus, "unknown_status", false),
        (Failure::NoId, "bad_reply", false),
        (Failure::NoUrl, "bad_reply", false),
        (Failure::Deadline, "deadline", true),
        (Failure::OnSubmittingFailed, "callback_failed", false),
        (Failure::OnSubmittedFailed, "callback_failed", false),
        (Failure::DownloadFailed(Download::Network), "download_failed", true),
        (Failure::DownloadFailed(Download::Status), "download_failed", true),
        (Failure::DownloadFailed(Download::Cut), "download_failed", true),
        (Failure::DownloadFailed(Download::NotAudio), "download_failed", true),
        (Failure::Aborted { posting: true }, "aborted", false),
        (Failure::Aborted { posting: false }, "aborted", true),
        (Failure::Unsupported, "unsupported", false),
    ]
}

#[test]
fn have_a_stable_code_and_say_whether_the_call_may_be_repeated() {
    for (failure, code, retryable) in all() {
        let error = Error::with(failure, "their words".into());
        assert_eq!((error.code(), error.retryable), (code, retryable), "{error:?}");
    }
    let mut codes: Vec<_> = all().into_iter().map(|(_, code, _)| code).collect();
    codes.dedup();
    assert_eq!(codes.len(), 18, "one for each row of the contract's table");
}

#[test]
fn speak_in_one_plain_line_without_key_or_prompt() {
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
fn say_what_it_may_have_cost() {
    for (failure, word) in [
        (Failure::SubmitUnknown(Unknown::Fault), "billed"),
        (Failure::NoId, "billed"),
        (Failure::Aborted { posting: true }, "billed"),
        (Failure::Aborted { posting: false }, "nothing was spent"),
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
fn say_what_goes_on_at_the_service_and_how_to_resume_it() {
    for failure in [
        Failure::Deadline,
        Failure::Aborted { posting: false },
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
fn quote_the_services_words() {
    let error = Error::with(Failure::Rejected, "steps must be whole".into());
    assert!(error.message().contains(": `steps must be whole`"));
    assert!(!Error::of(Failure::Rejected).message().contains('`'));
}

#[test]
fn print_nothing_of_a_key() {
    let secret = crate::stand::secret(KEY);
    assert_eq!(format!("{secret:?}"), "Secret");
    let options = json!({"apiKey": KEY});
    let read = protocol::options::ClientOptions::read(&kept(options), protocol::options::CLIENT).unwrap();
    assert!(!format!("{:?}", read.key).contains(KEY));
}

/// A call of each kind whose request is under way: generate and submit their POST, generate also
/// its first GET, check and waitFor theirs.
fn under_way() -> [(&'static str, Stand); 5] {
    let mut polling = Stand::generate(600_000);
    polling.hear(accepted());
    [
        ("generate", Stand::generate(600_000)),
        ("submit", Stand::submitting(Goal::Submit, 600_000)),
        ("generate, polling", polling),
        ("check", Stand::check(5_000)),
        ("waitFor", Stand::wait(600_000)),
    ]
}

/// The error's code and whether the call may be repeated; none where it resolved.
type End = Option<(&'static str, bool)>;

/// Hears the same reply until the end.
fn ends_with(mut stand: Stand, answer: &Reply<J>) -> End {
    for _ in 0..400 {
        match &stand.next {
            protocol::call::Next::Settle(Ok(_)) => return None,
            protocol::call::Next::Settle(Err(error)) => return Some((error.code(), error.retryable)),
            protocol::call::Next::Sleep(_) => drop(stand.rest()),
            _ => drop(stand.hear(answer.clone())),
        }
    }
    panic!("no end: {stand:?}");
}

/// The code and `retryable` of each kind of call, in the order of `under_way`, where the service
/// answers everything alike.
#[test]
fn follow_the_contracts_table_whatever_the_service_answers() {
    let same = |code: &'static str| [Some((code, false)); 5];
    let passing = |submitted: Option<(&'static str, bool)>| {
        [submitted, submitted, Some(("deadline", false)), None, Some(("deadline", true))]
    };
    let unknown = Some(("submit_unknown", false));
    let rows: [(Reply<J>, [End; 5]); 20] = [
        (page(401), same("unauthorized")),
        (reply(401, json!({"message": "m"})), same("unauthorized")),
        (reply(403, json!({"message": "out of credits"})), same("out_of_credits")),
        (reply(403, json!({"message": "m"})), same("forbidden")),
        (reply(400, json!({"message": "m"})), same("rejected")),
        (redirect(0), same("rejected")),
        (redirect(308), same("rejected")),
        (page(403), passing(Some(("forbidden", false)))),
        (page(400), passing(Some(("rejected", false)))),
        (page(408), passing(unknown)),
        (reply(425, json!({"message": "m"})), passing(Some(("rejected", false)))),
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
        (after("20", page(429)), passing(Some(("rate_limited", true)))),
        (reply(500, json!({"message": "m"})), passing(unknown)),
        (page(502), passing(unknown)),
        (page(503), passing(unknown)),
        (page(504), passing(unknown)),
        (page(524), passing(unknown)),
        (page(200), passing(unknown)),
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
    for (answer, wanted) in rows {
        for ((call, stand), wanted) in under_way().into_iter().zip(wanted) {
            assert_eq!(ends_with(stand, &answer), wanted, "{call}: {answer:?}");
        }
    }
    let unknown_status =
        [Some(("unknown_status", false)), None, Some(("unknown_status", false)), None, Some(("unknown_status", false))];
    let no_url = [Some(("bad_reply", false)), None, Some(("bad_reply", false)), None, Some(("bad_reply", false))];
    for (answer, wanted) in [(status("odd"), unknown_status), (status("completed"), no_url), (completed(), [None; 5])] {
        for ((call, stand), wanted) in under_way().into_iter().zip(wanted) {
            assert_eq!(ends_with(stand, &answer), wanted, "{call}: {answer:?}");
        }
    }
}

#[test]
fn follow_the_contracts_table_where_no_reply_comes() {
    for (call, mut stand) in under_way() {
        let posting = matches!(call, "generate" | "submit");
        let polling = call == "generate, polling";
        let error = stand.abort();
        assert_eq!((error.code(), error.retryable), ("aborted", !posting && !polling), "{call}");
    }
    for (call, mut stand) in under_way() {
        match call {
            "generate" | "submit" => {
                stand.lose();
                assert_eq!((stand.error().code(), stand.error().retryable), ("submit_unknown", false), "{call}");
            }
            "check" => {
                stand.give_up();
                assert_eq!((stand.error().code(), stand.error().retryable), ("deadline", true), "{call}");
            }
            _ => {}
        }
    }
    for goal in [Goal::Generate, Goal::Submit] {
        let mut stand = Stand::new(Call::submitting(goal, request(), 600_000, Pace::Adaptive));
        stand.tell(Event::Begin { offline: true });
        assert_eq!((stand.error().code(), stand.error().retryable), ("offline", true));
    }
}
