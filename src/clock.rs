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
    #[wasm_bindgen(js_namespace = Math, js_name = random, catch)]
    fn math_random() -> Result<f64, JsValue>;
}

thread_local! {
    static LAST: Cell<f64> = const { Cell::new(0.0) };
}

/// What both clocks say. Where one fails the other is believed, where both do the last that was heard.
pub(crate) fn now() -> Now {
    let wall = date_now().unwrap_or_else(|_| LAST.get());
    LAST.set(wall);
    Now { wall: millis(wall), steady: millis(performance_now().unwrap_or(wall)) }
}

/// `Math.random`.
pub(crate) struct Random;

impl Dice for Random {
    fn roll(&mut self) -> f64 {
        math_random().unwrap_or(0.5)
    }
}
