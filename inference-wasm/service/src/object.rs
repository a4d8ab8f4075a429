//! A JSON object as callers send it: parsed up to a depth, with what is said twice noticed.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::Deref;

use inference::FieldError;
use inference::text::shortened;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

use crate::diamonds::not_an_object;
use crate::problem::Problem;

/// How many objects and lists may lie in one another.
const MOST_DEEP: usize = 32;

/// How many of an object's fields are named that are given twice.
const MOST_NAMED: usize = 16;

/// An object. Of a field that is given twice it holds the last, and says so by [`Object::faults`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Object {
    fields: Map<String, Json>,
    repeated: Vec<Repeated>,
}

/// A field that is given twice, and the way to the object that has it.
#[derive(Debug, Clone, PartialEq)]
struct Repeated {
    way: Vec<Step>,
    field: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Field(String),
    Place(usize),
}

impl Deref for Object {
    type Target = Map<String, Json>;

    fn deref(&self) -> &Map<String, Json> {
        &self.fields
    }
}

impl Object {
    /// Parses a body as one JSON object.
    ///
    /// # Errors
    ///
    /// [`Problem::NotParseable`] for what is no JSON or too deep, [`Problem::Invalid`] for JSON of another kind.
    pub(crate) fn parse(body: &[u8]) -> Result<Object, Problem> {
        let not_parseable = |detail| Problem::NotParseable { detail };
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(not_parseable("the body is empty; send a JSON object".into()));
        }
        let reading = Reading::default();
        let mut json = serde_json::Deserializer::from_slice(body);
        let value = reading.at(0).deserialize(&mut json).and_then(|value| {
            json.end()?;
            Ok(value)
        });
        match value {
            Ok(Json::Object(fields)) => {
                Ok(Object { fields, repeated: reading.repeated.into_inner() })
            }
            Ok(other) => Err(not_an_object(&other).into()),
            Err(_) if reading.is_too_deep.get() => Err(not_parseable(format!(
                "the body is nested too deep; at most {MOST_DEEP} objects and lists may lie in one another"
            ))),
            Err(error) => Err(not_parseable(format!("the body is not JSON: {error}"))),
        }
    }

    /// The errors of the fields that are given twice, in this object or in what it holds.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        self.repeated.iter().take(MOST_NAMED).map(|repeated| repeated.fault(0)).collect()
    }

    /// The same without those in the objects of a list, which [`Object::faults_at`] tells one by one.
    pub(crate) fn faults_beside(&self, list: &str) -> Vec<FieldError> {
        let beside = self.repeated.iter().filter(|repeated| !repeated.is_in(list));
        beside.take(MOST_NAMED).map(|repeated| repeated.fault(0)).collect()
    }

    /// The same for each of the objects of a list, by its place in it.
    pub(crate) fn faults_at(&self, list: &str, count: usize) -> Vec<Vec<FieldError>> {
        let mut faults = vec![Vec::new(); count];
        for repeated in self.repeated.iter().filter(|repeated| repeated.is_in(list)) {
            let place = match repeated.way.get(1) {
                Some(Step::Place(place)) => faults.get_mut(*place),
                _ => None,
            };
            if let Some(place) = place.filter(|place| place.len() < MOST_NAMED) {
                place.push(repeated.fault(2));
            }
        }
        faults
    }
}

impl Repeated {
    fn is_in(&self, list: &str) -> bool {
        matches!(&*self.way, [Step::Field(field), Step::Place(_), ..] if field == list)
    }

    /// The error, with the way to the field from its step of this number on.
    fn fault(&self, from: usize) -> FieldError {
        let mut name = String::new();
        for step in self.way.iter().skip(from) {
            match step {
                Step::Field(field) => name.push_str(&format!("{field}.")),
                Step::Place(place) => {
                    name.truncate(name.trim_end_matches('.').len());
                    name.push_str(&format!("[{place}]."));
                }
            }
        }
        name.push_str(&self.field);
        FieldError {
            field: shortened(name),
            value: String::new(),
            message: "is given twice".into(),
            allowed: "once".into(),
        }
    }
}

