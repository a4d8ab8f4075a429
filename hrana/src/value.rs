//! A value of SQLite, and its JSON.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::ser::Error;
use serde::{Deserialize, Serialize, Serializer};

/// Servers leave the padding out and take both.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One value of SQLite.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Cell<'_>")]
pub enum Value {
    /// NULL.
    Null,
    /// INTEGER.
    Integer(i64),
    /// REAL.
    Real(f64),
    /// TEXT.
    Text(String),
    /// BLOB.
    Blob(Vec<u8>),
}

impl Value {
    /// Its type, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "NULL",
            Value::Integer(_) => "an integer",
            Value::Real(_) => "a real",
            Value::Text(_) => "a text",
            Value::Blob(_) => "a blob",
        }
    }
}

/// The JSON of a value. Integers are texts, for JSON's numbers end at 53 bits in many languages.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Cell<'a> {
    Null,
    Integer {
        value: Cow<'a, str>,
    },
    /// A server writes `null` for what is no number in JSON, such as infinity.
    Float {
        value: Option<f64>,
    },
    Text {
        value: Cow<'a, str>,
    },
    Blob {
        base64: Cow<'a, str>,
    },
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cell = match self {
            Value::Null => Cell::Null,
            Value::Integer(integer) => Cell::Integer { value: integer.to_string().into() },
            Value::Real(real) if real.is_finite() => Cell::Float { value: Some(*real) },
            Value::Real(real) => {
                return Err(S::Error::custom(format!(
                    "{real} cannot be sent; only finite numbers can"
                )));
            }
            Value::Text(text) => Cell::Text { value: text.into() },
            Value::Blob(bytes) => Cell::Blob { base64: BASE64.encode(bytes).into() },
        };
        cell.serialize(serializer)
    }
}

impl TryFrom<Cell<'_>> for Value {
    type Error = String;

    fn try_from(cell: Cell<'_>) -> Result<Value, String> {
        Ok(match cell {
            Cell::Null => Value::Null,
            Cell::Integer { value } => Value::Integer(
                value.parse().map_err(|_| format!("its integer {value:?} is none of 64 bits"))?,
            ),
            Cell::Float { value: Some(real) } => Value::Real(real),
            Cell::Float { value: None } => {
                return Err("a column holds a number that is not finite".into());
            }
            Cell::Text { value } => Value::Text(value.into_owned()),
            Cell::Blob { base64 } => Value::Blob(
                BASE64
                    .decode(base64.as_bytes())
                    .map_err(|error| format!("a blob of its is not base64: {error}"))?,
            ),
        })
    }
}

macro_rules! from {
    ($($type:ty: $value:ident => $made:expr),+ $(,)?) => {
        $(impl From<$type> for Value {
            fn from($value: $type) -> Value {
                $made
            }
        })+
    };
}

from! {
    bool: value => Value::Integer(value.into()),
    u16: value => Value::Integer(value.into()),
    u32: value => Value::Integer(value.into()),
    i64: value => Value::Integer(value),
    // Counts; there are none that large.
    u64: value => Value::Integer(value.try_into().unwrap_or(i64::MAX)),
    f64: value => Value::Real(value),
    &str: value => Value::Text(value.to_owned()),
    String: value => Value::Text(value),
    &[u8]: value => Value::Blob(value.to_vec()),
    Vec<u8>: value => Value::Blob(value),
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The value goes out as this text and comes back from it.
    fn check(value: &Value, sent: &str) {
        assert_eq!(serde_json::to_string(value).unwrap(), sent);
        assert_eq!(serde_json::from_str::<Value>(sent).unwrap(), *value);
    }

    #[test]
    fn values_go_out_and_come_back_as_they_were() {
        check(&Value::Null, r#"{"type":"null"}"#);
        for integer in [0, i64::MIN, i64::MAX] {
            check(
                &Value::Integer(integer),
                &format!(r#"{{"type":"integer","value":"{integer}"}}"#),
            );
        }
        check(&Value::Real(1.0), r#"{"type":"float","value":1.0}"#);
        check(&Value::Real(0.1 + 0.2), r#"{"type":"float","value":0.30000000000000004}"#);
        check(
            &Value::Real(f64::MIN_POSITIVE),
            r#"{"type":"float","value":2.2250738585072014e-308}"#,
        );
        check(&Value::Text("\"é\n🪨".into()), r#"{"type":"text","value":"\"é\n🪨"}"#);
        check(&Value::Blob(vec![0, 255, 0, 255]), r#"{"type":"blob","base64":"AP8A/w"}"#);
        check(&Value::Blob(Vec::new()), r#"{"type":"blob","base64":""}"#);
    }

    #[test]
    fn what_other_servers_may_write_is_read_too() {
        for (cell, expected) in [
            (json!({ "type": "float", "value": 1 }), Value::Real(1.0)),
            (json!({ "type": "blob", "base64": "AP8A/w==" }), Value::Blob(vec![0, 255, 0, 255])),
        ] {
            assert_eq!(serde_json::from_value::<Value>(cell).unwrap(), expected);
        }
    }

    #[test]
    fn what_cannot_be_is_an_error_that_shows_it() {
        for (cell, expected) in [
            (
                json!({ "type": "integer", "value": "9223372036854775808" }),
                "\"9223372036854775808\" is none of 64 bits",
            ),
            (json!({ "type": "float", "value": null }), "not finite"),
            (json!({ "type": "blob", "base64": "?" }), "not base64"),
            (json!({ "type": "date", "value": "today" }), "unknown variant `date`"),
        ] {
            let error = serde_json::from_value::<Value>(cell.clone()).unwrap_err().to_string();
            assert!(error.contains(expected), "{cell}: {error}");
        }
        for real in [f64::NAN, f64::INFINITY] {
            let error = serde_json::to_string(&Value::Real(real)).unwrap_err().to_string();
            assert!(error.contains("only finite numbers"), "{error}");
        }
    }
}
