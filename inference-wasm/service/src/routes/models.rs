//! `GET /v1/models`, `/v1/models/{id}` and `/v1/models/{id}/blob`: the history of models with their metrics, and what each
//! of them is.

use serde::Serialize;

use super::{Answer, page};
use crate::champion::full_id;
use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::store::ModelRow;
use crate::workshop::Workshop;

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
    /// Whether it was deployed with the service and is not from the registry, which has none yet or cannot be read.
    released: bool,
    /// Why it is not the registry's champion, if it is not.
    trouble: Option<String>,
}

#[derive(Serialize)]
struct Model {
    #[serde(flatten)]
    model: ModelRow,
    request_id: String,
}

pub(super) async fn all<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    id: &str,
) -> Result<Answer, Problem> {
    let models = workshop.store.models().await?;
    let serving = workshop.champion().await.ok().map(|served| Serving {
        id: served.id.clone(),
        family: served.predictor.header().family.clone(),
        released: !models.iter().any(|model| model.id == served.id),
        trouble: workshop.champion.trouble(),
    });
    let champion = models.iter().find(|model| model.champion).map(|model| model.id.clone());
    Ok(Answer::json(&Models { serving, champion, models, request_id: id.to_owned() }))
}

pub(super) async fn one<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    wanted: &str,
    id: &str,
) -> Result<Answer, Problem> {
    let full = full(workshop, wanted).await?;
    let model = workshop.store.model(&full).await?.ok_or_else(|| no_model(wanted))?;
    Ok(Answer::json(&Model { model, request_id: id.to_owned() }).by(&full))
}

/// For whoever prices by the same model elsewhere: a browser, a device without a network.
pub(super) async fn blob<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    wanted: &str,
) -> Result<Answer, Problem> {
    let full = full(workshop, wanted).await?;
    let blob = workshop.store.blob(&full).await?.ok_or_else(|| no_model(wanted))?;
    let etag = Some(page::etag(&blob));
    // Which model an id or its beginning stands for may change, if seldom.
    Ok(Answer { etag, cache: Some("no-cache"), ..Answer::of(BLOB, blob) }.by(&full))
}

async fn full<D: Database, H: Host>(
    workshop: &Workshop<D, H>,
    wanted: &str,
) -> Result<String, Problem> {
    if wanted != "champion" {
        return full_id(wanted, &workshop.store).await;
    }
    let champion = workshop.store.champion_id().await?;
    champion.ok_or_else(|| Problem::NoSuchModel {
        id: wanted.to_owned(),
        why: "has not been chosen yet",
    })
}

fn no_model(wanted: &str) -> Problem {
    Problem::NoSuchModel { id: wanted.to_owned(), why: "is no model" }
}
