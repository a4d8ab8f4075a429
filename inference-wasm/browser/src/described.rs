//! A diamond as JavaScript describes it.

use inference::{DiamondInput, FieldError, FieldValue};
use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue, intern};

/// The fields of a JavaScript object, copied out of it.
pub(crate) struct Described {
    values: [Value; DiamondInput::FIELDS.len()],
    unknown_fields: Vec<String>,
}

enum Value {
    Absent,
    Number(f64),
    Text(String),
    Other(String),
}

impl Described {
    /// Copies the fields; what is no object is refused, and what a getter throws is passed on.
    pub(crate) fn read(diamond: &JsValue) -> Result<Result<Described, FieldError>, JsValue> {
        let Some(object) =
            diamond.dyn_ref::<Object>().filter(|_| !js_sys::Array::is_array(diamond))
        else {
            return Ok(Err(FieldError {
                field: String::new(),
                value: written(diamond),
                message: "a diamond must be an object".into(),
                allowed: "{carat, cut, color, clarity} and, where measured, depth, table, x, y, z"
                    .into(),
            }));
        };
        let mut values = [const { Value::Absent }; DiamondInput::FIELDS.len()];
        for (value, field) in values.iter_mut().zip(DiamondInput::FIELDS) {
            *value = Value::of(&Reflect::get(object, &intern(field).into())?);
        }
        let mut unknown_fields: Vec<String> = Vec::new();
        for key in Object::keys(object).iter().filter_map(|key| key.as_string()) {
            if !DiamondInput::FIELDS.contains(&key.as_str()) {
                // Each to its place: there are hardly any, and a sort is some 2 kB of code.
                let at = unknown_fields.partition_point(|other| *other < key);
                unknown_fields.insert(at, key);
            }
        }
        Ok(Ok(Described { values, unknown_fields }))
    }

    /// The fields as an input that still has to be validated.
    pub(crate) fn input(&self) -> DiamondInput<'_> {
        let mut input = DiamondInput::default();
        for (value, field) in self.values.iter().zip(DiamondInput::FIELDS) {
            if let Some(entry) = input.value_mut(field) {
                *entry = value.entry();
            }
        }
        input
    }

    /// The fields that no diamond has.
    pub(crate) fn unknown_fields(&self) -> &[String] {
        &self.unknown_fields
    }
}

impl Value {
    fn of(value: &JsValue) -> Value {
        if value.is_undefined() || value.is_null() {
            Value::Absent
        } else if let Some(number) = value.as_f64() {
            Value::Number(number)
        } else if let Some(text) = value.as_string() {
            Value::Text(text)
        } else {
            Value::Other(written(value))
        }
    }

    fn entry(&self) -> FieldValue<'_> {
        match self {
            Value::Absent => FieldValue::Absent,
            Value::Number(number) => FieldValue::Number(*number),
            Value::Text(text) => FieldValue::Text(text),
            Value::Other(written) => FieldValue::Other(written.clone()),
        }
    }
}

/// A value as JSON, or by its type where JSON has no word for it.
pub(crate) fn written(value: &JsValue) -> String {
    let json = JSON::stringify(value).ok().and_then(|json| json.as_string());
    json.unwrap_or_else(|| value.js_typeof().as_string().unwrap_or_default())
}
