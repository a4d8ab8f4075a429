//! `trainer promote` and `trainer rollback`: make a model the champion, or the champion's predecessor again.

use anyhow::{Result, bail};
use inference::{ModelId, Predictor};
use serde_json::json;

use super::{Context, Failure, load_some};
use crate::cli::PromoteArgs;
use learning::price_check::{self, MOST_ROWS};
use registry::database::Database;
use registry::{Registry, Rollback};

/// What is said where there is no stone to price.
pub(super) const UNCHECKED: &str =
    "the database has no stones, so nothing was checked; `trainer ingest` adds some";

pub(super) async fn run(context: &Context, args: &PromoteArgs) -> Result<()> {
    let database = Database::open(&context.place).await?;
    let registry = Registry::new(database.connect().await?);
    let id = registry.find(&args.id).await?.id;
    let model = served(&registry, &id).await?;
    let stones = load_some(&database, MOST_ROWS).await?;
    let check = registry::price_check::check(&registry, &id, &model, &stones).await?;
    let objection = match check.rows {
        0 if !price_check::answers_at_all(&model) => {
            Some(String::from("it gives no stone a finite price"))
        }
        _ => check.objection(),
    };
    // A hand is free to do what the gate would not, and the history says which of the two it was.
    let mut reason = format!("{}; no gate decided", args.reason);
    if let Some(objection) = &objection {
        if !args.force {
            bail!(Failure::NotPromoted(format!(
                "{id} was not promoted: {objection}; `--force` promotes it even so"
            )));
        }
        reason += &format!("; forced: {objection}");
    }
    let previous = registry.champion().await?;
    registry.promote(&id, &reason).await?;
    let progress = Context::progress();
    if check.rows == 0 {
        progress.say(UNCHECKED);
    }
    if let Some(objection) = &objection {
        progress.say(&format!("{id} was promoted by --force: {objection}"));
    }
    let document = json!({
        "id": id,
        "promoted": true,
        "previous": previous,
        "reason": reason,
        "check": check.to_json(),
        "forced": objection.is_some(),
    });
    context.print(&document, || match &previous {
        Some(previous) => format!("{id} is the champion now, after {previous}"),
        None => format!("{id} is the first champion"),
    })
}

pub(super) async fn roll_back(context: &Context) -> Result<()> {
    let registry = context.registry().await?;
    if let Some(back) = registry.way_back().await? {
        let model = served(&registry, &back.id).await?;
        if !price_check::answers_at_all(&model) {
            bail!(Failure::NotPromoted(format!(
                "{} gives no stone a finite price; `trainer promote` takes another model",
                back.id
            )));
        }
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

/// The model as services would serve it: its blob is the one that was stored, and decodes. An error before services are
/// told to otherwise.
async fn served(registry: &Registry, id: &str) -> Result<Predictor> {
    let blob = registry.blob(id).await?;
    let problem = match Predictor::from_blob(&blob) {
        _ if ModelId::of(&blob).as_str() != id => {
            String::from("it has changed since it was stored")
        }
        Err(error) => error.to_string(),
        Ok(predictor) => return Ok(predictor),
    };
    bail!(Failure::NotPromoted(format!("the registry's blob of {id} cannot be served: {problem}")))
}
