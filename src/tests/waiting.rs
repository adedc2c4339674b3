use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use protocol::Timer;
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;

use super::js;
use crate::abort::{AbortListener, AbortOnDrop};
use crate::clock::now;
use crate::foreign::{Value, call_method, get, to_future};
use crate::semaphore::{Acquire, Permit, Semaphore};
use crate::timer::WaitTimer;
use crate::wake::WakeListener;

async fn enter(mut acquire: Acquire) -> Permit {
    poll_fn(|cx| acquire.poll(cx)).await
}

#[wasm_bindgen_test]
async fn a_timer_waits_exactly_as_long_as_required() {
    let deadline = Timer::start(now(), 30);
    let mut timer = WaitTimer::default();
    poll_fn(|cx| timer.poll(cx, 10, &mut || deadline.left(now())).map_or(Poll::Pending, |_| Poll::Ready(()))).await;
    assert_eq!(deadline.left(now()), 0);
}

#[wasm_bindgen_test]
async fn an_abort_wakes_the_call_at_once() {
    let controller = js("new AbortController()");
    let abort_listener = AbortListener::new(Some(&Value(get(&controller, "signal")))).expect("a signal");
    spawn_local({
        let controller = controller.clone();
        async move { drop(call_method(&controller, "abort")) }
    });
    poll_fn(|cx| if abort_listener.poll_aborted(cx) { Poll::Ready(()) } else { Poll::Pending }).await;
}

#[wasm_bindgen_test]
async fn going_online_wakes_all_remaining_listeners() {
    let mut listeners: Vec<_> = (0..4).map(|_| WakeListener::new()).collect();
    listeners.remove(1);
    listeners.remove(0);
    js("dispatchEvent(new Event('online'))");
    assert!(poll_fn(|cx| Poll::Ready(listeners.iter().all(|listener| listener.poll(cx).is_ready()))).await);
}

#[wasm_bindgen_test]
async fn events_before_a_wait_do_not_wake_it() {
    let listener = WakeListener::new();
    js("dispatchEvent(new Event('online'))");
    listener.reset();
    assert!(poll_fn(|cx| Poll::Ready(listener.poll(cx).is_pending())).await);
}

#[wasm_bindgen_test]
fn dropping_aborts_unless_disarmed() {
    let abort_on_drop = AbortOnDrop::new();
    let signal = abort_on_drop.signal();
    drop(abort_on_drop);
    assert!(get(&signal, "aborted").is_truthy());
    let mut abort_on_drop = AbortOnDrop::new();
    let signal = abort_on_drop.signal();
    abort_on_drop.disarm();
    drop(abort_on_drop);
    assert!(get(&signal, "aborted").is_falsy());
}

#[wasm_bindgen_test]
async fn a_released_permit_goes_to_the_next_that_still_waits() {
    let queue = Semaphore::new(1);
    let first = enter(queue.acquire()).await;
    let gives_up = queue.acquire();
    let waits = queue.acquire();
    drop(gives_up);
    let freed = Rc::new(Cell::new(false));
    spawn_local({
        let freed = Rc::clone(&freed);
        async move {
            to_future(&0.into()).await.expect("a plain value");
            freed.set(true);
            drop(first);
        }
    });
    enter(waits).await;
    assert!(freed.get(), "went in before the place was free");
}
