//! What is asked by `infer`: the price of so many diamonds, of one model.

use ::inference::{Diamond, DiamondInput, FieldError, FieldValue, PriceLists};
use api::FieldErrors;
use api::diamond::FOUR_CS;
use api::field_errors::field_error;
use api::object::kind;
use serde_json::{Map, Value as Json};

use super::member::{list, named, text};
use super::output::Output;
use super::tensor::Tensor;

/// A request's body, parsed.
#[derive(Debug)]
pub(super) struct Question<'a> {
    /// The caller's own name for the request, to be sent back.
    pub(super) id: Option<&'a str>,
    /// The version in the path, or `parameters.model`; `None` for the champion.
    pub(super) model: Option<&'a str>,
    inputs: Vec<DiamondInput<'a>>,
    /// The tensors that are wanted, in this order; empty for all there are.
    pub(super) outputs: Vec<Output>,
}

impl<'a> Question<'a> {
    /// Parses a body; `version` is the one in the path, if there is any. Everything that is wrong is added to `errors`; the
    /// question is of use only if there is none. Members that the protocol does not have, or that say
    /// how and not what, are ignored.
    pub(super) fn parse(
        body: &'a Map<String, Json>,
        version: &'a str,
        errors: &mut FieldErrors,
    ) -> Question<'a> {
        let id = errors.take_one(text("id", body.get("id"))).flatten();
        let model = errors.take_one(model(body.get("parameters"), version)).flatten();
        let tensors = tensors(body.get("inputs"), errors);
        let outputs = outputs(body.get("outputs"), errors);
        Question { id, model, inputs: inputs(tensors), outputs }
    }

    /// The diamonds, for a model that knows these price lists. Everything that is wrong with them is added to `errors`.
    pub(super) fn diamonds(&self, lists: &PriceLists, errors: &mut FieldErrors) -> Vec<Diamond> {
        let parse = |(row, input): (usize, &DiamondInput<'_>)| {
            let in_row = |error: FieldError| FieldError {
                field: format!("{}[{row}]", error.field),
                ..error
            };
            errors.take(input.parse_for(lists).map_err(|refused| refused.into_iter().map(in_row)))
        };
        self.inputs.iter().enumerate().filter_map(parse).collect()
    }
}

/// The model that is asked: the version in the path, which no parameter may contradict, or the parameter.
fn model<'a>(
    parameters: Option<&'a Json>,
    version: &'a str,
) -> Result<Option<&'a str>, FieldError> {
    const FIELD: &str = "parameters.model";
    let parameter = match parameters {
        None | Some(Json::Null) => None,
        Some(Json::Object(parameters)) => text(FIELD, parameters.get("model"))?,
        Some(other) => {
            let allowed = r#"{"model": "the id of a model"}, or none"#;
            return Err(field_error("parameters", kind(other), "must be a JSON object", allowed));
        }
    };
    match parameter {
        None if version.is_empty() => Ok(None),
        None => Ok(Some(version)),
        Some(id) if version.is_empty() || version == id => Ok(Some(id)),
        Some(id) => Err(field_error(FIELD, id, "is not the version in the path", version)),
    }
}

fn tensors<'a>(inputs: Option<&'a Json>, errors: &mut FieldErrors) -> Vec<Tensor<'a>> {
    let inputs = inputs.filter(|inputs| !inputs.is_null());
    let inputs = errors.take_one(list("inputs", inputs, "a list of tensors, one a field"));
    let Some(inputs) = inputs else { return Vec::new() };
    let mut given: Vec<&str> = Vec::new();
    let mut tensors: Vec<Tensor<'a>> = Vec::new();
    for (place, input) in inputs.iter().enumerate() {
        let name = input.get("name").and_then(Json::as_str);
        if let Some(name) = name.filter(|name| given.contains(name)) {
            let field = format!("inputs[{place}].name");
            errors.add([field_error(field, name, "is given twice", "each input once")]);
            continue;
        }
        given.extend(name);
        tensors.extend(Tensor::parse(place, input, errors));
    }
    let missing = FOUR_CS.into_iter().filter(|field| !given.contains(field));
    errors.add(missing.map(|field| {
        let allowed = "a tensor of this name; carat, cut, color and clarity are required";
        field_error(field, "", "is missing from the inputs", allowed)
    }));
    if let Some((first, others)) = tensors.split_first() {
        let rows = first.entries.len();
        let wrong = others.iter().filter(|other| other.entries.len() != rows);
        errors.add(wrong.map(|other| {
            field_error(
                format!("{}.shape", other.name),
                format!("[{}]", other.entries.len()),
                "is of another number of diamonds than the first input",
                format!("[{rows}] or [{rows}, 1], as {} has", first.name),
            )
        }));
    }
    tensors
}

/// From one column a field to one input a diamond. Where a required column is missing or too short a good value stands in,
/// so that what is said of a row is only what is wrong with it; that column's error is known already, so no such stone is
/// ever priced.
fn inputs(tensors: Vec<Tensor<'_>>) -> Vec<DiamondInput<'_>> {
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
    inputs
}

fn outputs(outputs: Option<&Json>, errors: &mut FieldErrors) -> Vec<Output> {
    let Some(outputs) = outputs.filter(|outputs| !outputs.is_null()) else { return Vec::new() };
    let allowed = r#"a list such as [{"name": "price"}], or none for all"#;
    let list = errors.take_one(list("outputs", Some(outputs), allowed)).unwrap_or_default();
    let mut wanted = Vec::new();
    for (place, output) in list.iter().enumerate() {
        let field = format!("outputs[{place}].name");
        let (unknown, allowed) = ("is no output of this model", Output::NAMES);
        let output = named(&field, output.get("name"), Output::named, unknown, allowed);
        match errors.take_one(output) {
            Some(output) if wanted.contains(&output) => {
                errors.add([field_error(field, output.name(), "is given twice", allowed)]);
            }
            output => wanted.extend(output),
        }
    }
    wanted
}
