//! Serialises values to JavaScript as `serde-wasm-bindgen` does, except objects.
//!
//! Its object serialiser caches every property name in a hash map: 2 % of the module, to save a few short
//! strings per poll.

use js_sys::Object;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer as Serde};
use serde_wasm_bindgen::{Error, Serializer};
use wasm_bindgen::JsValue;

use crate::foreign::set;

/// Serialises a value. Of the types that are passed, none can fail.
pub(crate) fn to_js(value: &(impl Serialize + ?Sized)) -> JsValue {
    value.serialize(ToJs).unwrap_or_default()
}

const BASE: &Serializer = &Serializer::new();

struct ToJs;

struct Fields(JsValue);

impl SerializeStruct for Fields {
    type Ok = JsValue;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        set(&self.0, name, &value.serialize(ToJs)?);
        Ok(())
    }

    fn end(self) -> Result<JsValue, Error> {
        Ok(self.0)
    }
}

type Base = &'static Serializer;

macro_rules! as_the_base_does {
    ($($method:ident($($value:ident: $type:ty),*) -> $result:ty;)*) => {
        $(fn $method(self, $($value: $type),*) -> Result<$result, Error> {
            BASE.$method($($value),*)
        })*
    };
}

impl Serde for ToJs {
    type Ok = JsValue;
    type Error = Error;
    type SerializeSeq = <Base as Serde>::SerializeSeq;
    type SerializeTuple = <Base as Serde>::SerializeTuple;
    type SerializeTupleStruct = <Base as Serde>::SerializeTupleStruct;
    type SerializeTupleVariant = <Base as Serde>::SerializeTupleVariant;
    type SerializeMap = <Base as Serde>::SerializeMap;
    type SerializeStruct = Fields;
    type SerializeStructVariant = <Base as Serde>::SerializeStructVariant;

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Fields, Error> {
        Ok(Fields(Object::new().into()))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<JsValue, Error> {
        BASE.serialize_str(variant)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<JsValue, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<JsValue, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<JsValue, Error> {
        BASE.serialize_newtype_variant(name, index, variant, value)
    }

    as_the_base_does! {
        serialize_bool(value: bool) -> JsValue;
        serialize_i8(value: i8) -> JsValue;
        serialize_i16(value: i16) -> JsValue;
        serialize_i32(value: i32) -> JsValue;
        serialize_i64(value: i64) -> JsValue;
        serialize_u8(value: u8) -> JsValue;
        serialize_u16(value: u16) -> JsValue;
        serialize_u32(value: u32) -> JsValue;
        serialize_u64(value: u64) -> JsValue;
        serialize_f32(value: f32) -> JsValue;
        serialize_f64(value: f64) -> JsValue;
        serialize_char(value: char) -> JsValue;
        serialize_str(value: &str) -> JsValue;
        serialize_bytes(value: &[u8]) -> JsValue;
        serialize_none() -> JsValue;
        serialize_unit() -> JsValue;
        serialize_unit_struct(name: &'static str) -> JsValue;
        serialize_seq(length: Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(length: usize) -> Self::SerializeTuple;
        serialize_tuple_struct(name: &'static str, length: usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, length: usize)
            -> Self::SerializeTupleVariant;
        serialize_map(length: Option<usize>) -> Self::SerializeMap;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, length: usize)
            -> Self::SerializeStructVariant;
    }
}
