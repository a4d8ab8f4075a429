//! A diamond as JavaScript describes it.

use api::field_errors::field_error;
use api::{FieldSet, ParsedDiamond};
use inference::{DiamondInput, FieldError, FieldValue, PriceLists};
use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue, intern};

/// A diamond, or everything that is wrong with it.
pub(crate) type Described = Result<ParsedDiamond, Vec<FieldError>>;

/// Parses an object's fields for a model that knows these price lists; what a getter throws is passed on.
pub(crate) fn read(
    diamond: &JsValue,
    fields: FieldSet,
    lists: &PriceLists,
) -> Result<Described, JsValue> {
    let Some(object) = diamond.dyn_ref::<Object>().filter(|_| !Array::is_array(diamond)) else {
        let allowed = "{carat, cut, color, clarity} and, where measured, depth, table, x, y, z";
        let message = "a diamond must be an object";
        return Ok(Err(vec![field_error("", written(diamond), message, allowed)]));
    };
    let mut values = [const { JsValue::UNDEFINED }; DiamondInput::FIELDS.len()];
    for (value, field) in values.iter_mut().zip(DiamondInput::FIELDS) {
        *value = Reflect::get(object, &intern(field).into())?;
    }
    let texts = values.each_ref().map(JsValue::as_string);
    let entries = values.iter().zip(&texts).map(|(value, text)| match text {
        Some(text) => FieldValue::Text(text),
        None if value.is_undefined() || value.is_null() => FieldValue::Absent,
        None => {
            value.as_f64().map_or_else(|| FieldValue::Other(written(value)), FieldValue::Number)
        }
    });
    let named = DiamondInput::FIELDS.into_iter().zip(entries);
    let unknown_fields = unknown_fields(object);
    let parsed = ParsedDiamond::from_fields(named, fields, lists);
    Ok(parsed.map(|parsed| ParsedDiamond { unknown_fields, ..parsed }))
}

/// The fields that no diamond has, in the order of the alphabet.
fn unknown_fields(object: &Object) -> Vec<String> {
    let mut unknown: Vec<String> = Vec::new();
    for key in Object::keys(object).iter().filter_map(|key| key.as_string()) {
        if !DiamondInput::FIELDS.contains(&key.as_str()) {
            // Each to its place: there are hardly any, and a sort is some 2 kB of code.
            let at = unknown.partition_point(|other| *other < key);
            unknown.insert(at, key);
        }
    }
    unknown
}

/// A value as JSON, or by its type where JSON has no word for it.
pub(crate) fn written(value: &JsValue) -> String {
    let json = JSON::stringify(value).ok().and_then(|json| json.as_string());
    json.unwrap_or_else(|| value.js_typeof().as_string().unwrap_or_default())
}
