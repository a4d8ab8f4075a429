//! Diamonds as callers write them: JSON objects, query strings and CSV.

use inference::text::ignored;
use inference::{Diamond, DiamondInput, FieldError, FieldValue};
use serde_json::{Map, Value as Json};

use crate::problem::{Problem, without_length};

pub(crate) use crate::object::Object;
pub(crate) use crate::query::Query;

/// A diamond, and the fields beside it that are none of a diamond's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Described {
    pub(crate) diamond: Diamond,
    unknown_fields: Vec<String>,
}

impl Described {
    /// What is said of the fields that were not looked at.
    pub(crate) fn warning(&self) -> Option<String> {
        ignored(&self.unknown_fields)
    }
}

impl From<Diamond> for Described {
    fn from(diamond: Diamond) -> Described {
        Described { diamond, unknown_fields: Vec::new() }
    }
}

/// Which fields of a description count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All of a diamond's.
    All,
    /// The four Cs; whatever else is said, right or wrong, is passed over.
    FourCs,
}

impl Wanted {
    pub(crate) fn takes(self, field: &str) -> bool {
        self == Wanted::All || FOUR_CS.contains(&field)
    }
}

/// What is required of a diamond.
pub(crate) const FOUR_CS: [&str; 4] = ["carat", "cut", "color", "clarity"];

/// A diamond from a JSON object. Fields of other names are kept aside, to be mentioned.
pub(crate) fn from_json(
    object: &Map<String, Json>,
    wanted: Wanted,
) -> Result<Described, Vec<FieldError>> {
    let mut input = DiamondInput::default();
    let mut unknown_fields = Vec::new();
    for (field, value) in object.iter().filter(|(field, _)| wanted.takes(field)) {
        match input.value_mut(field) {
            Some(entry) => *entry = entry_of(value),
            None => unknown_fields.push(field.clone()),
        }
    }
    input.parse().map(|diamond| Described { diamond, unknown_fields }).map_err(short)
}

/// A JSON value as a input takes it.
pub(crate) fn entry_of(value: &Json) -> FieldValue<'_> {
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
pub(crate) fn not_an_object(value: &Json) -> Vec<FieldError> {
    vec![FieldError {
        field: String::new(),
        value: kind(value).into(),
        message: "must be a JSON object".into(),
        allowed: "{\"carat\": …, \"cut\": …, \"color\": …, \"clarity\": …}".into(),
    }]
}

/// What a JSON value is, for people.
pub(crate) fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// Diamonds from CSV, in any order of columns: one result a row. Only the four Cs are required; columns of other
/// names are passed over.
pub(crate) fn from_csv(
    body: &[u8],
    most: usize,
) -> Result<Vec<Result<Diamond, Vec<FieldError>>>, Problem> {
    let not_parseable = |error: csv::Error| Problem::NotParseable {
        detail: format!(
            "the body is not CSV with a header and the same number of fields a row: {error}"
        ),
    };
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::NotParseable {
            detail: "the body is empty; send CSV with a header".into(),
        });
    }
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(body);
    let header = reader.headers().map_err(not_parseable)?.clone();
    check_header(&header)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(not_parseable)?;
        if rows.len() == most {
            return Err(too_many(format!("more than {most} rows"), most).into());
        }
        let mut input = DiamondInput::default();
        for (field, text) in header.iter().zip(&record) {
            input.set_text(field, text);
        }
        rows.push(input.parse().map_err(short));
    }
    Ok(rows)
}

fn short(errors: Vec<FieldError>) -> Vec<FieldError> {
    errors.into_iter().map(without_length).collect()
}

/// The error of a batch that is too long.
pub(crate) fn too_many(value: String, most: usize) -> Vec<FieldError> {
    vec![FieldError {
        field: "diamonds".into(),
        value,
        message: "has too many".into(),
        allowed: format!("1 to {most} diamonds; send the rest in another request"),
    }]
}

fn check_header(header: &csv::StringRecord) -> Result<(), Problem> {
    let fault = |field: &'static str| {
        let message = match header.iter().filter(|column| *column == field).count() {
            0 if FOUR_CS.contains(&field) => "is missing from the CSV header",
            0 | 1 => return None,
            _ => "is in the CSV header twice",
        };
        Some(FieldError {
            field: field.into(),
            value: header.iter().collect::<Vec<_>>().join(","),
            message: message.into(),
            allowed: "a header line with carat, cut, color, clarity and, where measured, depth, table, x, y, z"
                .into(),
        })
    };
    let faults: Vec<FieldError> = DiamondInput::FIELDS.into_iter().filter_map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_diamond_keeps_unknown_fields_aside() {
        let object = Object::parse(
            br#"{"carat":0.7,"cut":"Ideal","color":"G","clarity":"VS1","colour":"G","x":null}"#,
        );
        let described = from_json(&object.unwrap(), Wanted::All).unwrap();
        assert_eq!(described.unknown_fields, ["colour"]);
        assert_eq!(described.diamond.measures.x, None);
    }

    #[test]
    fn csv_rows_are_good_or_bad_one_by_one() {
        let rows =
            from_csv(b"color,carat,clarity,cut,note\nE,0.5,VS1,Ideal,\nQ,0.5,VS1,Ideal,x\n", 9)
                .unwrap();
        assert!(rows[0].is_ok());
        assert_eq!(rows[1].as_ref().unwrap_err()[0].field, "color");
        assert!(
            matches!(from_csv(b"carat,cut\n1,2\n", 9), Err(Problem::Invalid { errors }) if errors.len() == 2)
        );
        assert!(matches!(
            from_csv(b"carat,cut,color,clarity\n1\n", 9),
            Err(Problem::NotParseable { .. })
        ));
        let twice = b"carat,cut,color,clarity,x,x,carat,note,note\n1,Ideal,E,IF,,,1,,\n";
        assert!(
            matches!(from_csv(twice, 9), Err(Problem::Invalid { errors }) if errors.len() == 2)
        );
        let long = b"carat,cut,color,clarity\n1,Ideal,E,IF\n1,Ideal,E,IF\n";
        assert!(matches!(from_csv(long, 1), Err(Problem::Invalid { .. })));
    }
}
