//! The clocks and `Math.random`, looked up at each call so that fake timers work. Replacements may throw.

use std::cell::Cell;

use protocol::{Now, Rng, millis};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now, catch)]
    fn performance_now() -> Result<f64, JsValue>;
    #[wasm_bindgen(js_namespace = Date, js_name = now, catch)]
    fn date_now() -> Result<f64, JsValue>;
    #[wasm_bindgen(js_namespace = Date, js_name = parse, catch)]
    pub(crate) fn date_parse(text: &str) -> Result<f64, JsValue>;
    #[wasm_bindgen(js_namespace = Math, js_name = random, catch)]
    fn math_random() -> Result<f64, JsValue>;
}

thread_local! {
    static LAST: Cell<f64> = const { Cell::new(0.0) };
    /// The last value of `performance.now()`, and how far the monotonic clock is ahead of it.
    static MONOTONIC: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// The time by both clocks. If one fails the other is used; if both fail, the last known time.
pub(crate) fn now() -> Now {
    let wall = date_now().unwrap_or_else(|_| LAST.get());
    LAST.set(wall);
    Now { wall: millis(wall), monotonic: monotonic(millis(performance_now().unwrap_or(wall))) }
}

/// The monotonic clock for this value of `performance.now()`. A value that went back comes from another clock,
/// installed or removed by fake timers: time continues from where it was.
fn monotonic(value: u64) -> u64 {
    let (last, ahead) = MONOTONIC.get();
    let ahead = ahead.wrapping_add(last.saturating_sub(value));
    MONOTONIC.set((value, ahead));
    value.wrapping_add(ahead)
}

/// A timer of `span` milliseconds, due at this time of the monotonic clock, has fired: that time has passed,
/// even if only the timers are fake. Clocks may be coarse: the clock is corrected only if it is far behind.
pub(crate) fn on_timer_fired(due: u64, span: u64) {
    let missing = due.saturating_sub(now().monotonic);
    if missing > span / 2 {
        let (last, ahead) = MONOTONIC.get();
        MONOTONIC.set((last, ahead.wrapping_add(missing)));
    }
}

/// `Math.random`.
pub(crate) struct MathRandom;

impl Rng for MathRandom {
    fn next_f64(&mut self) -> f64 {
        math_random().unwrap_or(0.5)
    }
}
