use protocol::{Event, Goal, PollInterval};

use crate::driver::{ID, KEY, TestDriver, accepted, after, api_key, page, status, submit_call};

#[test]
fn an_aborted_call_is_retryable_while_nothing_was_sent() {
    for phase in 0..3 {
        let call = submit_call(Goal::Generate, 600_000, PollInterval::Adaptive);
        let mut driver = TestDriver::new(call.with_key_function());
        let events = [Event::Start { offline: false }, Event::KeyReceived(api_key(KEY))];
        for event in events.into_iter().take(phase) {
            driver.step(event);
        }
        let error = driver.abort();
        assert_eq!((error.code(), error.retryable, error.generation.is_none()), ("aborted", true, true));
        assert!(error.message().contains("nothing was spent"));
    }
}

#[test]
fn an_abort_during_a_submit_says_that_it_may_have_been_billed() {
    for goal in [Goal::Generate, Goal::Submit] {
        let error = TestDriver::submitting(goal, 600_000).abort();
        assert_eq!((error.code(), error.retryable), ("aborted", false));
        assert!(error.message().contains("billed"));
    }
}

#[test]
fn an_abort_at_the_moment_of_the_reply_keeps_the_id() {
    for goal in [Goal::Generate, Goal::Submit] {
        let mut driver = TestDriver::submitting(goal, 600_000);
        driver.step(Event::Aborted(Some(accepted())));
        let error = driver.error();
        assert_eq!((error.code(), error.retryable), ("aborted", false));
        assert_eq!(error.generation.as_ref().unwrap().id, ID);
        assert!(error.message().contains("waitFor"), "{}", error.message());
    }
}

#[test]
fn an_abort_at_the_moment_of_a_refusal_says_that_nothing_was_spent() {
    for (reply, billed) in
        [(page(400), false), (page(429), false), (page(408), true), (page(500), true), (page(200), true)]
    {
        let status = reply.status;
        let mut driver = TestDriver::submitting(Goal::Submit, 600_000);
        driver.step(Event::Aborted(Some(reply)));
        let error = driver.error();
        assert_eq!((error.code(), error.retryable), ("aborted", !billed), "{status}");
        assert_eq!(error.message().contains("billed"), billed, "{status}: {}", error.message());
    }
}

#[test]
fn an_abort_while_a_refused_submit_waits_says_that_nothing_was_spent() {
    let mut driver = TestDriver::generate(600_000);
    driver.reply(after("30", page(429)));
    let error = driver.abort();
    assert!(error.retryable && error.message().contains("nothing was spent"));
}

#[test]
fn an_abort_after_the_acceptance_carries_the_generation_in_every_phase() {
    for phase in 0..4 {
        let mut driver = TestDriver::generate(600_000);
        driver.step(Event::Reply(accepted()));
        if phase > 0 {
            driver.run_to_wait();
        }
        if phase > 1 {
            driver.reply(status("queued"));
        }
        if phase > 2 {
            driver.sleep();
            driver.step(Event::Reply(status("queued")));
        }
        let error = driver.abort();
        assert_eq!((error.code(), error.retryable), ("aborted", false), "{phase}");
        assert_eq!(error.generation.unwrap().id, ID);
    }
}

#[test]
fn an_aborted_wait_or_check_is_retryable() {
    for mut driver in [TestDriver::wait(600_000), TestDriver::check(30_000)] {
        let error = driver.abort();
        assert_eq!((error.code(), error.retryable), ("aborted", true));
        assert_eq!(error.generation.unwrap().id, ID);
    }
}
