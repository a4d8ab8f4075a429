//! `GET /v2/models/diamonds` and its `/ready`: the model's inputs and outputs, and whether it is in service.

use ::inference::DiamondInput;
use serde::Serialize;

use super::output::{MODEL, Output};
use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::request::RouteRequest;
use crate::response::RouteResponse;
use crate::state::State;

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

/// Says that a tensor may be left out.
#[derive(Serialize)]
struct Leave {
    optional: bool,
}

impl Tensor {
    fn input(name: &'static str) -> Tensor {
        let datatype = if DiamondInput::is_number(name) { "FP64" } else { "BYTES" };
        let optional = !api::diamond::FOUR_CS.contains(&name);
        let parameters = optional.then_some(Leave { optional });
        Tensor { name, datatype, shape: [-1], parameters }
    }

    fn output(output: Output) -> Tensor {
        Tensor { name: output.name(), datatype: "FP64", shape: [-1], parameters: None }
    }
}

pub(crate) async fn metadata<D: Database, H: Host>(
    state: &State<D, H>,
    _: RouteRequest<'_>,
) -> Result<RouteResponse, Problem> {
    let loaded = state.champion().await?;
    let header = loaded.predictor.header();
    let answer = RouteResponse::json(&Metadata {
        name: MODEL,
        versions: [&loaded.id],
        platform: "loupe_blob",
        inputs: DiamondInput::FIELDS.map(Tensor::input),
        outputs: Output::of(loaded.predictor.header())
            .iter()
            .copied()
            .map(Tensor::output)
            .collect(),
        parameters: Parameters { family: &header.family },
    });
    Ok(answer.by(&loaded.id))
}

#[derive(Serialize)]
struct Ready {
    name: &'static str,
    ready: bool,
}

pub(crate) async fn ready<D: Database, H: Host>(
    state: &State<D, H>,
    _: RouteRequest<'_>,
) -> Result<RouteResponse, Problem> {
    let ready = state.champion().await.is_ok();
    Ok(RouteResponse::readiness(ready, &Ready { name: MODEL, ready }))
}
