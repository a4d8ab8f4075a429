//! `GET /v1/models`, `/v1/models/{id}` and `/v1/models/{id}/blob`: the history of models with their metrics, and what each
//! of them is.

use inference::{PriceLists, PricesIn};
use serde::Serialize;

use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::response::{Answer, RouteResponse, etag};
use crate::state::Call;
use crate::store::ModelRow;

/// The type of a blob.
pub(super) const BLOB: &str = "application/octet-stream";

#[derive(Serialize)]
struct Models {
    /// The model that answers now.
    serving: Option<Serving>,
    /// The registry's champion.
    champion: Option<String>,
    models: Vec<ModelRow>,
    request_id: String,
}

#[derive(Serialize)]
struct Serving {
    id: String,
    family: String,
    prices_in: Option<PricesIn>,
    price_lists: PriceLists,
    /// Whether it was deployed with the service and is not from the registry, which has none yet or cannot be read.
    released: bool,
    /// Why the registry's champion is not in service.
    #[serde(rename = "trouble")]
    last_error: Option<String>,
}

#[derive(Serialize)]
struct Model {
    #[serde(flatten)]
    model: ModelRow,
    request_id: String,
}

pub(super) async fn all<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    let models = call.state.store.models().await?;
    let serving = call.state.champion().await.ok().map(|loaded| Serving {
        id: loaded.id.clone(),
        family: loaded.predictor.header().family.clone(),
        prices_in: loaded.predictor.header().prices_in,
        price_lists: loaded.predictor.price_lists(),
        released: !models.iter().any(|model| model.id == loaded.id),
        last_error: call.state.models.last_error(),
    });
    let champion = models.iter().find(|model| model.champion).map(|model| model.id.clone());
    let request_id = call.id.to_owned();
    Ok(RouteResponse::json(&Models { serving, champion, models, request_id }))
}

pub(super) async fn one<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    let full = call.state.full_id(call.segment).await?;
    let model = call.state.store.model(&full).await?.ok_or_else(|| no_model(call.segment))?;
    Ok(RouteResponse::json(&Model { model, request_id: call.id.to_owned() }).by(&full))
}

/// For callers that price by the same model elsewhere: a browser, a device without a network.
pub(super) async fn blob<D: Database, H: Host>(call: Call<'_, D, H>) -> Answer {
    let full = call.state.full_id(call.segment).await?;
    let blob = call.state.store.blob(&full).await?.ok_or_else(|| no_model(call.segment))?;
    let etag = Some(etag(&blob));
    // Which model an id or its beginning stands for may change, though rarely.
    Ok(RouteResponse { etag, cache: "no-cache", ..RouteResponse::of(BLOB, blob) }.by(&full))
}

fn no_model(id: &str) -> Problem {
    Problem::no_such_model(id, "is no model")
}
