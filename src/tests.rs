//! Tests of the module's own parts, run in browsers: what only a JavaScript engine can show.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test_configure;

mod client;
mod foreign;
#[cfg(target_arch = "wasm32")]
mod heap;
mod http;
mod waiting;

wasm_bindgen_test_configure!(run_in_browser);

/// What the JavaScript text comes to.
pub(crate) fn js(text: &str) -> JsValue {
    js_sys::eval(text).expect("the test's own JavaScript")
}
