//! `GET /v2/models/diamonds` and its `/ready`, also below `/versions/{id}`: a model's inputs and outputs, and whether it
//! can answer.

use ::inference::DiamondInput;
use api::diamond::FOUR_CS;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::output::{MODEL, Output};
use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::response::{Answer, RouteResponse};
use crate::state::Call;

#[derive(Serialize)]
struct Metadata<'a> {
    name: &'static str,
    /// The champion, or the model of the path. Every other id in the registry can be asked too, as a version in the path
    /// or as `parameters.model`.
    versions: [&'a str; 1],
    platform: &'static str,
    inputs: [Tensor; DiamondInput::FIELDS.len()],
    outputs: Vec<Tensor>,
    parameters: Json,
}

/// A tensor as it is announced.
#[derive(Serialize)]
struct Tensor {
    name: &'static str,
    datatype: &'static str,
    /// One dimension, as many as there are diamonds.
    shape: [i8; 1],
    /// Says that the tensor may be left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Json>,
}

impl Tensor {
    fn input(name: &'static str) -> Tensor {
        let datatype = if DiamondInput::is_number(name) { "FP64" } else { "BYTES" };
        let parameters = (!FOUR_CS.contains(&name)).then(|| json!({"optional": true}));
        Tensor { name, datatype, shape: [-1], parameters }
    }

    fn output(output: &Output) -> Tensor {
        Tensor { name: output.name(), datatype: "FP64", shape: [-1], parameters: None }
    }
}

pub(crate) async fn metadata<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    let loaded = call.state.model(Some(call.segment)).await?;
    let header = loaded.predictor.header();
    let answer = RouteResponse::json(&Metadata {
        name: MODEL,
        versions: [&loaded.id],
        platform: "loupe_blob",
        inputs: DiamondInput::FIELDS.map(Tensor::input),
        outputs: Output::of(header).iter().map(Tensor::output).collect(),
        parameters: json!({"family": header.family}),
    });
    Ok(answer.by(&loaded.id))
}

pub(crate) async fn ready<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    let ready = match call.state.model(Some(call.segment)).await {
        Ok(_) => true,
        Err(problem @ Problem::NoSuchModel { .. }) => return Err(problem),
        Err(_) => false,
    };
    Ok(RouteResponse::readiness(ready, &json!({"name": MODEL, "ready": ready})))
}
