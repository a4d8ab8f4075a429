//! `GET /v2/models/diamonds` and its `/ready`: what the model takes and gives, and whether it answers.

use ::inference::DiamondInput;
use serde::Serialize;

use super::super::Answer;
use super::MODEL;
use super::output::Output;
use super::server::readiness;
use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::workshop::Workshop;

#[derive(Serialize)]
struct Metadata<'a> {
    name: &'static str,
    /// The champion. Every other id in the registry can be asked too, as `parameters.model`.
    versions: [&'a str; 1],
    platform: &'static str,
    inputs: [Tensor; DiamondInput::FIELDS.len()],
    outputs: Vec<Tensor>,
    parameters: Parameters<'a>,
}

#[derive(Serialize)]
struct Parameters<'a> {
    family: &'a str,
}

/// A tensor as it is announced.
#[derive(Serialize)]
struct Tensor {
    name: &'static str,
    datatype: &'static str,
    /// One dimension, as many as there are diamonds.
    shape: [i8; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Leave>,
}

/// That a tensor may be left out.
#[derive(Serialize)]
struct Leave {
    optional: bool,
}

impl Tensor {
    fn input(name: &'static str) -> Tensor {
        let datatype = if DiamondInput::is_number(name) { "FP64" } else { "BYTES" };
        let optional = !crate::diamonds::FOUR_CS.contains(&name);
        let parameters = optional.then_some(Leave { optional });
        Tensor { name, datatype, shape: [-1], parameters }
    }

    fn output(output: Output) -> Tensor {
        Tensor { name: output.name(), datatype: "FP64", shape: [-1], parameters: None }
    }
}

pub(crate) async fn metadata<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
) -> Result<Answer, Problem> {
    let served = workshop.champion().await?;
    let header = served.predictor.header();
    let answer = Answer::json(&Metadata {
        name: MODEL,
        versions: [&served.id],
        platform: "loupe_blob",
        inputs: DiamondInput::FIELDS.map(Tensor::input),
        outputs: Output::of(served.predictor.header())
            .iter()
            .copied()
            .map(Tensor::output)
            .collect(),
        parameters: Parameters { family: &header.family },
    });
    Ok(answer.by(&served.id))
}

#[derive(Serialize)]
struct Ready {
    name: &'static str,
    ready: bool,
}

pub(crate) async fn ready<D: Database, H: Host>(workshop: &Workshop<D, H>) -> Answer {
    let ready = workshop.champion().await.is_ok();
    readiness(ready, &Ready { name: MODEL, ready })
}
