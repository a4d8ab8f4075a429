//! `POST /v2/models/diamonds/infer`, also below `/versions/{id}`: the prices of up to 1,000 diamonds, as tensors.

use api::field_errors::field_error;
use api::{FieldErrors, Number, Object, ParsedDiamond, Prediction, Query};
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::super::predict::{price, price_lists};
use super::output::{MODEL, Output};
use super::question::Question;
use crate::database::Database;
use crate::host::Host;
use crate::loaded_model::LoadedModel;
use crate::negotiate::{JSON, content_type};
use crate::problem::Problem;
use crate::response::{Answer, RouteResponse};
use crate::state::Call;

#[derive(Serialize)]
struct Inferred<'a> {
    model_name: &'static str,
    model_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    outputs: Vec<Tensor>,
    parameters: Json,
}

#[derive(Serialize)]
struct Tensor {
    name: &'static str,
    datatype: &'static str,
    shape: [usize; 1],
    data: Vec<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Json>,
}

impl Tensor {
    fn of(output: Output, predictions: &[Prediction]) -> Tensor {
        let figure = |prediction: &Prediction| match output {
            Output::Price => Some(prediction.price),
            Output::Low => prediction.range.as_ref().map(|range| range.low),
            Output::High => prediction.range.as_ref().map(|range| range.high),
        };
        let data: Vec<Number> = predictions.iter().filter_map(figure).collect();
        let parameters = None;
        Tensor { name: output.name(), datatype: "FP64", shape: [data.len()], data, parameters }
    }
}

pub(crate) async fn infer<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    content_type(call.request, &[JSON])?;
    let object = Object::parse(&call.request.body.kept)?;
    let mut errors = FieldErrors::default();
    errors.add(Query::parse(call.request.query.as_deref()).errors(&[]));
    errors.add(object.errors());
    let question = Question::parse(&object, call.segment, &mut errors);
    let loaded = call.state.model(question.model).await;
    let diamonds = question.diamonds(&price_lists(&loaded), &mut errors);
    errors.check()?;
    let loaded = loaded?;
    let outputs = outputs(&question, &loaded)?;
    let predictions = diamonds
        .into_iter()
        .map(|diamond| price(&loaded, &ParsedDiamond::from(diamond), None))
        .collect::<Result<Vec<_>, _>>()?;
    let mut tensors: Vec<_> =
        outputs.into_iter().map(|output| Tensor::of(output, &predictions)).collect();
    if let Some(first) = tensors.first_mut() {
        first.parameters = warnings(&predictions);
    }
    let answer = RouteResponse::json(&Inferred {
        model_name: MODEL,
        model_version: &loaded.id,
        id: question.id,
        outputs: tensors,
        parameters: json!({"request_id": call.id}),
    });
    Ok(answer.by(&loaded.id))
}

/// The warnings of every diamond in order, as JSON in a text: a parameter is a text, a number or a boolean in this
/// protocol. `None` where there are none.
fn warnings(predictions: &[Prediction]) -> Option<Json> {
    let warnings: Vec<_> = predictions.iter().map(|prediction| &prediction.warnings).collect();
    let is_warned = warnings.iter().any(|warnings| !warnings.is_empty());
    is_warned.then(|| json!({"warnings": json!(warnings).to_string()}))
}

/// The outputs that were asked for, all of which the model must have.
fn outputs(question: &Question<'_>, loaded: &LoadedModel) -> Result<Vec<Output>, Problem> {
    let there = Output::of(loaded.predictor.header());
    if question.outputs.is_empty() {
        return Ok(there.to_vec());
    }
    let mut errors = FieldErrors::default();
    for (place, output) in question.outputs.iter().enumerate() {
        if !there.contains(output) {
            let names: Vec<_> = there.iter().map(|output| output.name()).collect();
            let field = format!("outputs[{place}].name");
            let message = "is not known to this model, which has no range";
            errors.add([field_error(field, output.name(), message, names.join(", "))]);
        }
    }
    errors.check()?;
    Ok(question.outputs.clone())
}
