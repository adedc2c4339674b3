//! The clocks and the dice, looked up at each call: users' fake timers work. A replaced one may throw.

use std::cell::Cell;

use protocol::options::millis;
use protocol::time::{Dice, Now};
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
    /// What `performance.now()` said last, and by how much the steady clock is ahead of it.
    static STEADY: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// What both clocks say. Where one fails the other is believed, where both do the last that was heard.
pub(crate) fn now() -> Now {
    let wall = date_now().unwrap_or_else(|_| LAST.get());
    LAST.set(wall);
    Now { wall: millis(wall), steady: steady(millis(performance_now().unwrap_or(wall))) }
}

/// The steady clock, where `performance.now()` says this. One that went back is another clock, which
/// fake timers put in its place or took away: time goes on from where it was.
fn steady(says: u64) -> u64 {
    let (last, ahead) = STEADY.get();
    let ahead = ahead.wrapping_add(last.saturating_sub(says));
    STEADY.set((says, ahead));
    says.wrapping_add(ahead)
}

/// A timer of so many milliseconds, due when the steady clock says this, has fired: that time has
/// passed, also where the timers are fake and the clock is not. Clocks may be coarse: it counts only
/// where this one says far less.
pub(crate) fn fired(due: u64, span: u64) {
    let missing = due.saturating_sub(now().steady);
    if missing > span / 2 {
        let (last, ahead) = STEADY.get();
        STEADY.set((last, ahead.wrapping_add(missing)));
    }
}

/// `Math.random`.
pub(crate) struct Random;

impl Dice for Random {
    fn roll(&mut self) -> f64 {
        math_random().unwrap_or(0.5)
    }
}