/// What is noticed while a body is read.
#[derive(Default)]
struct Reading {
    way: RefCell<Vec<Step>>,
    repeated: RefCell<Vec<Repeated>>,
    is_too_deep: Cell<bool>,
}

impl Reading {
    fn at(&self, depth: usize) -> Node<'_> {
        Node { reading: self, depth }
    }
}

/// A value that is about to be read, inside so many others.
#[derive(Clone, Copy)]
struct Node<'a> {
    reading: &'a Reading,
    depth: usize,
}

impl Node<'_> {
    /// A value inside this one.
    fn inner<E: Error>(self) -> Result<Self, E> {
        if self.depth == MOST_DEEP {
            self.reading.is_too_deep.set(true);
            return Err(E::custom("nested too deep"));
        }
        Ok(Node { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        // JSON has no number that is not finite.
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut values = Vec::new();
        self.reading.way.borrow_mut().push(Step::Place(0));
        while let Some(value) = list.next_element_seed(inner)? {
            values.push(value);
            if let Some(last) = self.reading.way.borrow_mut().last_mut() {
                *last = Step::Place(values.len());
            }
        }
        self.reading.way.borrow_mut().pop();
        Ok(Json::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut fields = Map::new();
        let mut repeated = Vec::new();
        while let Some(field) = object.next_key::<String>()? {
            self.reading.way.borrow_mut().push(Step::Field(field.clone()));
            let value = object.next_value_seed(inner)?;
            self.reading.way.borrow_mut().pop();
            if fields.insert(field.clone(), value).is_some()
                && repeated.len() < MOST_NAMED
                && !repeated.contains(&field)
            {
                repeated.push(field);
            }
        }
        let way = self.reading.way.borrow();
        let repeated = repeated.into_iter().map(|field| Repeated { way: way.clone(), field });
        self.reading.repeated.borrow_mut().extend(repeated);
        Ok(Json::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(faults: &[FieldError]) -> Vec<&str> {
        faults.iter().map(|fault| &*fault.field).collect()
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
        assert!(
            matches!(Object::parse(b" \n"), Err(Problem::NotParseable { detail }) if detail.contains("empty"))
        );
        for broken in
            ["{", "\"\u{0}\"", "{}{}", "{} x", "\u{feff}{}", "{\"a\":1e999}", "{\"a\":NaN}"]
        {
            let found = Object::parse(broken.as_bytes());
            assert!(matches!(found, Err(Problem::NotParseable { .. })), "{broken}");
        }
        assert!(matches!(Object::parse(b"\"\xff\""), Err(Problem::NotParseable { .. })));
        assert!(matches!(Object::parse(b"[1]"), Err(Problem::Invalid { .. })));
    }

    #[test]
    fn too_deep_is_said_and_as_deep_as_allowed_is_read() {
        let nested = |lists: usize| format!("{{\"a\":{}{}}}", "[".repeat(lists), "]".repeat(lists));
        assert!(Object::parse(nested(MOST_DEEP - 1).as_bytes()).is_ok());
        for lists in [MOST_DEEP, 100, 500_000] {
            let found = Object::parse(nested(lists).as_bytes());
            assert!(
                matches!(found, Err(Problem::NotParseable { detail }) if detail.contains("too deep"))
            );
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
        assert_eq!(names(&object.faults()), all);
        assert_eq!(names(&object.faults_beside("diamonds")), ["b[0].c[0][0].d", "a"]);
        let at = object.faults_at("diamonds", 2);
        assert_eq!(
            at.iter().map(|faults| names(faults)).collect::<Vec<_>>(),
            [vec![], vec!["y.z", "x"]]
        );
        let two = Object::parse(br#"{"diamonds":{"x":1,"x":2},"diamonds":[]}"#).unwrap();
        assert_eq!(names(&two.faults_beside("diamonds")), ["diamonds.x", "diamonds"]);
    }

    #[test]
    fn a_thousand_repetitions_are_not_a_thousand_errors() {
        let fields: String = (0..1_000).map(|at| format!("\"a{at}\":0,\"a{at}\":0,")).collect();
        let object = Object::parse(format!("{{{fields}\"b\":0}}").as_bytes()).unwrap();
        assert_eq!(object.faults().len(), MOST_NAMED);
    }
}
