//! `POST /v2/models/diamonds/infer`: the prices of up to 1,000 diamonds, as tensors.

use serde::Serialize;

use super::super::Answer;
use super::super::predict::{Priced, model_named, price};
use super::output::Output;
use super::question::Question;
use super::{MODEL, wrong};
use crate::database::Database;
use crate::diamonds::{Described, Object};
use crate::host::Host;
use crate::json::Number;
use crate::negotiate::{Media, content_type};
use crate::problem::{Faults, Problem};
use crate::request::Request;
use crate::served::Served;
use crate::workshop::Workshop;

#[derive(Serialize)]
struct Inferred<'a> {
    model_name: &'static str,
    model_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    outputs: Vec<Tensor>,
    parameters: Parameters<'a>,
}

#[derive(Serialize)]
struct Parameters<'a> {
    request_id: &'a str,
}

#[derive(Serialize)]
struct Tensor {
    name: &'static str,
    datatype: &'static str,
    shape: [usize; 1],
    data: Vec<Number>,
}

impl Tensor {
    fn of(output: Output, priced: &[Priced]) -> Tensor {
        let figure = |priced: &Priced| match output {
            Output::Price => Some(priced.price),
            Output::Low => priced.range.as_ref().map(|range| range.low),
            Output::High => priced.range.as_ref().map(|range| range.high),
        };
        let data: Vec<Number> = priced.iter().filter_map(figure).collect();
        Tensor { name: output.name(), datatype: "FP64", shape: [data.len()], data }
    }
}

pub(crate) async fn answer<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    request: &Request,
    id: &str,
) -> Result<Answer, Problem> {
    content_type(request, &[Media::Json], "application/json")?;
    let object = Object::parse(&request.body.kept)?;
    let mut faults = Faults::default();
    faults.add(object.faults());
    let question = faults.take(Question::parse(&object));
    let Some(question) = question else { return Err(faults.into_errors().into()) };
    faults.check()?;
    let served = model_named(workshop, question.model).await?;
    let outputs = outputs(&question, &served)?;
    let priced = question
        .diamonds
        .into_iter()
        .map(|diamond| price(&served, &Described::from(diamond), None))
        .collect::<Result<Vec<_>, _>>()?;
    let answer = Answer::json(&Inferred {
        model_name: MODEL,
        model_version: &served.id,
        id: question.id,
        outputs: outputs.into_iter().map(|output| Tensor::of(output, &priced)).collect(),
        parameters: Parameters { request_id: id },
    });
    Ok(answer.by(&served.id))
}

/// The outputs that were asked for, all of which the model must have.
fn outputs(question: &Question<'_>, served: &Served) -> Result<Vec<Output>, Problem> {
    let there = Output::of(served.predictor.header());
    if question.outputs.is_empty() {
        return Ok(there.to_vec());
    }
    let missing: Vec<_> = question
        .outputs
        .iter()
        .enumerate()
        .filter(|(_, output)| !there.contains(output))
        .map(|(place, output)| {
            let names: Vec<_> = there.iter().map(|output| output.name()).collect();
            let message = "is not known to this model, which has no range";
            wrong(format!("outputs[{place}].name"), output.name(), message, names.join(", "))
        })
        .collect();
    if missing.is_empty() { Ok(question.outputs.clone()) } else { Err(missing.into()) }
}
