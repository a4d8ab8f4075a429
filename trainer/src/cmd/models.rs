//! `trainer list`, `trainer show` and `trainer prune`: list, show and remove registered models.

use anyhow::Result;
use comfy_table::Table;
use inference::{Predictor, PriceLists};
use serde_json::{Value, json};

use super::table::align_left;
use super::{Context, Piece, blob_json, columns, errors, figure, metric, table, title};
use crate::cli::LayoutArgs;
use registry::{Entry, Promotion, Pruning, Registry};

/// Lists every registered model, newest first.
pub(super) async fn list(context: &Context, layout: LayoutArgs) -> Result<()> {
    let registry = context.registry().await?;
    let models = registry.models().await?;
    let champion = registry.champion().await?;
    let is_champion = |entry: &Entry| champion.as_deref() == Some(entry.id.as_str());
    let promotions = registry.promotions().await?;
    let mut summaries: Vec<Value> =
        models.iter().map(|entry| summary(entry, is_champion(entry))).collect();
    // The table for people does not have it.
    if context.json {
        for (summary, entry) in summaries.iter_mut().zip(&models) {
            add_prices(summary, read(&registry, &entry.id).await?.as_ref());
        }
    }
    let document = json!({
        "champion": champion,
        "promotion": promotions.last().map(|promotion| {
            json!({ "promoted_at": promotion.promoted_at, "reason": promotion.reason })
        }),
        "models": summaries,
    });
    context.print_pieces(layout, &document, || {
        if models.is_empty() {
            let nothing = String::from("no models yet; `trainer train` registers some");
            return vec![Piece::Line(nothing)];
        }
        let mut table = columns(
            "id | role | family | holdout MAE | within 10 % | cv MAE | rows | nodes | bytes | created",
        );
        align_left(&mut table, 1);
        align_left(&mut table, 2);
        for entry in &models {
            table.add_row(vec![
                entry.id.clone(),
                String::from(if is_champion(entry) { "champion" } else { "" }),
                title(entry),
                metric(&entry.metrics, "holdout", "mae", 2),
                metric(&entry.metrics, "holdout", "within_10_percent", 4),
                metric(&entry.metrics, "cv", "mae", 2),
                metric(&entry.metrics, "train", "n", 0),
                entry.nodes.to_string(),
                entry.blob_bytes.to_string(),
                entry.created_at.clone(),
            ]);
        }
        let champion = promotions.last().map(|promotion| {
            let Promotion { model_id, promoted_at, reason, .. } = promotion;
            Piece::Line(format!("champion {model_id} since {promoted_at}: {reason}"))
        });
        std::iter::once(Piece::Table(table.into())).chain(champion).collect()
    })
}

/// What every command says of a model of the registry.
pub(super) fn summary(entry: &Entry, champion: bool) -> Value {
    json!({
        "id": entry.id,
        "family": entry.family,
        "name": entry.name,
        "champion": champion,
        "created_at": entry.created_at,
        "params": entry.params,
        "metrics": entry.metrics,
        "dataset_sha256": entry.dataset_sha256,
        "split_sha256": entry.split_sha256,
        "seed": entry.seed,
        "blob": blob_json(entry.blob_bytes, &entry.blob_sha256, entry.nodes),
        "seconds": entry.seconds,
    })
}

/// A model of the registry; `None` where its blob cannot be read.
async fn read(registry: &Registry, id: &str) -> Result<Option<Predictor>> {
    Ok(Predictor::from_blob(&registry.blob(id).await?).ok())
}

/// Adds which prices a model gives.
fn add_prices(summary: &mut Value, model: Option<&Predictor>) {
    summary["prices_in"] = json!(model.and_then(|model| model.header().prices_in));
    summary["price_lists"] = json!(model.map_or(&PriceLists::NONE, Predictor::price_lists));
}

/// Shows everything the registry knows of one model.
pub(super) async fn show(context: &Context, id: &str, layout: LayoutArgs) -> Result<()> {
    let registry = context.registry().await?;
    let entry = registry.find(id).await?;
    let champion = registry.champion().await?.as_deref() == Some(entry.id.as_str());
    let runs = registry.runs_of(&entry.id).await?;
    let mut promotions = registry.promotions().await?;
    promotions.retain(|promotion| promotion.model_id == entry.id);
    let mut document = summary(&entry, champion);
    let model = read(&registry, &entry.id).await?;
    add_prices(&mut document, model.as_ref());
    document["runs"] = json!(runs);
    document["promotions"] = json!(promotions);
    let datasets = registry.datasets().await?;
    let dataset =
        datasets.iter().find(|dataset| entry.dataset_sha256.as_ref() == Some(&dataset.sha256));
    document["dataset"] = json!(dataset);
    context.print_pieces(layout, &document, || {
        let mut scores = table(&["rows", "n", "MAE", "RMSE", "R²", "MAPE", "within 10 %"]);
        for part in ["train", "holdout", "cv"] {
            let first = [part.to_owned(), metric(&entry.metrics, part, "n", 0)];
            scores.add_row(first.into_iter().chain(errors(&entry.metrics, part)));
        }
        let Entry { id, created_at, seconds, blob_bytes, nodes, blob_sha256, .. } = &entry;
        let role = if champion { ", the champion" } else { "" };
        let mut pieces: Vec<Piece> = [
            format!("{} {id}{role}", title(&entry)),
            format!("created {created_at}, {seconds:.1} s"),
            format!("blob {blob_bytes} bytes, {nodes} nodes, sha256 {blob_sha256}"),
            format!("settings {}", entry.params),
        ]
        .map(Piece::Line)
        .into();
        pieces.extend(model.as_ref().map(|model| Piece::Line(prices(model))));
        pieces.extend(dataset.map(|dataset| {
            let (rows, source) = (dataset.rows, &dataset.source);
            Piece::Line(format!(
                "{rows} rows of {source}; `trainer data export --model {id}` gives them back"
            ))
        }));
        pieces.push(Piece::Table(scores.into()));
        let tables = ranges(&entry.metrics["interval"]).into_iter();
        pieces.extend(tables.map(|table| Piece::Table(table.into())));
        pieces.extend(runs.iter().filter_map(|run| {
            let (id, trials) = (run["id"].as_str()?, run["trials"].as_u64()?);
            Some(Piece::Line(match trials {
                0 => format!("run {id}"),
                _ => format!("run {id}: {trials} trials, `trainer trials {id}` lists them"),
            }))
        }));
        pieces.extend(promotions.iter().map(|promotion| {
            Piece::Line(format!("promoted {}: {}", promotion.promoted_at, promotion.reason))
        }));
        pieces
    })
}

