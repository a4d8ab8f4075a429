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
use learning::diameters::{ExchangedChange, exchanged_change};
use learning::imported::{Fitted, MOST_ROWS, MissingRule};
use learning::number::count;
use learning::price_check::{PriceCheck, error};
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
    let form = Form::Trees(booster.trees);
    let known = stones.usable().0;
    let fitted = Fitted::of(&form, link, &known);
    if let Some(fitted) = &fitted {
        notes.extend(said_of(fitted));
        params["missing_measures"] = json!(fitted.missing_measures);
        params["calibrated_on_rows"] = json!(fitted.interval.map(|_| fitted.missing_measures.rows));
    }
    let model = model(form, link, fitted);
    let blob = blob::encode(&model).map_err(|error| refused(&error))?;
    let (id, model) = (ModelId::of(&blob), Predictor::new(model));
    let change = exchanged_change(&model, &known);
    notes.extend(change.map(|change| said_of_order(change, known.len())));
    params["order_of_diameters"] = json!(change);
    let check = registry::price_check::check(&registry, id.as_str(), &model, &stones).await?;
    let objection = check.objection();
    params["check"] = check.to_json();
    params["forced"] = json!(objection.is_some());
    match objection {
        Some(objection) if args.force => {
            notes.insert(0, format!("it was registered by --force: {objection}"));
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

/// The model as it is served. Which rows it learnt from is not known, so it has no scores and no domain.
fn model(form: Form, link: Link, fitted: Option<Fitted>) -> Model {
    let encoder = fitted.map_or(Encoder::Passthrough, |fitted| fitted.encoder);
    let interval = fitted.and_then(|fitted| fitted.interval);
    Model { header: Header { interval, ..Header::new(FAMILY, encoder, link) }, form }
}

/// What the model was given, and why.
fn said_of(fitted: &Fitted) -> Vec<String> {
    let missing = &fitted.missing_measures;
    let rows = count(missing.rows);
    let (own, imputed) = (error(missing.own_rule_mae), error(missing.imputed_mae));
    let rule = match missing.rule {
        MissingRule::Imputed => format!(
            "missing measures are imputed from weight and cut: by the four Cs alone the mean absolute error on {rows} rows of the database is {imputed} then, and {own} by the model's own rule for missing values, as if it had learnt from complete rows"
        ),
        MissingRule::Own => format!(
            "missing measures are left to the model's own rule for missing values: by the four Cs alone the mean absolute error on {rows} rows of the database is {own} by it, and {imputed} with imputed measures"
        ),
    };
    let range = fitted.interval.map(|_| {
        format!(
            "its ranges were calibrated on the same {rows} rows; if it has learnt from them, they are too narrow"
        )
    });
    [Some(rule), range].into_iter().flatten().collect()
}

/// What turning a stone does to its price.
fn said_of_order(change: ExchangedChange, rows: usize) -> String {
    let ExchangedChange { mean_change_percent, max_change_percent } = change;
    format!(
        "its prices depend on the order of x and y: exchanged, they change the price by {mean_change_percent:.2} percent on average over {} rows of the database, and by up to {max_change_percent:.1} percent",
        count(rows)
    )
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
        "order_of_diameters": entry.params["order_of_diameters"],
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
