//! What is asked by `infer`: the price of so many diamonds, of one model.

use ::inference::{Diamond, DiamondInput, FieldError, FieldValue};
use serde_json::{Map, Value as Json};

use super::output::Output;
use super::tensor::Tensor;
use api::diamond::FOUR_CS;
use api::field_errors::field_error;
use api::object::kind;

/// A request's body, believed.
#[derive(Debug)]
pub(super) struct Question<'a> {
    /// The caller's own name for the request, to be sent back.
    pub(super) id: Option<&'a str>,
    /// `parameters.model`; `None` for the champion.
    pub(super) model: Option<&'a str>,
    pub(super) diamonds: Vec<Diamond>,
    /// The tensors that are wanted, in this order; empty for all there are.
    pub(super) outputs: Vec<Output>,
}

impl<'a> Question<'a> {
    /// Believes a request, or says everything that is wrong with it at once. Members that the protocol does not have, or
    /// that say how and not what, are passed over.
    pub(super) fn parse(body: &'a Map<String, Json>) -> Result<Question<'a>, Vec<FieldError>> {
        let mut errors = Vec::new();
        let id = text("id", body.get("id"), &mut errors);
        let model = model(body.get("parameters"), &mut errors);
        let tensors = tensors(body.get("inputs"), &mut errors);
        let diamonds = diamonds(tensors, &mut errors);
        let outputs = outputs(body.get("outputs"), &mut errors);
        if errors.is_empty() { Ok(Question { id, model, diamonds, outputs }) } else { Err(errors) }
    }
}

/// A member that is a text, if it is there.
fn text<'a>(field: &str, value: Option<&'a Json>, errors: &mut Vec<FieldError>) -> Option<&'a str> {
    match value? {
        Json::Null => None,
        Json::String(text) => Some(text),
        other => {
            errors.push(field_error(
                field,
                other.to_string(),
                "must be a text",
                "any text, or none",
            ));
            None
        }
    }
}

fn model<'a>(parameters: Option<&'a Json>, errors: &mut Vec<FieldError>) -> Option<&'a str> {
    match parameters? {
        Json::Null => None,
        Json::Object(parameters) => text("parameters.model", parameters.get("model"), errors),
        other => {
            let allowed = r#"{"model": "the id of a model"}, or none"#;
            errors.push(field_error("parameters", kind(other), "must be a JSON object", allowed));
            None
        }
    }
}

fn tensors<'a>(inputs: Option<&'a Json>, errors: &mut Vec<FieldError>) -> Vec<Tensor<'a>> {
    let inputs = match inputs {
        Some(Json::Array(inputs)) => inputs,
        missing_or_other => {
            let (value, message) = match missing_or_other {
                None | Some(Json::Null) => ("", "is required"),
                Some(other) => (kind(other), "must be a list"),
            };
            errors.push(field_error("inputs", value, message, "a list of tensors, one a field"));
            return Vec::new();
        }
    };
    let mut given: Vec<&str> = Vec::new();
    let mut tensors: Vec<Tensor<'a>> = Vec::new();
    for (place, input) in inputs.iter().enumerate() {
        let name = input.get("name").and_then(Json::as_str);
        if let Some(name) = name.filter(|name| given.contains(name)) {
            let field = format!("inputs[{place}].name");
            errors.push(field_error(field, name, "is given twice", "each input once"));
            continue;
        }
        given.extend(name);
        tensors.extend(Tensor::parse(place, input, errors));
    }
    for required in FOUR_CS.into_iter().filter(|field| !given.contains(field)) {
        let allowed = "a tensor of this name; carat, cut, color and clarity are required";
        errors.push(field_error(required, "", "is missing from the inputs", allowed));
    }
    if let Some((first, others)) = tensors.split_first() {
        for other in others.iter().filter(|other| other.entries.len() != first.entries.len()) {
            errors.push(field_error(
                format!("{}.shape", other.name),
                format!("[{}]", other.entries.len()),
                "is of another number of diamonds than the first input",
                format!("[{0}] or [{0}, 1], as {1} has", first.entries.len(), first.name),
            ));
        }
    }
    tensors
}

/// The diamonds, from one column a field to one input a diamond. Where a required column is missing or too short a good
/// value stands in, so that what is said of a row is only what is wrong with it; that column's error is among `errors`
/// already, so no such stone is ever priced.
fn diamonds(tensors: Vec<Tensor<'_>>, errors: &mut Vec<FieldError>) -> Vec<Diamond> {
    let stand_in = DiamondInput {
        carat: FieldValue::Number(1.0),
        cut: FieldValue::Text("Ideal"),
        color: FieldValue::Text("G"),
        clarity: FieldValue::Text("VS1"),
        ..DiamondInput::default()
    };
    let rows = tensors.iter().map(|tensor| tensor.entries.len()).max().unwrap_or(0);
    let mut inputs = vec![stand_in; rows];
    for Tensor { name, entries } in tensors {
        for (input, entry) in inputs.iter_mut().zip(entries) {
            if let Some(field) = input.value_mut(name) {
                *field = entry;
            }
        }
    }
    let mut diamonds = Vec::with_capacity(rows);
    for (row, input) in inputs.iter().enumerate() {
        match input.parse() {
            Ok(diamond) => diamonds.push(diamond),
            Err(refused) => errors.extend(
                refused
                    .into_iter()
                    .map(|error| FieldError { field: format!("{}[{row}]", error.field), ..error }),
            ),
        }
    }
    diamonds
}

fn outputs(outputs: Option<&Json>, errors: &mut Vec<FieldError>) -> Vec<Output> {
    let list = match outputs {
        None | Some(Json::Null) => return Vec::new(),
        Some(Json::Array(list)) => list,
        Some(other) => {
            let allowed = r#"a list such as [{"name": "price"}], or none for all"#;
            errors.push(field_error("outputs", kind(other), "must be a list", allowed));
            return Vec::new();
        }
    };
    let mut wanted = Vec::new();
    for (place, output) in list.iter().enumerate() {
        let name = output.get("name");
        let known = name.and_then(Json::as_str).and_then(Output::named);
        let message = match (known, name) {
            (Some(known), _) if !wanted.contains(&known) => {
                wanted.push(known);
                continue;
            }
            (Some(_), _) => "is given twice",
            (None, Some(Json::String(_))) => "is no output of this model",
            (None, Some(_)) => "must be a text",
            (None, None) => "is required",
        };
        let value = match name {
            Some(Json::String(name)) => name.clone(),
            other => other.map(Json::to_string).unwrap_or_default(),
        };
        errors.push(field_error(format!("outputs[{place}].name"), value, message, Output::NAMES));
    }
    wanted
}