/// Which prices a model gives, in words.
fn prices(model: &Predictor) -> String {
    let prices_in = model.header().prices_in;
    let prices_in = prices_in
        .map_or_else(|| String::from("of an unknown currency and year"), |it| format!("in {it}"));
    let lists = model.price_lists();
    match lists.is_empty() {
        true => format!("prices {prices_in}, without price lists"),
        false => format!("prices {prices_in}, by the price lists {lists}"),
    }
}

/// What the model's ranges hold of the held-out rows, and how wide they are; once more without price lists where the model
/// knows any.
fn ranges(interval: &Value) -> Vec<Table> {
    let tables = [("stones", ""), ("stones without a list", "_without_list")];
    tables.into_iter().filter_map(|(stones, suffix)| range(interval, stones, suffix)).collect()
}

fn range(interval: &Value, stones: &str, without: &str) -> Option<Table> {
    let suffixes = [String::from(without), format!("_four_cs{without}")];
    interval[format!("holdout_coverage{without}")].as_f64()?;
    let mut ranges = table(&[stones, "in range", "width", "four Cs: in range", "width"]);
    let mut row = |what: String, [measured, four_cs]: [[Value; 2]; 2]| {
        let figures = [measured, four_cs]
            .map(|[held, width]| [figure(held.as_f64(), 3), figure(width.as_f64(), 0)]);
        ranges.add_row(std::iter::once(what).chain(figures.into_iter().flatten()));
    };
    let all = |suffix: &String| {
        [format!("holdout_coverage{suffix}"), format!("mean_width_usd{suffix}")]
            .map(|name| interval[name].clone())
    };
    row(String::from("all held out"), suffixes.each_ref().map(all));
    for (name, digits, unit) in [("by_price_fifth", 0, "$"), ("by_carat_fifth", 2, "carats")] {
        let parts = |suffix: &String| interval[format!("{name}{suffix}")].as_array();
        let [measured, four_cs] = suffixes.each_ref().map(parts);
        for (measured, four_cs) in measured.into_iter().flatten().zip(four_cs.into_iter().flatten())
        {
            let [low, high] = ["low", "high"].map(|end| measured[end].as_f64().unwrap_or_default());
            let of = |part: &Value| [part["coverage"].clone(), part["mean_width_usd"].clone()];
            let what = format!("{low:.digits$} to {high:.digits$} {unit}");
            row(what, [of(measured), of(four_cs)]);
        }
    }
    Some(ranges)
}

/// Removes models that are no longer needed.
pub(super) async fn prune(context: &Context, keep: u32, dry_run: bool) -> Result<()> {
    let pruning = context.registry().await?.prune(keep, dry_run).await?;
    let mut document = pruning.to_json();
    document["keep"] = json!(keep);
    document["dry_run"] = json!(dry_run);
    context.print(&document, || describe_pruning(&pruning, dry_run))
}

fn describe_pruning(pruning: &Pruning, dry_run: bool) -> String {
    let verb = if dry_run { "would remove" } else { "removed" };
    let models = pruning.models.iter().map(|model| {
        let of = format!("{} of {}", model.family, model.created_at);
        format!("{verb} {} ({of}, {} bytes)", model.id, model.bytes)
    });
    let datasets = pruning.datasets.iter().map(|dataset| {
        let sha256: String = dataset.sha256.chars().take(12).collect();
        let of = format!("{} rows of {}", dataset.rows, dataset.source);
        format!("{verb} the data set {sha256} ({of}, {} bytes)", dataset.bytes)
    });
    let mut lines: Vec<String> = models.chain(datasets).collect();
    lines.push(format!(
        "{verb} {} models and {} data sets, {} bytes; {} models {}",
        pruning.models.len(),
        pruning.datasets.len(),
        pruning.bytes(),
        pruning.kept,
        if dry_run { "would stay" } else { "stay" },
    ));
    match pruning.reusable_bytes {
        Some(bytes) if !dry_run && bytes > 0 => lines.push(format!(
            "{bytes} bytes of the file are free for new rows, and `VACUUM` would give them back to the disk"
        )),
        _ => {}
    }
    lines.join("\n")
}
