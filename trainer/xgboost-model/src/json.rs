//! JSON into a document.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::document::{MOST_NESTING, Value};
use crate::error::ImportError;
use crate::numbers::{Numbers, written};

/// Reads a whole file. The JSON library finds where each part ends; numbers keep their digits, because only those give
/// the f32 that XGBoost wrote: its way of reading goes by f64.
///
/// # Errors
///
/// [`ImportError::Json`], or [`ImportError::Shape`] for a nesting that no model has.
pub(crate) fn read(bytes: &[u8]) -> Result<Value<'_>, ImportError> {
    let raw: &RawValue = serde_json::from_slice(bytes).map_err(ImportError::Json)?;
    part(raw.get(), MOST_NESTING)
}

fn part(raw: &str, nesting: usize) -> Result<Value<'_>, ImportError> {
    let Some(nesting) = nesting.checked_sub(1) else {
        return Err(ImportError::Foreign { found: "a document nested this deeply" });
    };
    Ok(match raw.as_bytes().first() {
        Some(b'{') => {
            let fields = serde_json::Deserializer::from_str(raw)
                .deserialize_map(Fields)
                .map_err(ImportError::Json)?;
            let fields =
                fields.into_iter().map(|(name, raw)| Ok((name, part(raw.get(), nesting)?)));
            Value::Object(fields.collect::<Result<_, ImportError>>()?)
        }
        Some(b'[') => match numbers(raw) {
            Some(numbers) => Value::Numbers(numbers),
            None => {
                let items: Vec<&RawValue> = serde_json::from_str(raw).map_err(ImportError::Json)?;
                let items = items.into_iter().map(|raw| part(raw.get(), nesting));
                Value::List(items.collect::<Result<_, _>>()?)
            }
        },
        Some(b'"') => Value::Text(text(raw)?),
        _ => Value::Number(written(raw)),
    })
}

/// The list as numbers, if nothing else is in it.
fn numbers(list: &str) -> Option<Numbers<'_>> {
    let inner = list.strip_prefix('[')?.strip_suffix(']')?;
    let other = |byte: &u8| matches!(byte, b'"' | b'[' | b'{');
    (!inner.as_bytes().iter().any(|byte| other(byte))).then_some(Numbers::Written(inner))
}

/// A text, copied only where something in it is escaped.
fn text(raw: &str) -> Result<Cow<'_, str>, ImportError> {
    match serde_json::from_str::<&str>(raw) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(_) => serde_json::from_str(raw).map(Cow::Owned).map_err(ImportError::Json),
    }
}

/// An object's fields, each as its own JSON.
struct Fields;

impl<'a> Visitor<'a> for Fields {
    type Value = Vec<(Cow<'a, str>, &'a RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, raw)) = map.next_entry::<String, &RawValue>()? {
            fields.push((Cow::Owned(name), raw));
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::Numeral;

    #[test]
    fn every_kind_of_part_is_read() {
        let json = br#" {"a": [1, 2.50], "b\n": ["x", "\u00e9"], "c": true, "d": [[]], "e": null, "f": -1e5} "#;
        let field = |name: &'static str, value| (Cow::Borrowed(name), value);
        let expected = Value::Object(vec![
            field("a", Value::Numbers(Numbers::Written("1, 2.50"))),
            field("b\n", Value::List(vec![Value::Text("x".into()), Value::Text("é".into())])),
            field("c", Value::Number(Numeral::Flag(true))),
            field("d", Value::List(vec![Value::Numbers(Numbers::Written(""))])),
            field("e", Value::Number(Numeral::Null)),
            field("f", Value::Number(Numeral::Written("-1e5"))),
        ]);
        assert_eq!(read(json).unwrap(), expected);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let check = |json: &[u8], why: &str| {
            let error = read(json).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        };
        check(b"{\"a\": [1, NaN]}", "line 1 column 11");
        check(b"{\"a\": [1, 2}", "broken JSON");
        check(b"{} {}", "trailing");
        check(b"{\"a\": \"\xff\"}", "broken JSON");
        check("[".repeat(100_000).as_bytes(), "broken JSON");
        check(("[".repeat(50_000) + &"]".repeat(50_000)).as_bytes(), "nested");
    }
}
