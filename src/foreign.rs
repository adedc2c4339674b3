//! Untrusted JavaScript values: their getters, methods and promises may throw or be anything.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use js_sys::{Function, JSON, Promise, Reflect};
use protocol::{Kind, Untrusted};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::task::spawn;

#[wasm_bindgen]
extern "C" {
    // Throws for a revoked proxy, which the binding of js-sys does not expect.
    #[wasm_bindgen(js_namespace = Array, js_name = isArray, catch)]
    fn is_array(value: &JsValue) -> Result<bool, JsValue>;
    // A proxy's trap may throw.
    #[wasm_bindgen(js_namespace = Object, js_name = hasOwn, catch)]
    fn has_own(object: &JsValue, name: &JsValue) -> Result<bool, JsValue>;
    // The binding of js-sys tries four global names.
    #[wasm_bindgen(thread_local_v2, js_name = globalThis)]
    static GLOBAL: JsValue;
    #[wasm_bindgen(js_namespace = Reflect, js_name = getPrototypeOf, catch)]
    fn get_prototype_of(object: &JsValue) -> Result<JsValue, JsValue>;
}

/// A value from JavaScript, read by its shape and never by its class.
#[derive(Clone, Debug)]
pub(crate) struct Value(pub(crate) JsValue);

impl Untrusted for Value {
    fn kind(&self) -> Kind {
        let value = &self.0;
        if *value == JsValue::UNDEFINED {
            Kind::Undefined
        } else if *value == JsValue::NULL {
            Kind::Null
        } else if value.is_string() {
            Kind::String
        } else if value.is_function() {
            Kind::Function
        } else if value.is_object() {
            match is_array(value) {
                Ok(true) => Kind::Array,
                Ok(false) => Kind::Object,
                Err(_) => Kind::Other,
            }
        } else if value.as_f64().is_some() {
            Kind::Number
        } else if value.as_bool().is_some() {
            Kind::Boolean
        } else {
            Kind::Other
        }
    }

    fn as_number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_string(&self) -> Option<String> {
        // A lone surrogate is replaced on the way to Rust, so the string that comes back differs.
        self.0.as_string().filter(|text| JsValue::from_str(text) == self.0)
    }

    fn get(&self, name: &str) -> Self {
        Self(get(&self.0, name))
    }

    fn at(&self, index: u32) -> Self {
        Self(Reflect::get(&self.0, &index.into()).unwrap_or_default())
    }

    fn for_each_key(&self, show: &mut dyn FnMut(&str)) {
        let names = Self(Reflect::own_keys(&self.0).unwrap_or_default().into());
        for name in (0..).map(|index| names.at(index)).take_while(|name| name.kind() != Kind::Undefined) {
            if let Some(name) = name.as_string() {
                show(&name);
            }
        }
    }

    fn number_text(&self) -> String {
        // `JSON` rather than `toString`, which may have been replaced; `JSON` has no infinities and no NaN.
        match self.0.as_f64() {
            Some(number) if number.is_nan() => "NaN".into(),
            Some(f64::INFINITY) => "Infinity".into(),
            Some(f64::NEG_INFINITY) => "-Infinity".into(),
            _ => JSON::stringify(&self.0).ok().and_then(|digits| digits.as_string()).unwrap_or_default(),
        }
    }

    fn is_true(&self) -> bool {
        self.0 == JsValue::TRUE
    }

    fn is_plain_object(&self) -> bool {
        prototype(&self.0).is_none_or(|parent| prototype(&parent).is_none())
    }
}

/// Only a proxy can present a longer chain of prototypes.
const MAX_PROTOTYPES: u32 = 100;

/// The property of that name, own or inherited; undefined if there is none or reading it throws.
///
/// Never that of `Object.prototype`, of any realm: what other scripts of the page put there would otherwise be an
/// option of every call, or a part of every reply.
pub(crate) fn get(object: &JsValue, name: &str) -> JsValue {
    let name = JsValue::from_str(name);
    let mut owner = object.clone();
    for _ in 0..MAX_PROTOTYPES {
        // Replies lack many properties. Letting the platform throw takes longer than the rest of a poll, and the
        // binding keeps a table slot for every thrown value.
        if !owner.is_object() && !owner.is_function() {
            break;
        }
        if has_own(&owner, &name).unwrap_or(false) {
            return Reflect::get(object, &name).unwrap_or_default();
        }
        match prototype(&owner) {
            Some(parent) if prototype(&parent).is_some() => owner = parent,
            _ => break,
        }
    }
    JsValue::UNDEFINED
}

/// The prototype of an object, if any.
fn prototype(object: &JsValue) -> Option<JsValue> {
    get_prototype_of(object).ok().filter(|parent| parent.is_object() || parent.is_function())
}

/// The global scope.
pub(crate) fn global_scope() -> JsValue {
    GLOBAL.with(Clone::clone)
}

/// The global of that name, looked up now.
pub(crate) fn global(name: &str) -> JsValue {
    get(&global_scope(), name)
}

/// The object's method of that name, if it has one.
pub(crate) fn method(object: &JsValue, name: &str) -> Option<Function> {
    get(object, name).dyn_into().ok()
}

/// Calls a method without arguments.
pub(crate) fn call_method(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    method(object, name).ok_or(JsValue::UNDEFINED)?.call1(object, &JsValue::UNDEFINED)
}

/// Calls an untrusted function with one argument and without `this`.
pub(crate) fn call(function: &Value, argument: &JsValue) -> Result<JsValue, JsValue> {
    function.0.dyn_ref::<Function>().ok_or(JsValue::UNDEFINED)?.call1(&JsValue::UNDEFINED, argument)
}

/// A future of whatever an untrusted function returned: a promise, a thenable or a plain value.
///
/// Always through a promise of our own: a promise that was tampered with may throw from its `then` and from
/// `Promise.resolve`.
pub(crate) fn to_future(value: &JsValue) -> JsFuture {
    JsFuture::from(Promise::new(&mut |resolve, _| drop(resolve.call1(&JsValue::UNDEFINED, value))))
}

/// Sets a property of a new plain object.
pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) {
    drop(Reflect::set(object, &name.into(), value));
}

/// Calls a callback whose failure is only reported, even if it comes later.
pub(crate) fn call_and_report(callback: &Value, argument: &JsValue) {
    match call(callback, argument) {
        Ok(result) if result.is_object() => {
            drop(spawn(Box::pin(Detached { promise: to_future(&result), is_reported: true })));
        }
        Ok(_) => {}
        Err(reason) => report(&reason),
    }
}

/// Discards what an untrusted function returned, and any later rejection.
pub(crate) fn ignore(result: Result<JsValue, JsValue>) {
    if let Ok(result) = result {
        drop(spawn(Box::pin(Detached { promise: to_future(&result), is_reported: false })));
    }
}

/// A promise that nobody awaits.
struct Detached {
    promise: JsFuture,
    is_reported: bool,
}

impl Future for Detached {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.promise).poll(cx).map(|outcome| {
            if let Err(reason) = outcome
                && self.is_reported
            {
                report(&reason);
            }
            Ok(JsValue::UNDEFINED)
        })
    }
}

fn report(reason: &JsValue) {
    // If even the console fails, nothing is left to do.
    drop(
        call(&Value(global("reportError")), reason).or_else(|_| call(&Value(get(&global("console"), "error")), reason)),
    );
}
