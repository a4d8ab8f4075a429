//! An input tensor: one field of every diamond.

use ::inference::{DiamondInput, FieldError, FieldValue};
use serde_json::{Map, Value as Json};

use super::datatype::Datatype;
use api::field_errors::field_error;
use api::object::kind;

/// How many diamonds one request may hold.
pub(super) const MAX_DIAMONDS: usize = 1_000;

/// A field of a diamond, and its value for each of them.
#[derive(Debug)]
pub(super) struct Tensor<'a> {
    pub(super) name: &'static str,
    pub(super) entries: Vec<FieldValue<'a>>,
}

impl<'a> Tensor<'a> {
    /// Parses one of a request's `inputs`, of which it is number `place`. What is wrong with it is added to `errors`.
    pub(super) fn parse(
        place: usize,
        input: &'a Json,
        errors: &mut Vec<FieldError>,
    ) -> Option<Tensor<'a>> {
        let Json::Object(input) = input else {
            let allowed = r#"{"name": …, "shape": …, "datatype": …, "data": …}"#;
            let field = format!("inputs[{place}]");
            errors.push(field_error(field, kind(input), "must be a JSON object", allowed));
            return None;
        };
        let name = match input.get("name") {
            Some(Json::String(name)) => {
                DiamondInput::FIELDS.into_iter().find(|field| field == name)
            }
            _ => None,
        };
        let Some(name) = name else {
            errors.push(no_input(place, input.get("name")));
            return None;
        };
        let datatype = datatype(name, input).map_err(|error| errors.push(error)).ok();
        let rows = rows(name, input).map_err(|error| errors.push(error)).ok();
        let data = data(name, input).map_err(|error| errors.push(error)).ok();
        let (datatype, (rows, is_matrix), data) = (datatype?, rows?, data?);
        if data.len() != rows {
            errors.push(field_error(
                format!("{name}.data"),
                count(data.len()),
                "has another length than its shape says",
                count(rows),
            ));
            return None;
        }
        let entries = data.iter().enumerate().map(|(row, element)| {
            let element = if is_matrix { only(element) } else { element };
            datatype.entry(|| format!("{name}[{row}]"), element)
        });
        // All of them are read, so that all that is wrong is said.
        let mut good = Vec::with_capacity(rows);
        for entry in entries {
            match entry {
                Ok(entry) => good.push(entry),
                Err(error) => errors.push(error),
            }
        }
        (good.len() == rows).then_some(Tensor { name, entries: good })
    }
}

/// How many values there are, for people.
fn count(values: usize) -> String {
    if values == 1 { "1 value".into() } else { format!("{values} values") }
}

/// The element of a row of one element. Data may be nested as the shape is, or flat.
fn only(element: &Json) -> &Json {
    match element.as_array().map(Vec::as_slice) {
        Some([only]) => only,
        _ => element,
    }
}

fn no_input(place: usize, name: Option<&Json>) -> FieldError {
    let (value, message) = match name {
        None => (String::new(), "is required"),
        Some(Json::String(name)) => (name.clone(), "is no input of this model"),
        Some(other) => (other.to_string(), "must be a text"),
    };
    field_error(format!("inputs[{place}].name"), value, message, DiamondInput::FIELDS.join(", "))
}

fn datatype(name: &str, input: &Map<String, Json>) -> Result<Datatype, FieldError> {
    let refused = |value: String, message: &str| {
        let allowed = Datatype::allowed(DiamondInput::is_number(name));
        field_error(format!("{name}.datatype"), value, message, allowed)
    };
    match input.get("datatype") {
        None => Err(refused(String::new(), "is required")),
        Some(Json::String(written)) => Datatype::named(written)
            .filter(|datatype| datatype.is_number() == DiamondInput::is_number(name))
            .ok_or_else(|| refused(written.clone(), "is no datatype of this input")),
        Some(other) => Err(refused(other.to_string(), "must be a text")),
    }
}

/// How many diamonds the shape says there are, and whether it has a second dimension, of one.
fn rows(name: &str, input: &Map<String, Json>) -> Result<(usize, bool), FieldError> {
    let refused = |value: String, message: &str| {
        let allowed = format!("[n] or [n, 1], n from 1 to {MAX_DIAMONDS}");
        field_error(format!("{name}.shape"), value, message, allowed)
    };
    let Some(shape) = input.get("shape") else {
        return Err(refused(String::new(), "is required"));
    };
    let dimensions = shape.as_array().map(Vec::as_slice);
    let (rows, is_matrix) = match dimensions {
        Some([rows]) => (rows, false),
        Some([rows, one]) if one.as_u64() == Some(1) => (rows, true),
        _ => return Err(refused(shape.to_string(), "is no shape of this input")),
    };
    rows.as_u64()
        .and_then(|rows| usize::try_from(rows).ok())
        .filter(|rows| (1..=MAX_DIAMONDS).contains(rows))
        .map(|rows| (rows, is_matrix))
        .ok_or_else(|| refused(shape.to_string(), "is no shape of this input"))
}

fn data<'a>(name: &str, input: &'a Map<String, Json>) -> Result<&'a [Json], FieldError> {
    let refused = |value: &str, message: &str| {
        field_error(
            format!("{name}.data"),
            value,
            message,
            "a list of as many values as shape says",
        )
    };
    match input.get("data") {
        None => Err(refused("", "is required")),
        Some(Json::Array(data)) => Ok(data),
        Some(other) => Err(refused(kind(other), "must be a list")),
    }
}
