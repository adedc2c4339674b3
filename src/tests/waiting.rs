use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use protocol::time::Timer;
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;

use super::js;
use crate::abort::{Cancel, Ours};
use crate::alarm::Alarm;
use crate::clock::now;
use crate::foreign::{Value, get, invoke, promised};
use crate::queue::{Place, Queue, Ticket};
use crate::wake::Asleep;

async fn enter(mut ticket: Ticket) -> Place {
    poll_fn(|cx| ticket.poll(cx)).await
}

#[wasm_bindgen_test]
async fn waits_no_longer_than_it_may_and_no_shorter() {
    let timer = Timer::start(now(), 30);
    let mut alarm = Alarm::default();
    poll_fn(|cx| alarm.poll(cx, 10, &mut || timer.left(now())).map_or(Poll::Pending, |_| Poll::Ready(()))).await;
    assert_eq!(timer.left(now()), 0);
}

#[wasm_bindgen_test]
async fn is_told_at_once_when_the_caller_aborts() {
    let controller = js("new AbortController()");
    let cancel = Cancel::new(Some(&Value(get(&controller, "signal")))).expect("a signal");
    spawn_local({
        let controller = controller.clone();
        async move { drop(invoke(&controller, "abort")) }
    });
    poll_fn(|cx| if cancel.poll_aborted(cx) { Poll::Ready(()) } else { Poll::Pending }).await;
}

#[wasm_bindgen_test]
async fn wakes_all_that_sleep_though_some_have_left() {
    let mut sleepers: Vec<_> = (0..4).map(|_| Asleep::new()).collect();
    sleepers.remove(1);
    sleepers.remove(0);
    js("dispatchEvent(new Event('online'))");
    assert!(poll_fn(|cx| Poll::Ready(sleepers.iter().all(|sleeper| sleeper.poll(cx).is_ready()))).await);
}

#[wasm_bindgen_test]
async fn wakes_nobody_for_what_happened_before_the_sleep() {
    let sleeper = Asleep::new();
    js("dispatchEvent(new Event('online'))");
    sleeper.fall();
    assert!(poll_fn(|cx| Poll::Ready(sleeper.poll(cx).is_pending())).await);
}

#[wasm_bindgen_test]
fn aborts_what_it_started_unless_it_was_done() {
    let ours = Ours::new();
    let signal = ours.signal();
    drop(ours);
    assert!(get(&signal, "aborted").is_truthy());
    let mut ours = Ours::new();
    let signal = ours.signal();
    ours.done();
    drop(ours);
    assert!(get(&signal, "aborted").is_falsy());
}

#[wasm_bindgen_test]
async fn hands_a_place_to_the_next_even_past_one_that_gave_up() {
    let queue = Queue::new(1);
    let first = enter(queue.join()).await;
    let gives_up = queue.join();
    let waits = queue.join();
    drop(gives_up);
    let freed = Rc::new(Cell::new(false));
    spawn_local({
        let freed = Rc::clone(&freed);
        async move {
            promised(&0.into()).await.expect("a plain value");
            freed.set(true);
            drop(first);
        }
    });
    enter(waits).await;
    assert!(freed.get(), "went in before the place was free");
}
