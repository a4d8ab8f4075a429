//! JSON objects as callers send them, and diamonds in them. Limits the depth and notices fields that are given twice.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::Deref;

use inference::text::{shortened, without_byte_order_mark};
use inference::{FieldError, FieldValue, PriceLists};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

use crate::diamond::{FieldSet, ParsedDiamond};
use crate::field_errors::{ParseError, field_error, shorten};

/// How deep objects and lists may be nested.
const MAX_DEPTH: usize = 32;

/// How many repeated fields of an object are reported.
const MAX_NAMED: usize = 16;

/// A JSON object. It holds the last value of a field that is given twice; [`Object::errors`] reports such fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    fields: Map<String, Json>,
    repeated: Vec<Repeated>,
}

/// A field that is given twice, and the path to the object that has it.
#[derive(Debug, Clone, PartialEq)]
struct Repeated {
    path: Vec<Step>,
    field: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Field(String),
    Index(usize),
}

impl Deref for Object {
    type Target = Map<String, Json>;

    fn deref(&self) -> &Map<String, Json> {
        &self.fields
    }
}

impl Object {
    /// Parses a body as one JSON object. A byte order mark before it is skipped.
    ///
    /// # Errors
    ///
    /// [`ParseError::NotParseable`] for text that is not JSON or is nested too deep, [`ParseError::Invalid`] for JSON that
    /// is not an object.
    pub fn parse(body: &[u8]) -> Result<Object, ParseError> {
        let body = without_byte_order_mark(body);
        let not_parseable = |detail| ParseError::NotParseable { detail };
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(not_parseable("the body is empty; send a JSON object".into()));
        }
        let reading = Reading::default();
        let mut json = serde_json::Deserializer::from_slice(body);
        let value = reading.deserialize(&mut json).and_then(|value| {
            json.end()?;
            Ok(value)
        });
        match value {
            Ok(Json::Object(fields)) => {
                Ok(Object { fields, repeated: reading.repeated.into_inner() })
            }
            Ok(other) => Err(not_an_object(&other).into()),
            Err(_) if reading.is_too_deep.get() => Err(not_parseable(format!(
                "the body is nested too deep; at most {MAX_DEPTH} objects and lists may lie in one another"
            ))),
            Err(error) => Err(not_parseable(format!("the body is not JSON: {error}"))),
        }
    }

    /// The errors of the fields that are given twice, in this object or inside it.
    #[must_use]
    pub fn errors(&self) -> Vec<FieldError> {
        self.repeated.iter().take(MAX_NAMED).map(|repeated| repeated.error(0)).collect()
    }

    /// The same without the elements of a list, which [`Object::errors_by_index`] reports one by one.
    #[must_use]
    pub fn errors_outside(&self, list: &str) -> Vec<FieldError> {
        let outside = self.repeated.iter().filter(|repeated| repeated.index_in(list).is_none());
        outside.take(MAX_NAMED).map(|repeated| repeated.error(0)).collect()
    }

    /// The same for each element of a list, by its index.
    #[must_use]
    pub fn errors_by_index(&self, list: &str, count: usize) -> Vec<Vec<FieldError>> {
        let mut errors = vec![Vec::new(); count];
        for repeated in &self.repeated {
            let element = repeated.index_in(list).and_then(|index| errors.get_mut(index));
            if let Some(element) = element.filter(|element| element.len() < MAX_NAMED) {
                element.push(repeated.error(2));
            }
        }
        errors
    }
}

impl Repeated {
    /// The index of the list's element that has the field.
    fn index_in(&self, list: &str) -> Option<usize> {
        match &*self.path {
            [Step::Field(field), Step::Index(index), ..] if field == list => Some(*index),
            _ => None,
        }
    }

    /// The error; the path to the field begins at this step.
    fn error(&self, from: usize) -> FieldError {
        let mut name = String::new();
        for step in self.path.iter().skip(from) {
            match step {
                Step::Field(field) => name.push_str(&format!("{field}.")),
                Step::Index(index) => {
                    name.truncate(name.trim_end_matches('.').len());
                    name.push_str(&format!("[{index}]."));
                }
            }
        }
        name.push_str(&self.field);
        field_error(shortened(name), "", "is given twice", "once")
    }
}

/// Reads a body, one value inside the other.
#[derive(Default)]
struct Reading {
    /// To the value that is read now; as long as that is deep.
    path: RefCell<Vec<Step>>,
    repeated: RefCell<Vec<Repeated>>,
    is_too_deep: Cell<bool>,
}

impl Reading {
    /// Goes into a list or an object.
    fn enter<E: Error>(&self) -> Result<(), E> {
        let mut path = self.path.borrow_mut();
        if path.len() == MAX_DEPTH {
            self.is_too_deep.set(true);
            return Err(E::custom("nested too deep"));
        }
        path.push(Step::Index(0));
        Ok(())
    }

    /// Goes on to another value of the same list or object.
    fn go_to(&self, step: Step) {
        if let Some(last) = self.path.borrow_mut().last_mut() {
            *last = step;
        }
    }

    fn leave(&self) {
        self.path.borrow_mut().pop();
    }
}

impl<'de> DeserializeSeed<'de> for &Reading {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Reading {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        self.enter()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self)? {
            values.push(value);
            self.go_to(Step::Index(values.len()));
        }
        self.leave();
        Ok(Json::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        self.enter()?;
        let mut fields = Map::new();
        let mut repeated = Vec::new();
        while let Some(field) = object.next_key::<String>()? {
            self.go_to(Step::Field(field.clone()));
            let value = object.next_value_seed(self)?;
            if fields.insert(field.clone(), value).is_some()
                && repeated.len() < MAX_NAMED
                && !repeated.contains(&field)
            {
                repeated.push(field);
            }
        }
        self.leave();
        let path = self.path.borrow();
        let repeated = repeated.into_iter().map(|field| Repeated { path: path.clone(), field });
        self.repeated.borrow_mut().extend(repeated);
        Ok(Json::Object(fields))
    }
}

