//! The clocks and the dice, looked up at each call: users' fake timers work.

use protocol::options::millis;
use protocol::time::{Dice, Now};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now, catch)]
    fn performance_now() -> Result<f64, JsValue>;
}

/// What both clocks say.
pub(crate) fn now() -> Now {
    let wall = js_sys::Date::now();
    Now { wall: millis(wall), steady: millis(performance_now().unwrap_or(wall)) }
}

/// `Math.random`.
pub(crate) struct Random;

impl Dice for Random {
    fn roll(&mut self) -> f64 {
        js_sys::Math::random()
    }
}
