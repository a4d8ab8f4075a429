//! Answers as JavaScript objects, in the shapes of the HTTP API.

use api::ErrorItem;
use inference::FieldError;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

/// A value as a JavaScript object.
pub(crate) fn to_js(value: &impl Serialize) -> JsValue {
    // Only whole numbers beyond 2^53 are refused, and no answer has one.
    value.serialize(&Serializer::new().serialize_missing_as_null(true)).unwrap_or(JsValue::NULL)
}

/// Everything that is wrong with a diamond: `{errors}`.
pub(crate) fn errors(refused: Vec<FieldError>) -> JsValue {
    #[derive(Serialize)]
    struct Errors {
        errors: Vec<ErrorItem>,
    }
    to_js(&Errors { errors: refused.into_iter().map(ErrorItem::from).collect() })
}
