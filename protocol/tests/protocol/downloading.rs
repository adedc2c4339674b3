use protocol::{
    Action, Call, DownloadFailure, Event, Failure, Goal, PollInterval, Purpose, Subject, read_audio_source,
};
use serde_json::json;

use crate::driver::{KEY, TestDriver, URL, api_key, endpoint, untrusted};

/// A download whose request is in flight.
fn downloading(timeout: u64) -> TestDriver {
    let source = read_audio_source(&untrusted(json!(URL))).unwrap();
    let call = Call::new(Goal::Download, endpoint(), Subject::download(source), timeout, PollInterval::Adaptive);
    TestDriver::begin(call.with_key(api_key(KEY)))
}

fn received(status: u16, content_type: Result<&'static str, DownloadFailure>) -> Event<crate::driver::TestValue> {
    Event::FileReceived { status, content_type }
}

#[test]
fn the_request_for_a_file_carries_no_key_and_no_cookies_and_follows_redirects() {
    let driver = downloading(600_000);
    let request = driver.request.as_ref().unwrap();
    assert_eq!((request.purpose, request.method, &*request.url), (Purpose::Download, "GET", URL));
    assert_eq!((request.redirect, request.credentials, request.cache), ("follow", "omit", None));
    assert!(request.headers.is_empty() && request.body.is_none() && !request.stream_body);
}

#[test]
fn a_received_file_settles_the_call_with_its_media_type() {
    for content_type in ["audio/wav", ""] {
        let mut driver = downloading(600_000);
        assert_eq!(*driver.step(received(200, Ok(content_type))), Action::SettleFile(content_type));
    }
}

#[test]
fn a_failed_download_is_never_repeated_and_the_caller_may_repeat_it() {
    use DownloadFailure::{Network, NotAudio, Status, Truncated};
    for (event, failure, http_status) in [
        (received(404, Err(Status)), Status, Some(404)),
        (received(0, Err(Status)), Status, None),
        (received(200, Err(NotAudio)), NotAudio, Some(200)),
        (received(200, Err(Truncated)), Truncated, Some(200)),
        (Event::FileTruncated, Truncated, None),
        (Event::NetworkError, Network, None),
    ] {
        let mut driver = downloading(600_000);
        driver.step(event);
        let error = driver.error();
        assert_eq!(error.failure, Failure::DownloadFailed(failure));
        assert_eq!((error.retryable, error.http_status), (true, http_status), "{failure:?}");
        assert!(error.generation.is_none());
    }
}

#[test]
fn a_download_ends_at_its_deadline() {
    let mut driver = downloading(60_000);
    assert_eq!(driver.time_out(), 60_000);
    assert_eq!((driver.failure(), driver.error().retryable), (Failure::Deadline, true));
}

#[test]
fn a_download_that_waits_for_a_permit_ends_at_its_deadline_without_a_request() {
    let source = read_audio_source(&untrusted(json!(URL))).unwrap();
    let call = Call::new(Goal::Download, endpoint(), Subject::download(source), 60_000, PollInterval::Adaptive);
    let mut driver = TestDriver::new(call);
    assert_eq!(*driver.step(Event::Start { offline: true }), Action::AcquirePermit);
    assert_eq!(driver.time_out(), 60_000);
    assert_eq!((driver.failure(), driver.request.is_none()), (Failure::Deadline, true));
}

#[test]
fn a_download_is_aborted_by_its_signal() {
    let error = downloading(600_000).abort();
    assert_eq!((error.code(), error.retryable), ("aborted", true));
    assert!(!error.message().contains("billed"), "{}", error.message());
}

#[test]
fn a_closed_gate_does_not_delay_a_download() {
    let mut driver = TestDriver::generate(600_000);
    driver.reply(crate::driver::after("30", crate::driver::page(429)));
    let gates = core::mem::take(&mut driver.origin_state);
    let source = read_audio_source(&untrusted(json!(URL))).unwrap();
    let call = Call::new(Goal::Download, endpoint(), Subject::download(source), 600_000, PollInterval::Adaptive);
    let mut driver = TestDriver::new(call);
    driver.origin_state = gates;
    driver.step(Event::Start { offline: false });
    driver.run_to_wait();
    assert_eq!(driver.request.as_ref().map(|request| request.purpose), Some(Purpose::Download));
}
