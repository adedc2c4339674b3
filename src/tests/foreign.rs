use protocol::json::{Json, Kind};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use super::js;
use crate::foreign::{Value, promised};

fn value(text: &str) -> Value {
    Value(js(text))
}

#[wasm_bindgen_test]
fn tells_every_kind_of_value_apart() {
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
fn takes_no_text_that_is_not_well_formed() {
    assert_eq!(value("'🎵'").text().as_deref(), Some("🎵"));
    assert_eq!(value("'\\ud83c'").text(), None);
    assert_eq!(value("'a\\udfb5b'").text(), None);
}

#[wasm_bindgen_test]
fn takes_a_property_that_throws_for_absent() {
    assert_eq!(value("({ get a() { throw 1 } })").get("a").kind(), Kind::Undefined);
}

#[wasm_bindgen_test]
fn reads_what_is_inherited_but_never_from_the_root_of_all_objects() {
    js("Object.prototype.polluted = 1");
    for text in ["({})", "[]", "(() => 1)", "new (class A { b = 1 })", "JSON.parse('{}')", "new Response('')"] {
        assert_eq!(value(text).get("polluted").kind(), Kind::Undefined, "{text}");
    }
    for text in ["({ polluted: 1 })", "Object.create({ polluted: 1 })", "new (class A { get polluted() { return 1 } })"]
    {
        assert_eq!(value(text).get("polluted").number(), Some(1.0), "{text}");
    }
    js("delete Object.prototype.polluted");
}

#[wasm_bindgen_test]
fn tells_plain_objects_from_those_of_a_class() {
    for text in ["({})", "Object.create(null)", "Object.assign(Object.create(null), { a: 1 })"] {
        assert!(value(text).is_plain(), "{text}");
    }
    for text in ["new Map()", "new Date()", "Object.create({})", "new AbortController()", "[]"] {
        assert!(!value(text).is_plain(), "{text}");
    }
}

#[wasm_bindgen_test]
fn keeps_nothing_of_what_is_not_there() {
    let values = ["undefined", "null", "7", "'a'", "({})", "(() => 1)"].map(value);
    let before = wasm_bindgen::externref_heap_live_count();
    for value in &values {
        assert_eq!(value.get("a").get("b").kind(), Kind::Undefined);
    }
    assert_eq!(wasm_bindgen::externref_heap_live_count(), before);
}

#[wasm_bindgen_test]
fn survives_a_revoked_proxy() {
    let revoked = value("(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy })()");
    assert_eq!(revoked.get("a").kind(), Kind::Undefined);
    revoked.each_name(&mut |name| panic!("it has a name, `{name}`"));
    revoked.kind();
}

#[wasm_bindgen_test]
fn takes_only_whole_numbers_within_bounds() {
    for (text, whole) in
        [("1", Some(1)), ("47", Some(47)), ("0", None), ("48", None), ("1.5", None), ("NaN", None), ("'3'", None)]
    {
        assert_eq!(value(text).whole(1, 47), whole, "{text}");
    }
}

#[wasm_bindgen_test]
async fn waits_for_promises_thenables_and_plain_values() {
    for text in ["Promise.resolve(7)", "({ then(done) { done(7) } })", "7"] {
        assert_eq!(promised(&js(text)).await, Ok(JsValue::from(7)), "{text}");
    }
    for text in ["Promise.reject(7)", "({ then(_, fail) { fail(7) } })", "({ get then() { throw 7 } })"] {
        assert_eq!(promised(&js(text)).await, Err(JsValue::from(7)), "{text}");
    }
}
