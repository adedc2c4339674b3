//! Tests of the module's parts that need a JavaScript engine, run in browsers.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test_configure;

mod client;
mod foreign;
#[cfg(target_arch = "wasm32")]
mod heap;
mod http;
mod waiting;

wasm_bindgen_test_configure!(run_in_browser);

/// Evaluates JavaScript.
pub(crate) fn js(text: &str) -> JsValue {
    js_sys::eval(text).expect("the test's own JavaScript")
}
