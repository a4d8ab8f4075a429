//! An input tensor: one field of every diamond.

use ::inference::{DiamondInput, FieldError, FieldValue};
use api::FieldErrors;
use api::field_errors::field_error;
use api::object::kind;
use serde_json::{Map, Value as Json};

use super::datatype::Datatype;
use super::member::{list, named};

/// How many diamonds one request may hold.
const MAX_DIAMONDS: usize = 1_000;

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
        errors: &mut FieldErrors,
    ) -> Option<Tensor<'a>> {
        let field = format!("inputs[{place}]");
        let Json::Object(input) = input else {
            let allowed = r#"{"name": …, "shape": …, "datatype": …, "data": …}"#;
            errors.add([field_error(field, kind(input), "must be a JSON object", allowed)]);
            return None;
        };
        let name = errors.take_one(named(
            &format!("{field}.name"),
            input.get("name"),
            |name| DiamondInput::FIELDS.into_iter().find(|field| *field == name),
            "is no input of this model",
            &DiamondInput::FIELDS.join(", "),
        ))?;
        let datatype = errors.take_one(named(
            &format!("{name}.datatype"),
            input.get("datatype"),
            |datatype| Datatype::of(name, datatype),
            "is no datatype of this input",
            &Datatype::allowed(name),
        ));
        let shape = errors.take_one(shape(name, input));
        let field = format!("{name}.data");
        let allowed = "a list of as many values as shape says";
        let data = errors.take_one(list(&field, input.get("data"), allowed));
        let (datatype, (rows, is_matrix), data) = (datatype?, shape?, data?);
        if data.len() != rows {
            let message = "has another length than its shape says";
            errors.add([field_error(field, values(data.len()), message, values(rows))]);
            return None;
        }
        // All of them are read, so that all that is wrong is said.
        let entry = |(row, element)| {
            let element = if is_matrix { only(element) } else { element };
            errors.take_one(datatype.entry(|| format!("{name}[{row}]"), element))
        };
        let entries: Vec<_> = data.iter().enumerate().filter_map(entry).collect();
        (entries.len() == rows).then_some(Tensor { name, entries })
    }
}

/// How many values there are, for people.
fn values(count: usize) -> String {
    if count == 1 { "1 value".into() } else { format!("{count} values") }
}

/// The element of a row of one element. Data may be nested as the shape is, or flat.
fn only(element: &Json) -> &Json {
    match element.as_array().map(Vec::as_slice) {
        Some([only]) => only,
        _ => element,
    }
}

/// How many diamonds the shape says there are, and whether it has a second dimension, of one.
fn shape(name: &str, input: &Map<String, Json>) -> Result<(usize, bool), FieldError> {
    let refused = |value: String, message: &str| {
        let allowed = format!("[n] or [n, 1], n from 1 to {MAX_DIAMONDS}");
        field_error(format!("{name}.shape"), value, message, allowed)
    };
    let shape = input.get("shape").ok_or_else(|| refused(String::new(), "is required"))?;
    let (rows, is_matrix) = match shape.as_array().map(Vec::as_slice) {
        Some([rows]) => (rows.as_u64(), false),
        Some([rows, one]) if one.as_u64() == Some(1) => (rows.as_u64(), true),
        _ => (None, false),
    };
    let rows = rows.and_then(|rows| usize::try_from(rows).ok());
    match rows.filter(|rows| (1..=MAX_DIAMONDS).contains(rows)) {
        Some(rows) => Ok((rows, is_matrix)),
        None => Err(refused(shape.to_string(), "is no shape of this input")),
    }
}
