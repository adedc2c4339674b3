use protocol::error::{Download, Error, Failure, Unknown};
use protocol::generation::Generation;
use serde_json::json;

use crate::stand::{ID, KEY, PROMPT, at, kept, request};

/// Every variant with its code and whether it may be repeated where nothing is known of the call.
///
/// The match has no wildcard inside the crate; here, `#[non_exhaustive]` asks for one, so the
/// number of codes is checked instead.
fn all() -> Vec<(Failure, &'static str, bool)> {
    let words = || "their words".to_owned();
    vec![
        (Failure::InvalidArgument("`steps` is 0; expected a whole number".into()), "invalid_argument", false),
        (Failure::CredentialsFailed("threw"), "credentials_failed", true),
        (Failure::Unauthorized(words()), "unauthorized", false),
        (Failure::OutOfCredits(words()), "out_of_credits", false),
        (Failure::Forbidden(words()), "forbidden", false),
        (Failure::Rejected(words()), "rejected", false),
        (Failure::Redirected, "rejected", false),
        (Failure::RateLimited(words()), "rate_limited", true),
        (Failure::Offline, "offline", true),
        (Failure::SubmitUnknown(Unknown::Network), "submit_unknown", false),
        (Failure::SubmitUnknown(Unknown::Fault), "submit_unknown", false),
        (Failure::SubmitUnknown(Unknown::Unreadable), "submit_unknown", false),
        (Failure::SubmitUnknown(Unknown::TimedOut), "submit_unknown", false),
        (Failure::NotFound, "not_found", false),
        (Failure::GenerationFailed(words()), "generation_failed", false),
        (Failure::UnknownStatus("odd".into()), "unknown_status", false),
        (Failure::NoId, "bad_reply", false),
        (Failure::NoUrl, "bad_reply", false),
        (Failure::Deadline, "deadline", true),
        (Failure::CallbackFailed, "callback_failed", false),
        (Failure::DownloadFailed(Download::Network), "download_failed", true),
        (Failure::DownloadFailed(Download::Status), "download_failed", true),
        (Failure::DownloadFailed(Download::Cut), "download_failed", true),
        (Failure::Aborted { posting: true }, "aborted", false),
        (Failure::Aborted { posting: false }, "aborted", true),
        (Failure::Unsupported("fetch"), "unsupported", false),
    ]
}

#[test]
fn have_a_stable_code_and_say_whether_the_call_may_be_repeated() {
    for (failure, code, retryable) in all() {
        let error = Error::of(failure);
        assert_eq!((error.code(), error.retryable), (code, retryable), "{error:?}");
    }
    let mut codes: Vec<_> = all().into_iter().map(|(_, code, _)| code).collect();
    codes.dedup();
    assert_eq!(codes.len(), 18, "one for each row of the contract's table");
}

#[test]
fn speak_in_one_plain_line_without_key_or_prompt() {
    for (failure, code, _) in all() {
        let mut error = Error::of(failure);
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
        (Failure::Offline, "nothing was sent"),
        (Failure::RateLimited(String::new()), "nothing was spent"),
        (Failure::GenerationFailed(String::new()), "not billed"),
        (Failure::InvalidArgument(String::new()), "nothing was sent"),
        (Failure::Unauthorized(String::new()), "nothing was spent"),
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
        Failure::CallbackFailed,
        Failure::NotFound,
        Failure::NoUrl,
        Failure::UnknownStatus("odd".into()),
        Failure::Unauthorized(String::new()),
        Failure::CredentialsFailed("threw"),
    ] {
        let mut error = Error::of(failure);
        error.generation = Some(Box::new(Generation::new(ID.into(), at(0))));
        let message = error.message();
        assert!(message.contains("waitFor") && !message.contains("nothing was spent"), "{message}");
    }
}

#[test]
fn quote_the_services_words() {
    let error = Error::of(Failure::Rejected("steps must be whole".into()));
    assert!(error.message().contains(": `steps must be whole`"));
    assert!(!Error::of(Failure::Rejected(String::new())).message().contains('`'));
}

#[test]
fn print_nothing_of_a_key() {
    let secret = crate::stand::secret(KEY);
    assert_eq!(format!("{secret:?}"), "Secret");
    let options = json!({"apiKey": KEY});
    let read = protocol::options::ClientOptions::read(&kept(options), protocol::options::CLIENT).unwrap();
    assert!(!format!("{:?}", read.key).contains(KEY));
}
