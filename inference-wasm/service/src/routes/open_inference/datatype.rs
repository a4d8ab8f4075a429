//! The types of the elements of a tensor.

use ::inference::float32::shortest_decimal;
use ::inference::{DiamondInput, FieldError, FieldValue};
use api::field_errors::field_error;
use api::object::field_value;
use serde_json::Value as Json;

/// The types that a diamond's fields can be sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Datatype {
    Fp64,
    Fp32,
    /// A whole number, by its name: `INT8` to `UINT64`.
    Whole(&'static str),
    /// A text.
    Bytes,
}

const WHOLE: [&str; 8] = ["INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"];

impl Datatype {
    fn named(name: &str) -> Option<Datatype> {
        match name {
            "FP64" => Some(Datatype::Fp64),
            "FP32" => Some(Datatype::Fp32),
            "BYTES" => Some(Datatype::Bytes),
            _ => WHOLE.into_iter().find(|whole| *whole == name).map(Datatype::Whole),
        }
    }

    /// The type of this name, if a field can be sent as it.
    pub(super) fn of(field: &str, name: &str) -> Option<Datatype> {
        let is_number = DiamondInput::is_number(field);
        Datatype::named(name).filter(|datatype| is_number == (*datatype != Datatype::Bytes))
    }

    /// The types that a field can be sent as, in words.
    pub(super) fn allowed(field: &str) -> String {
        let numbers = || format!("FP64, FP32, {}", WHOLE.join(", "));
        if DiamondInput::is_number(field) { numbers() } else { "BYTES".into() }
    }

    /// One element as an entry of a diamond; `field` names it in the error. `null` is a value that nobody has: right for
    /// a measure that was not taken. What is of another kind than the type says stays as it is, to be refused as the
    /// diamond's field.
    pub(super) fn entry<'a>(
        self,
        field: impl Fn() -> String,
        element: &'a Json,
    ) -> Result<FieldValue<'a>, FieldError> {
        match (self, element.as_f64()) {
            (Datatype::Whole(name), Some(number)) if number.fract() != 0.0 => {
                let message = "is not a whole number, though its datatype is";
                let allowed = format!("whole numbers for {name}; FP64 takes all");
                Err(field_error(field(), element.to_string(), message, allowed))
            }
            (Datatype::Fp32, Some(number)) => Ok(FieldValue::Number(shortest_decimal(number))),
            _ => Ok(field_value(element)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_by_its_name() {
        assert_eq!(Datatype::named("FP32"), Some(Datatype::Fp32));
        assert_eq!(Datatype::named("UINT16"), Some(Datatype::Whole("UINT16")));
        for unknown in ["fp64", "FP16", "BOOL", ""] {
            assert_eq!(Datatype::named(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn an_element_is_read_as_its_type_says() {
        let check = |datatype: &str, element: &str, expected: Option<FieldValue<'_>>| {
            let element: Json = serde_json::from_str(element).unwrap();
            let entry = Datatype::named(datatype).unwrap().entry(|| "carat[0]".into(), &element);
            assert_eq!(entry.ok(), expected, "{datatype} {element}");
        };
        check("FP64", "0.7", Some(FieldValue::Number(0.7)));
        check("FP64", "0.699999988079071", Some(FieldValue::Number(0.699999988079071)));
        check("FP32", "0.699999988079071", Some(FieldValue::Number(0.7)));
        check("FP32", "1e300", Some(FieldValue::Number(f64::INFINITY)));
        check("INT64", "3", Some(FieldValue::Number(3.0)));
        check("INT64", "3.0", Some(FieldValue::Number(3.0)));
        check("UINT8", "3.5", None);
        check("FP64", "null", Some(FieldValue::Absent));
        check("FP64", "\"0.7\"", Some(FieldValue::Text("0.7")));
        check("BYTES", "\"Ideal\"", Some(FieldValue::Text("Ideal")));
        check("BYTES", "7", Some(FieldValue::Number(7.0)));
        check("FP64", "[1]", Some(FieldValue::Other("[1]".into())));
    }
}
