//! `GET /v1/models` and `/v1/models/{id}`: the history of models with their metrics.

use serde::Serialize;

use super::Answer;
use crate::champion::full_id;
use crate::database::Database;
use crate::host::Host;
use crate::problem::Problem;
use crate::store::ModelRow;
use crate::workshop::Workshop;

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
    let no_such = |why| Problem::NoSuchModel { id: wanted.to_owned(), why };
    let full = if wanted == "champion" {
        workshop.store.champion_id().await?.ok_or_else(|| no_such("has not been chosen yet"))?
    } else {
        full_id(wanted, &workshop.store).await?
    };
    let model = workshop.store.model(&full).await?.ok_or_else(|| no_such("is no model"))?;
    Ok(Answer::json(&Model { model, request_id: id.to_owned() }).by(&full))
}
