//! Answers as JavaScript objects, in the shapes of the HTTP API.

use api::Warning;
use inference::quantity::cents;
use inference::{Estimate, FieldError, Part, PartValue};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsValue, intern};

/// Fields of an object of our own.
pub(crate) trait Fields {
    /// Sets a field. Its name is kept as a JavaScript string: to make one anew takes longer than to set a field.
    fn put(&self, name: &'static str, value: impl Into<JsValue>);

    /// Sets a field to a count.
    #[expect(clippy::cast_precision_loss, reason = "memory ends long before 2^53")]
    fn put_count(&self, name: &'static str, count: usize) {
        self.put(name, count as f64);
    }
}

impl Fields for Object {
    fn put(&self, name: &'static str, value: impl Into<JsValue>) {
        // Setting a field fails for a frozen object or a proxy, and this one is neither.
        let _ = Reflect::set(self, &intern(name).into(), &value.into());
    }
}

/// A price with its range and its warnings, in dollars rounded to cents as the API rounds them.
pub(crate) fn priced(estimate: &Estimate, unknown_fields: &[String]) -> Object {
    let answer = Object::new();
    answer.put("price", cents(estimate.price_usd));
    answer.put("currency", "USD");
    let range = estimate.range.map(|range| {
        let object = Object::new();
        object.put("low", cents(range.low_usd));
        object.put("high", cents(range.high_usd));
        object.put("confidence", range.confidence);
        object
    });
    answer.put("range", range.map_or(JsValue::NULL, JsValue::from));
    let warnings = estimate.warnings.iter().map(Warning::from);
    let warnings = warnings.chain(Warning::unknown_fields(unknown_fields)).map(warning);
    answer.put("warnings", warnings.collect::<Array>());
    answer
}

fn warning(warning: Warning) -> Object {
    let object = Object::new();
    object.put("code", warning.code);
    object.put("message", warning.message);
    object.put(
        "fields",
        warning.fields.iter().map(|field| JsValue::from(&**field)).collect::<Array>(),
    );
    object
}

/// The parts of a price, in dollars rounded to cents.
pub(crate) fn explained(parts: Vec<Part>) -> Array {
    let explained = parts.into_iter().map(|part| {
        let object = Object::new();
        object.put("feature", part.feature);
        object.put("label", part.label);
        let value = part.value.map(|value| match value {
            PartValue::Number(number) => JsValue::from(number),
            PartValue::Grade(grade) => JsValue::from(grade),
        });
        object.put("value", value.unwrap_or(JsValue::NULL));
        object.put("effect", part.effect_usd);
        object
    });
    explained.collect()
}

/// Everything that is wrong with a diamond.
pub(crate) fn errors(refused: &[FieldError]) -> Object {
    let list = refused.iter().map(|error| {
        let object = Object::new();
        object.put("field", error.field.as_str());
        object.put("message", error.message.as_str());
        object.put("value", error.value.as_str());
        object.put("allowed", error.allowed.as_str());
        object
    });
    let answer = Object::new();
    answer.put("errors", list.collect::<Array>());
    answer
}
