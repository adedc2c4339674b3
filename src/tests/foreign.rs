use protocol::{Kind, Untrusted};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use super::js;
use crate::foreign::{Value, to_future};

fn value(text: &str) -> Value {
    Value(js(text))
}

#[wasm_bindgen_test]
fn every_kind_of_javascript_value_is_recognised() {
    for (text, kind) in [
        ("undefined", Kind::Undefined),
        ("null", Kind::Null),
        ("true", Kind::Boolean),
        ("NaN", Kind::Number),
        ("'\\ud800'", Kind::String),
        ("(() => 1)", Kind::Function),
        ("[1]", Kind::Array),
        ("({})", Kind::Object),
        ("Symbol()", Kind::Other),
        ("10n", Kind::Other),
    ] {
        assert_eq!(value(text).kind(), kind, "{text}");
    }
}

#[wasm_bindgen_test]
fn ill_formed_strings_are_refused() {
    assert_eq!(value("'🎵'").as_string().as_deref(), Some("🎵"));
    assert_eq!(value("'\\ud83c'").as_string(), None);
    assert_eq!(value("'a\\udfb5b'").as_string(), None);
}

#[wasm_bindgen_test]
fn a_property_that_throws_is_absent() {
    assert_eq!(value("({ get a() { throw 1 } })").get("a").kind(), Kind::Undefined);
}

#[wasm_bindgen_test]
fn inherited_properties_are_read_except_from_object_prototype() {
    js("Object.prototype.polluted = 1");
    for text in ["({})", "[]", "(() => 1)", "new (class A { b = 1 })", "JSON.parse('{}')", "new Response('')"] {
        assert_eq!(value(text).get("polluted").kind(), Kind::Undefined, "{text}");
    }
    for text in ["({ polluted: 1 })", "Object.create({ polluted: 1 })", "new (class A { get polluted() { return 1 } })"]
    {
        assert_eq!(value(text).get("polluted").as_number(), Some(1.0), "{text}");
    }
    js("delete Object.prototype.polluted");
}

#[wasm_bindgen_test]
fn plain_objects_are_told_from_class_instances() {
    for text in ["({})", "Object.create(null)", "Object.assign(Object.create(null), { a: 1 })"] {
        assert!(value(text).is_plain_object(), "{text}");
    }
    for text in ["new Map()", "new Date()", "Object.create({})", "new AbortController()", "[]"] {
        assert!(!value(text).is_plain_object(), "{text}");
    }
}

#[wasm_bindgen_test]
fn absent_properties_occupy_no_table_slots() {
    let values = ["undefined", "null", "7", "'a'", "({})", "(() => 1)"].map(value);
    let before = wasm_bindgen::externref_heap_live_count();
    for value in &values {
        assert_eq!(value.get("a").get("b").kind(), Kind::Undefined);
    }
    assert_eq!(wasm_bindgen::externref_heap_live_count(), before);
}

#[wasm_bindgen_test]
fn a_revoked_proxy_reads_as_empty() {
    let revoked = value("(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy })()");
    assert_eq!(revoked.get("a").kind(), Kind::Undefined);
    revoked.for_each_key(&mut |name| panic!("it has a name, `{name}`"));
    revoked.kind();
}

#[wasm_bindgen_test]
fn only_integers_within_bounds_are_read() {
    for (text, whole) in
        [("1", Some(1)), ("47", Some(47)), ("0", None), ("48", None), ("1.5", None), ("NaN", None), ("'3'", None)]
    {
        assert_eq!(value(text).as_integer_in(1, 47), whole, "{text}");
    }
}

#[wasm_bindgen_test]
async fn promises_thenables_and_plain_values_can_be_awaited() {
    for text in ["Promise.resolve(7)", "({ then(done) { done(7) } })", "7"] {
        assert_eq!(to_future(&js(text)).await, Ok(JsValue::from(7)), "{text}");
    }
    for text in ["Promise.reject(7)", "({ then(_, fail) { fail(7) } })", "({ get then() { throw 7 } })"] {
        assert_eq!(to_future(&js(text)).await, Err(JsValue::from(7)), "{text}");
    }
}