/// A diamond from a JSON object, for a model that knows these price lists.
///
/// # Errors
///
/// One error for every bad field.
pub fn from_json(
    object: &Map<String, Json>,
    fields: FieldSet,
    lists: &PriceLists,
) -> Result<ParsedDiamond, Vec<FieldError>> {
    let named = object.iter().map(|(field, value)| (field.as_str(), field_value(value)));
    ParsedDiamond::from_fields(named, fields, lists).map_err(shorten)
}

/// A JSON value as the value of a diamond's field.
#[must_use]
pub fn field_value(value: &Json) -> FieldValue<'_> {
    match value {
        Json::Null => FieldValue::Absent,
        Json::Number(number) => {
            number.as_f64().map_or(FieldValue::Other(number.to_string()), FieldValue::Number)
        }
        Json::String(text) => FieldValue::Text(text),
        Json::Bool(_) | Json::Array(_) | Json::Object(_) => FieldValue::Other(value.to_string()),
    }
}

/// The error of a value that should be a diamond, or hold one.
#[must_use]
pub fn not_an_object(value: &Json) -> Vec<FieldError> {
    let allowed = r#"{"carat": …, "cut": …, "color": …, "clarity": …}"#;
    vec![field_error("", kind(value), "must be a JSON object", allowed)]
}

/// The kind of a JSON value, for people.
#[must_use]
pub fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_diamond_keeps_unknown_fields_aside() {
        let object = Object::parse(
            br#"{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1","colour":"G","x":null}"#,
        );
        let parsed = from_json(&object.unwrap(), FieldSet::All, &PriceLists::NONE).unwrap();
        assert_eq!(parsed.unknown_fields, ["colour"]);
        assert_eq!(parsed.diamond.measures.x, None);
    }

    fn names(errors: &[FieldError]) -> Vec<&str> {
        errors.iter().map(|error| &*error.field).collect()
    }

    fn check_not_parseable(body: &[u8], expected: &str) {
        match Object::parse(body) {
            Err(ParseError::NotParseable { detail }) => assert!(detail.contains(expected)),
            found => panic!("{found:?}"),
        }
    }

    #[test]
    fn what_is_read_is_what_serde_json_reads() {
        let body = br#"{"a":[1,-2,0.5,1e-400,-0,18446744073709551615,[],{}],"b":{"c":null,"d":true},"e":"\u00e9"}"#;
        let object = Object::parse(body).unwrap();
        assert_eq!(Json::Object(object.fields), serde_json::from_slice::<Json>(body).unwrap());
        assert!(object.repeated.is_empty());
    }

    #[test]
    fn what_is_no_object_is_refused_by_name() {
        check_not_parseable(b" \n", "empty");
        check_not_parseable("\u{feff} ".as_bytes(), "empty");
        assert!(Object::parse("\u{feff}{}".as_bytes()).is_ok());
        for broken in [
            "{",
            "\"\u{0}\"",
            "{}{}",
            "{} x",
            "\u{feff}\u{feff}{}",
            "{}\u{feff}",
            "{\"a\":1e999}",
            "{\"a\":NaN}",
        ] {
            check_not_parseable(broken.as_bytes(), "");
        }
        check_not_parseable(b"\"\xff\"", "");
        assert!(matches!(Object::parse(b"[1]"), Err(ParseError::Invalid { .. })));
    }

    #[test]
    fn too_deep_is_said_and_as_deep_as_allowed_is_read() {
        let nested = |lists: usize| format!("{{\"a\":{}{}}}", "[".repeat(lists), "]".repeat(lists));
        assert!(Object::parse(nested(MAX_DEPTH - 1).as_bytes()).is_ok());
        for lists in [MAX_DEPTH, 100, 500_000] {
            check_not_parseable(nested(lists).as_bytes(), "too deep");
        }
    }

    #[test]
    fn what_is_given_twice_is_named_where_it_stands() {
        let object = Object::parse(
            br#"{"a":1,"a":2,"a":3,"diamonds":[{},{"x":1,"x":1,"y":{"z":1,"z":1}}],"b":[{"c":[[{"d":1,"d":1}]]}]}"#,
        )
        .unwrap();
        assert_eq!(object["a"], 3);
        let all = ["diamonds[1].y.z", "diamonds[1].x", "b[0].c[0][0].d", "a"];
        assert_eq!(names(&object.errors()), all);
        assert_eq!(names(&object.errors_outside("diamonds")), ["b[0].c[0][0].d", "a"]);
        let at = object.errors_by_index("diamonds", 2);
        assert_eq!(
            at.iter().map(|errors| names(errors)).collect::<Vec<_>>(),
            [vec![], vec!["y.z", "x"]]
        );
        let two = Object::parse(br#"{"diamonds":{"x":1,"x":2},"diamonds":[]}"#).unwrap();
        assert_eq!(names(&two.errors_outside("diamonds")), ["diamonds.x", "diamonds"]);
    }

    #[test]
    fn a_thousand_repetitions_are_not_a_thousand_errors() {
        let fields: String = (0..1_000).map(|at| format!("\"a{at}\":0,\"a{at}\":0,")).collect();
        let object = Object::parse(format!("{{{fields}\"b\":0}}").as_bytes()).unwrap();
        assert_eq!(object.errors().len(), MAX_NAMED);
    }
}
