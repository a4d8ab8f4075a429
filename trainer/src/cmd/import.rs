//! `trainer import`: registers a model that XGBoost saved.

use std::time::Instant;

use anyhow::{Result, bail};
use inference::{Encoder, Form, Header, Link, Model, ModelId, Predictor, blob};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use xgboost_model::{Booster, Target};

use super::promote::UNCHECKED;
use super::{Context, Failure, blob_json, load_some};
use crate::cli::{ImportArgs, ImportTarget};
use data::stone::hex;
use learning::price_check::{MOST_ROWS, PriceCheck};
use registry::database::Database;
use registry::{Entry, Registration, Registry};

/// What the registry calls the family, for a model trained anywhere.
const FAMILY: &str = "xgboost";

pub(super) async fn run(context: &Context, args: &ImportArgs) -> Result<()> {
    let started = Instant::now();
    let refused = |error: &dyn std::fmt::Display| {
        Failure::BadInput(format!("{}: {error}", args.file.display()))
    };
    // The file first: where it is no model, nothing has been made or migrated yet.
    let bytes = std::fs::read(&args.file).map_err(|error| refused(&error))?;
    let booster = xgboost_model::read(&bytes).map_err(|error| refused(&error))?;
    let link = booster.objective.link(args.target.into()).map_err(|error| refused(&error))?;
    let mut params = params(args, &bytes, &booster);
    let mut notes: Vec<String> = booster.notes.iter().map(ToString::to_string).collect();
    let database = Database::open_or_make(&context.place).await?;
    let registry = Registry::new(database.connect().await?);
    let stones = load_some(&database, MOST_ROWS).await?;
    let model = model(booster, link);
    let blob = blob::encode(&model).map_err(|error| refused(&error))?;
    let (id, model) = (ModelId::of(&blob), Predictor::new(model));
    let check = registry::price_check::check(&registry, id.as_str(), &model, &stones).await?;
    let objection = check.objection();
    params["check"] = check.to_json();
    params["forced"] = json!(objection.is_some());
    match objection {
        Some(objection) if args.force => {
            notes.push(format!("it was registered by --force: {objection}"));
        }
        Some(objection) => bail!(Failure::NotImported(format!(
            "{}: {objection}; nothing was registered; `--force` registers it even so",
            args.file.display()
        ))),
        None if check.rows == 0 => notes.push(String::from(UNCHECKED)),
        None => {}
    }
    let registration = Registration {
        family: String::from(FAMILY),
        name: args.name.clone(),
        params,
        metrics: json!({ "train": null, "holdout": null, "cv": null }),
        dataset_sha256: None,
        split_sha256: None,
        seed: None,
        blob_sha256: hex(&Sha256::digest(&blob)),
        nodes: model.nodes(),
        seconds: started.elapsed().as_secs_f64(),
        exact_blob: None,
        blob,
    };
    let added = registry.add(&registration).await?;
    let entry = registry.find(id.as_str()).await?;
    let progress = Context::progress();
    for note in &notes {
        progress.say(&format!("{}: {note}", args.file.display()));
    }
    let document = document(&entry, added, link, &notes, &check);
    context.print(&document, || describe(&entry, added))
}

/// The model as it is served. It was never measured here, so it has no scores, no range and no domain.
fn model(booster: Booster, link: Link) -> Model {
    // XGBoost learnt its own way of going without a measure.
    let header = Header::new(FAMILY, Encoder::Passthrough, link);
    Model { header, form: Form::Trees(booster.trees) }
}

/// What the registry keeps of where the model comes from.
fn params(args: &ImportArgs, bytes: &[u8], booster: &Booster) -> Value {
    json!({
        "imported_from": args.file.file_name().map(|name| name.to_string_lossy()),
        "file_sha256": hex(&Sha256::digest(bytes)),
        "xgboost": booster.version,
        "objective": booster.objective.name,
        "target": match args.target {
            ImportTarget::LogPrice => "log price",
            ImportTarget::Price => "price",
        },
        "trees": booster.trees.roots().len(),
        "feature_names": booster.feature_names,
    })
}

fn document(entry: &Entry, added: bool, link: Link, notes: &[String], check: &PriceCheck) -> Value {
    json!({
        "id": entry.id,
        "added": added,
        "family": entry.family,
        "name": entry.name,
        "params": entry.params,
        "link": link.as_str(),
        "notes": notes,
        "check": check.to_json(),
        "blob": blob_json(entry.blob_bytes, &entry.blob_sha256, entry.nodes),
    })
}

fn describe(entry: &Entry, added: bool) -> String {
    let id = &entry.id;
    if !added {
        return format!("{id} is registered already, since {}", entry.created_at);
    }
    format!(
        "{id} is registered: {} trees, {} nodes, {} bytes; `trainer evaluate {id} --data FILE` measures it, `trainer promote {id}` makes it the champion",
        entry.params["trees"], entry.nodes, entry.blob_bytes
    )
}

impl From<ImportTarget> for Target {
    fn from(target: ImportTarget) -> Target {
        match target {
            ImportTarget::LogPrice => Target::LogPrice,
            ImportTarget::Price => Target::Price,
        }
    }
}
