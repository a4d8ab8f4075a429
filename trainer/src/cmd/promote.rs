//! `trainer promote` and `trainer rollback`: make a model the champion, or the champion's predecessor again.

use anyhow::{Result, bail};
use inference::{ModelId, Predictor};
use serde_json::json;

use super::{Context, Failure};
use registry::{Registry, Rollback};

pub(super) async fn run(context: &Context, id: &str, reason: &str) -> Result<()> {
    let registry = context.registry().await?;
    let id = registry.find(id).await?.id;
    check(&registry, &id).await?;
    let previous = registry.champion().await?;
    // A hand is free to do what the gate would not, and the history says which of the two it was.
    let reason = format!("{reason}; no gate decided");
    registry.promote(&id, &reason).await?;
    let document = json!({ "id": id, "promoted": true, "previous": previous, "reason": reason });
    context.print(&document, || match &previous {
        Some(previous) => format!("{id} is the champion now, after {previous}"),
        None => format!("{id} is the first champion"),
    })
}

pub(super) async fn roll_back(context: &Context) -> Result<()> {
    let registry = context.registry().await?;
    if let Some(back) = registry.way_back().await? {
        check(&registry, &back.id).await?;
    }
    let Rollback { id, from, passed_over } = registry.rollback().await?;
    let document =
        json!({ "id": id, "promoted": true, "previous": from, "passed_over": passed_over });
    context.print(&document, || {
        let mut text = format!("{id} is the champion again, instead of {from}");
        if !passed_over.is_empty() {
            text += "; passed over, because their models were removed: ";
            text += &passed_over.join(", ");
        }
        text
    })
}

/// Checks that a model can be served before services are told to: its blob is the one that was stored, and decodes.
async fn check(registry: &Registry, id: &str) -> Result<()> {
    let blob = registry.blob(id).await?;
    let problem = match Predictor::from_blob(&blob) {
        _ if ModelId::of(&blob).as_str() != id => {
            String::from("it has changed since it was stored")
        }
        Err(error) => error.to_string(),
        Ok(_) => return Ok(()),
    };
    bail!(Failure::NotPromoted(format!("the registry's blob of {id} cannot be served: {problem}")))
}
