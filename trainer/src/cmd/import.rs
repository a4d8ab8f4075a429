//! `trainer import`: registers a model that XGBoost saved.

use std::time::Instant;

use anyhow::Result;
use inference::{Encoder, Form, Header, Link, Model, ModelId, blob};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use xgboost_model::{Booster, Target};

use super::{Context, Failure, blob_json};
use crate::cli::{ImportArgs, ImportTarget};
use data::stone::hex;
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
    let params = params(args, &bytes, &booster);
    let notes = booster.notes.clone();
    let model = model(booster, link);
    let blob = blob::encode(&model).map_err(|error| refused(&error))?;
    let registration = Registration {
        family: String::from(FAMILY),
        name: args.name.clone(),
        params,
        metrics: json!({ "train": null, "holdout": null, "cv": null }),
        dataset_sha256: None,
        split_sha256: None,
        seed: None,
        blob_sha256: hex(&Sha256::digest(&blob)),
        nodes: model.form.nodes(),
        seconds: started.elapsed().as_secs_f64(),
        exact_blob: None,
        blob,
    };
    let database = Database::open_or_make(&context.place).await?;
    let registry = Registry::new(database.connect().await?);
    let added = registry.add(&registration).await?;
    let entry = registry.find(ModelId::of(&registration.blob).as_str()).await?;
    let progress = Context::progress();
    for note in &notes {
        progress.say(&format!("{}: {note}", args.file.display()));
    }
    let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
    context.print(&document(&entry, added, link, &notes), || describe(&entry, added))
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

fn document(entry: &Entry, added: bool, link: Link, notes: &[String]) -> Value {
    json!({
        "id": entry.id,
        "added": added,
        "family": entry.family,
        "name": entry.name,
        "params": entry.params,
        "link": link.as_str(),
        "notes": notes,
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
